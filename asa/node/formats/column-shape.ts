import { AsaRecord, DateTime, type Value } from "../../values";

/** The one type that can hold every value of a column; `mixed` when only text can. */
export type ColumnShape =
  | { readonly kind: "empty" | "bigint" | "float" | "bit" | "text" | "datetime" | "mixed" }
  | { readonly kind: "array"; readonly item: ColumnShape }
  | { readonly kind: "record"; readonly members: ReadonlyMap<string, ColumnShape> };

const empty: ColumnShape = { kind: "empty" };

/** Returns the shape of a value; NULL is empty. */
export function shapeOf(value: Value): ColumnShape {
  if (value === null) return empty;
  if (typeof value === "bigint") return { kind: "bigint" };
  if (typeof value === "number") return { kind: "float" };
  if (typeof value === "boolean") return { kind: "bit" };
  if (typeof value === "string") return { kind: "text" };
  if (value instanceof DateTime) return { kind: "datetime" };
  if (value instanceof AsaRecord)
    return {
      kind: "record",
      members: new Map(value.names.map((name, index) => [name, shapeOf(value.values[index] ?? null)])),
    };
  return { kind: "array", item: value.map(shapeOf).reduce(merged, empty) };
}

/** Returns the smallest shape that holds the values of both: bigint and float give float, other pairs mixed. */
export function merged(a: ColumnShape, b: ColumnShape): ColumnShape {
  if (a.kind === "empty") return b;
  if (b.kind === "empty") return a;
  if (a.kind === "array" && b.kind === "array") return { kind: "array", item: merged(a.item, b.item) };
  if (a.kind === "record" && b.kind === "record") {
    const members = new Map(a.members);
    for (const [name, shape] of b.members) members.set(name, merged(members.get(name) ?? empty, shape));
    return { kind: "record", members };
  }
  if (a.kind === b.kind) return a;
  const kinds = new Set([a.kind, b.kind]);
  return kinds.has("bigint") && kinds.has("float") ? { kind: "float" } : { kind: "mixed" };
}
