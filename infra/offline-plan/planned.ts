import { dependenciesOf } from "../checks/graph-checks";
import { ReferenceResolver, referencesIn } from "../checks/references";
import {
  isObject,
  type JsonObject,
  type JsonValue,
  type SynthesisedResource,
  type SynthesisedStack,
  type SynthesisedStage,
} from "../checks/synthesis";
import { guidOf, inventText, type KnownResource } from "./invented";

/** What `terraform show -json` says of a plan, as far as it is used. */
export interface PlanJson {
  readonly planned_values?: {
    readonly outputs?: Readonly<Record<string, { readonly value?: JsonValue }>>;
    readonly root_module?: { readonly resources?: readonly PlannedResource[] };
  };
  readonly resource_changes?: readonly ResourceChange[];
}

export interface PlannedResource {
  readonly address: string;
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly provider_name: string;
  readonly schema_version: number;
  readonly values: JsonObject;
  /** True where a value is secret, in the shape of the values. */
  readonly sensitive_values?: JsonValue;
}

export interface ResourceChange {
  readonly address: string;
  readonly mode: string;
  readonly type: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: JsonValue;
    readonly after: JsonValue;
    readonly after_unknown: JsonValue;
    readonly replace_paths?: readonly (readonly (string | number)[])[];
  };
}

/** Provider schemas as `terraform providers schema -json` gives them. */
export interface ProviderSchemas {
  readonly provider_schemas?: Readonly<
    Record<string, { readonly resource_schemas?: Readonly<Record<string, { readonly block: SchemaBlock }>> }>
  >;
}

/** A block of a provider's schema, as far as it is used. */
export interface SchemaBlock {
  readonly attributes?: Readonly<
    Record<string, { readonly type?: JsonValue; readonly nested_type?: JsonValue }>
  >;
  readonly block_types?: Readonly<
    Record<string, { readonly block: SchemaBlock; readonly nesting_mode?: string }>
  >;
}

/**
 * The planned resources with a value for everything that only Azure knows: what an argument takes from another resource
 * is that resource's value, everything else is invented.
 */
export function completed(
  plan: PlanJson,
  stack: SynthesisedStack,
  schemas: ProviderSchemas,
): Map<string, PlannedResource> {
  const unknown = new Map(
    (plan.resource_changes ?? []).map(({ address, change }) => [address, change.after_unknown]),
  );
  const planned = new Map(
    (plan.planned_values?.root_module?.resources ?? [])
      .filter(({ mode }) => mode === "managed")
      .map((resource) => [resource.address, resource]),
  );
  const configured = new Map(stack.resources.map((resource) => [resource.address, resource]));
  const needs = dependenciesOf(stack.resources);
  const resources = new Map<string, PlannedResource>();
  const visit = (address: string): void => {
    const resource = planned.get(address);
    if (resource === undefined || resources.has(address)) return;
    for (const need of needs.get(address) ?? []) visit(need);
    const known: KnownResource = {
      type: resource.type,
      key: `${stack.name}:${address}`,
      values: resource.values,
    };
    const filler = new Filler(resources, known);
    const block = schemaOf(resource, schemas);
    // Arguments first: the id is made of them.
    const { id, ...others } = isObject(unknown.get(address)) ? (unknown.get(address) as JsonObject) : {};
    let values = filler.fill(
      resource.values,
      others,
      configured.get(address)?.args ?? {},
      block,
      "",
    ) as JsonObject;
    if (id === true) {
      values = { ...values, id: inventText("id", { ...known, values }) };
    }
    resources.set(address, { ...resource, values });
  };
  for (const address of planned.keys()) visit(address);
  return resources;
}

/** The block of a resource's type, where the schemas have it. */
export function schemaOf(resource: PlannedResource, schemas: ProviderSchemas): SchemaBlock | undefined {
  return schemas.provider_schemas?.[resource.provider_name]?.resource_schemas?.[resource.type]?.block;
}

class Filler {
  readonly #done: ReadonlyMap<string, PlannedResource>;
  readonly #resource: KnownResource;

  constructor(done: ReadonlyMap<string, PlannedResource>, resource: KnownResource) {
    this.#done = done;
    this.#resource = resource;
  }

  /** Puts values where `unknown` is true. */
  fill(
    value: JsonValue,
    unknown: JsonValue,
    config: JsonValue,
    block: SchemaBlock | undefined,
    path: string,
  ): JsonValue {
    if (unknown === true) return this.#taken(config) ?? inventText(path, this.#resource);
    if (Array.isArray(unknown)) {
      const items = Array.isArray(value) ? value : [];
      const configs = Array.isArray(config) ? config : [config];
      return unknown.map((mark, index) =>
        this.fill(items[index] ?? null, mark, configs[index] ?? null, block, `${path}[${index}]`),
      );
    }
    if (!isObject(unknown)) return value;
    const filled: JsonObject = isObject(value) ? { ...value } : {};
    for (const [key, mark] of Object.entries(unknown)) {
      const attribute = block?.attributes?.[key];
      const nested = block?.block_types?.[key]?.block;
      const inner = path === "" ? key : `${path}.${key}`;
      const given = (isObject(config) ? config[key] : undefined) ?? null;
      if (mark === true) {
        filled[key] =
          this.#taken(given) ?? inventOf(attribute?.type, inner, this.#resource, nested !== undefined);
      } else {
        filled[key] = this.fill(filled[key] ?? null, mark, given, nested, inner);
      }
    }
    return filled;
  }

  /** What an expression takes from resources of the stack; undefined when it does more than that. */
  #taken(config: JsonValue): JsonValue | undefined {
    if (Array.isArray(config)) {
      const items = config.map((item) =>
        typeof item === "string" && !item.includes("${") ? item : this.#taken(item),
      );
      return items.every((item) => item !== undefined) ? (items as JsonValue[]) : undefined;
    }
    if (typeof config !== "string" || !config.includes("${")) return undefined;
    let complete = true;
    const text = config.replaceAll(/\$\{([^{}]*)\}/g, (whole, body: string) => {
      const [reference] = referencesIn(whole);
      const found =
        reference?.text === body.trim() && reference.kind === "resource"
          ? this.#done.get(reference.target)
          : undefined;
      const value = found === undefined ? undefined : at(found.values, reference!.attribute);
      if (value === undefined || value === null || typeof value === "object") complete = false;
      return String(value);
    });
    return complete ? text : undefined;
  }
}

function inventOf(
  type: JsonValue | undefined,
  path: string,
  resource: KnownResource,
  isBlock: boolean,
): JsonValue {
  if (isBlock) return [];
  if (type === "number") return 0;
  if (type === "bool") return false;
  if (Array.isArray(type)) {
    const [kind, inner] = type;
    if (kind === "map") return {};
    if (kind === "object" && isObject(inner)) {
      return Object.fromEntries(
        Object.entries(inner).map(([key, each]) => [key, inventOf(each, `${path}.${key}`, resource, false)]),
      );
    }
    // A service with an identity has one, and others refer to its first element.
    if (isObject(Array.isArray(inner) ? inner[1] : undefined) && path.endsWith("identity")) {
      return [inventOf(inner, `${path}[0]`, resource, false)];
    }
    return [];
  }
  return inventText(path, resource);
}

/** The outputs of a planned stack, with invented values for what is not known before the deployment. */
export function outputsOf(
  stage: SynthesisedStage,
  stack: SynthesisedStack,
  plan: PlanJson,
  resources: ReadonlyMap<string, PlannedResource>,
): Record<string, JsonValue> {
  const resolver = new ReferenceResolver(stage);
  const outputs: Record<string, JsonValue> = {};
  for (const [name, expression] of Object.entries(stack.outputs)) {
    const planned = plan.planned_values?.outputs?.[name]?.value;
    if (planned !== undefined && planned !== null) {
      outputs[name] = planned;
      continue;
    }
    outputs[name] =
      typeof expression !== "string"
        ? expression
        : expression.replaceAll(/\$\{[^{}]*\}/g, (whole) => {
            const target = resolver.target(stack.name, whole);
            if (target === undefined) return guidOf(`${stack.name}.${name}`);
            const found = resources.get(target.resource.address);
            const value = found === undefined ? undefined : at(found.values, target.attribute);
            if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
              return String(value);
            const known = found?.values ?? literalsOf(target.resource, resolver);
            const given = known[target.attribute];
            if (typeof given === "string") return given;
            return inventText(target.attribute, {
              type: target.resource.type,
              key: target.resource.key,
              values: known,
            });
          });
  }
  return outputs;
}

/** Arguments whose text is known from the configuration alone. */
function literalsOf({ stack, args }: SynthesisedResource, resolver: ReferenceResolver): JsonObject {
  return Object.fromEntries(
    Object.entries(args).flatMap(([key, value]) => {
      const literal = resolver.literal(stack, value);
      return literal === undefined ? [] : [[key, literal]];
    }),
  );
}

/** Value at an attribute path such as `identity[0].principal_id`. */
function at(value: JsonValue, path: string): JsonValue | undefined {
  let current: JsonValue | undefined = value;
  for (const word of path
    .replaceAll(/\[(\d+)\]/g, ".$1")
    .split(".")
    .filter((each) => each !== "")) {
    if (Array.isArray(current)) current = current[Number(word)];
    else if (isObject(current)) current = current[word];
    else return undefined;
  }
  return current;
}
