import { type CosmosError, errors } from "../cosmos-error";
import type { ObjectValue, Value } from "../sql";

/** Operations of one patch request; the service takes no more. */
export const maxPatchOperations = 10;

export interface PatchOperation {
  readonly op: "add" | "set" | "replace" | "remove" | "incr" | "move";
  readonly path: string;
  readonly from?: string;
  readonly value?: Value;
}

type Mutable = { [name: string]: unknown } | unknown[];

/** Reads the body of a patch: operations with an optional condition, or the bare operations. @throws CosmosError 400 */
export function readPatch(body: unknown): { operations: PatchOperation[]; condition: string | undefined } {
  const { operations, condition } = (Array.isArray(body) ? { operations: body } : (body ?? {})) as Record<
    string,
    unknown
  >;
  if (!Array.isArray(operations) || operations.length === 0) throw errors.invalidInput("operations");
  if (operations.length > maxPatchOperations) {
    throw errors.badRequest(`The number of patch operations can't exceed '${maxPatchOperations}'.`);
  }
  if (condition !== undefined && typeof condition !== "string")
    throw errors.badRequest("The patch condition must be a text.");
  return { operations: operations.map(readOperation), condition };
}

function readOperation(operation: unknown): PatchOperation {
  const { op, path, from, value } = (operation ?? {}) as Record<string, unknown>;
  const known = ["add", "set", "replace", "remove", "incr", "move"].includes(op as string);
  if (!known) throw errors.badRequest(`Patch operation '${String(op)}' is not supported.`);
  if (typeof path !== "string" || !path.startsWith("/"))
    throw errors.badRequest("A patch path must start with '/'.");
  if (op === "move" && (typeof from !== "string" || !from.startsWith("/"))) {
    throw errors.badRequest("A move needs the path 'from'.");
  }
  if (op !== "remove" && op !== "move" && value === undefined) {
    throw errors.badRequest(`Patch operation '${String(op)}' needs a value.`);
  }
  return {
    op: op as PatchOperation["op"],
    path,
    ...(from !== undefined && { from: from as string }),
    value: value as Value,
  };
}

/** Returns the item after all operations. @throws CosmosError 400 when one cannot be applied */
export function applyPatch(
  item: ObjectValue,
  operations: readonly PatchOperation[],
  protectedPaths: ReadonlySet<string>,
): ObjectValue {
  const result = structuredClone(item) as { [name: string]: unknown };
  for (const operation of operations) {
    for (const path of [operation.path, ...(operation.from === undefined ? [] : [operation.from])]) {
      const first = `/${pointerSteps(path)[0]}`;
      if (protectedPaths.has(path) || protectedPaths.has(first)) {
        throw errors.badRequest(
          `Cannot patch the path '${path}': it is the id, a system property or the partition key.`,
        );
      }
    }
    applyOperation(result, operation);
  }
  return result as ObjectValue;
}

function applyOperation(item: { [name: string]: unknown }, { op, path, from, value }: PatchOperation): void {
  switch (op) {
    case "add":
      insertAt(item, path, value, true);
      break;
    case "set":
      insertAt(item, path, value, false);
      break;
    case "replace":
      if (valueAt(item, path) === undefined) throw noSuchPath(op, path);
      insertAt(item, path, value, false);
      break;
    case "remove":
      removeAt(item, path, op);
      break;
    case "move":
      moveTo(item, from as string, path);
      break;
    case "incr":
      increment(item, path, value);
      break;
  }
}

function moveTo(item: { [name: string]: unknown }, from: string, path: string): void {
  const moved = valueAt(item, from);
  if (moved === undefined) throw noSuchPath("move", from);
  if (path.startsWith(`${from}/`)) {
    throw errors.badRequest("A move cannot go below the path that it takes from.");
  }
  removeAt(item, from, "move");
  insertAt(item, path, moved, true);
}

function increment(item: { [name: string]: unknown }, path: string, by: Value): void {
  const current = valueAt(item, path);
  if (typeof by !== "number") throw errors.badRequest("An increment needs a number.");
  if (current !== undefined && typeof current !== "number") {
    throw errors.badRequest(`The value at '${path}' is no number and cannot be incremented.`);
  }
  insertAt(item, path, (current ?? 0) + by, false);
}

function pointerSteps(path: string): string[] {
  return path
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function noSuchPath(op: string, path: string): CosmosError {
  return errors.badRequest(`For operation '${op}' the path '${path}' does not exist.`);
}

function stepInto(container: unknown, step: string): unknown {
  if (Array.isArray(container)) return /^(0|[1-9]\d*)$/.test(step) ? container[Number(step)] : undefined;
  if (typeof container !== "object" || container === null) return undefined;
  return Object.hasOwn(container, step) ? (container as { [name: string]: unknown })[step] : undefined;
}

function valueAt(item: Mutable, path: string): unknown {
  return pointerSteps(path).reduce<unknown>(stepInto, item);
}

function parentOf(item: Mutable, path: string): { parent: Mutable; last: string } {
  const steps = pointerSteps(path);
  const last = steps.pop() as string;
  const parent = steps.reduce<unknown>(stepInto, item);
  if (typeof parent !== "object" || parent === null) {
    throw errors.badRequest(`The path '${path}' cannot be reached: its parent does not exist.`);
  }
  return { parent: parent as Mutable, last };
}

/** Sets a property or an element; `insert` shifts an array's later elements, otherwise the element is replaced. */
function insertAt(item: Mutable, path: string, value: unknown, insert: boolean): void {
  const { parent, last } = parentOf(item, path);
  if (!Array.isArray(parent)) {
    Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true });
    return;
  }
  const index = last === "-" ? parent.length : Number(last);
  if (!Number.isInteger(index) || index < 0 || index > parent.length) {
    throw errors.badRequest(`The index of the path '${path}' is out of range.`);
  }
  if (insert) parent.splice(index, 0, value);
  else parent[index] = value;
}

function removeAt(item: Mutable, path: string, op: string): void {
  const { parent, last } = parentOf(item, path);
  if (stepInto(parent, last) === undefined) throw noSuchPath(op, path);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
}
