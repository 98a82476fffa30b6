import { errors } from "../cosmos-error";
import { memberOf, type ObjectValue, type Value } from "../sql";

/** Definition of a container's partition key: one path, or up to three for a hierarchical key. */
export interface PartitionKeyDefinition {
  readonly paths: readonly string[];
  readonly kind: "Hash" | "MultiHash";
  readonly version: number;
  readonly systemKey?: boolean;
}

/** One level of a partition key; undefined for a property that the item does not have. */
export type PartitionKeyPart = undefined | null | boolean | number | string;

/** Reads the definition of a container. @throws CosmosError 400 */
export function readPartitionKeyDefinition(value: unknown): PartitionKeyDefinition {
  if (value === undefined) return { paths: ["/_partitionKey"], kind: "Hash", version: 2, systemKey: true };
  const { paths, kind, version, systemKey } = value as Record<string, unknown>;
  const valid = Array.isArray(paths) && paths.length >= 1 && paths.length <= 3;
  if (!valid || !paths.every((path) => typeof path === "string" && /^(\/("[^"]+"|[^/"]+))+$/.test(path))) {
    throw errors.badRequest(
      `The partition key component definition path '${String(paths)}' could not be accepted`,
    );
  }
  if (paths.length > 1 && kind !== undefined && kind !== "MultiHash") {
    throw errors.badRequest("Too many partition key paths defined. Only one is allowed for kind Hash.");
  }
  return {
    paths: paths as string[],
    kind: paths.length > 1 || kind === "MultiHash" ? "MultiHash" : "Hash",
    version: version === 1 ? 1 : 2,
    ...(systemKey === true && { systemKey: true }),
  };
}

/** Property names along a path such as `/a/"b c"/d`. */
export function pathSteps(path: string): string[] {
  return [...path.matchAll(/\/(?:"([^"]+)"|([^/"]+))/g)].map(
    ([, quoted, plain]) => quoted ?? (plain as string),
  );
}

/** Returns the item's key. @throws CosmosError 400 when a level is an object or an array */
export function extractPartitionKey(
  steps: readonly (readonly string[])[],
  item: ObjectValue,
): PartitionKeyPart[] {
  return steps.map((names) => {
    const value = names.reduce<Value>(memberOf, item);
    if (typeof value === "object" && value !== null) throw errors.partitionKeyInvalid(JSON.stringify(value));
    return value;
  });
}

/** Reads `["a", 1, {}]`, the form of header and batch operation, where `{}` is undefined. @throws CosmosError 400 */
export function parsePartitionKey(text: string): PartitionKeyPart[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw errors.partitionKeyInvalid(text);
  }
  if (!Array.isArray(parsed) || parsed.length > 3) throw errors.partitionKeyInvalid(text);
  return parsed.map((part: unknown) => {
    if (typeof part !== "object" || part === null) return part as PartitionKeyPart;
    if (!Array.isArray(part) && Object.keys(part).length === 0) return undefined;
    throw errors.partitionKeyInvalid(text);
  });
}

/** A text that is equal exactly for equal keys; a shorter key's text without its `]` starts every key below it. */
export function partitionText(parts: readonly PartitionKeyPart[]): string {
  return `[${parts.map((part) => (part === undefined ? "{}" : JSON.stringify(part === 0 ? 0 : part))).join(",")}]`;
}

/** Whether the key lies under the given leading levels. */
export function startsWithParts(
  parts: readonly PartitionKeyPart[],
  prefix: readonly PartitionKeyPart[],
): boolean {
  return prefix.every((part, index) => parts[index] === part);
}
