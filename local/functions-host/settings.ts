import { HostConfigError } from "./host-error";
import type { BindingInfo, FunctionMetadata } from "./rpc";

/**
 * Replaces each `%NAME%` in a function's bindings by the app setting of that name, as the host does before it reads them.
 * @throws HostConfigError naming the function, the property and the missing setting.
 */
export function resolveBindings(
  metadata: FunctionMetadata,
  settings: Readonly<Record<string, string>>,
): FunctionMetadata {
  const bindings: Record<string, BindingInfo> = {};
  for (const [name, binding] of Object.entries(metadata.bindings)) {
    bindings[name] = Object.fromEntries(
      Object.entries(binding).map(([property, value]) => [
        property,
        resolveValue(value, settings, `${metadata.name}: ${property}`),
      ]),
    ) as unknown as BindingInfo;
  }
  return { ...metadata, bindings };
}

function resolveValue(value: unknown, settings: Readonly<Record<string, string>>, place: string): unknown {
  if (typeof value !== "string") return value;
  return value.replaceAll(/%([^%\s]+)%/g, (_, name: string) => {
    const setting = settings[name];
    if (setting === undefined) {
      throw new HostConfigError(
        `${place} refers to the app setting ${name}, which is not set`,
        `set ${name}`,
      );
    }
    return setting;
  });
}

/** The connection string behind a binding's `connection`. @throws HostConfigError when the setting is absent. */
export function connectionStringOf(
  binding: BindingInfo,
  settings: Readonly<Record<string, string>>,
  functionName: string,
): string {
  const name = String(binding["connection"] ?? "");
  const value = settings[name] ?? settings[`AzureWebJobs${name}`];
  if (value === undefined || value === "") {
    throw new HostConfigError(
      `${functionName}: the connection setting ${name || "(none)"} is not set`,
      `set ${name || "connection"} to a connection string; on one machine identities are not used`,
    );
  }
  return value;
}

/** A binding's property as a text. @throws HostConfigError when it is absent. */
export function textProperty(binding: BindingInfo, property: string, functionName: string): string {
  const value = binding[property];
  if (typeof value !== "string" || value === "") {
    throw new HostConfigError(
      `${functionName}: its ${binding.type} has no ${property}`,
      `give ${property} where the function is registered`,
    );
  }
  return value;
}

/** The trigger among a function's bindings. @throws HostConfigError when there is none. */
export function triggerOf(metadata: FunctionMetadata): {
  readonly name: string;
  readonly binding: BindingInfo;
} {
  for (const [name, binding] of Object.entries(metadata.bindings)) {
    if (/trigger$/i.test(binding.type)) return { name, binding };
  }
  throw new HostConfigError(`${metadata.name} has no trigger`, "register it with a trigger");
}
