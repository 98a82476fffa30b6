import { canonicalText, equalValues, isArray, isObject, type Value } from "../value";
import { define, type FunctionDefinition, type FunctionTable } from "./definition";

/** Whether `item` has every property of `part` with equal values, objects compared in the same way. */
function matchesPartially(item: Value, part: Value): boolean {
  if (!isObject(part) || !isObject(item)) return equalValues(item, part);
  return Object.keys(part).every(
    (name) => Object.hasOwn(item, name) && matchesPartially(item[name], part[name]),
  );
}

function contains(items: readonly Value[], wanted: Value, partial: boolean): boolean {
  return items.some((item) => (partial ? matchesPartially(item, wanted) : equalValues(item, wanted)));
}

function containsEach(all: boolean): FunctionDefinition {
  return define(2, 100, (items, ...wanted) => {
    if (!isArray(items)) return undefined;
    const test = (value: Value) => value !== undefined && contains(items, value, false);
    return all ? wanted.every(test) : wanted.some(test);
  });
}

/** Combines two arrays as sets; the first of equal values stays. */
function combined(
  keep: (first: ReadonlySet<string>, second: ReadonlySet<string>, key: string) => boolean,
  both: boolean,
) {
  return define(2, 2, (left, right) => {
    if (!isArray(left) || !isArray(right)) return undefined;
    const leftKeys = new Set(left.map(canonicalText));
    const rightKeys = new Set(right.map(canonicalText));
    const seen = new Set<string>();
    return (both ? [...left, ...right] : left).filter((value) => {
      const key = canonicalText(value);
      if (seen.has(key) || !keep(leftKeys, rightKeys, key)) return false;
      seen.add(key);
      return true;
    });
  });
}

export const arrayFunctions: FunctionTable = {
  ARRAY_CONCAT: define(2, 100, (...arrays) =>
    arrays.every(isArray) ? (arrays as (readonly Value[])[]).flat() : undefined,
  ),
  ARRAY_CONTAINS: define(2, 3, (items, wanted, partial = false) =>
    isArray(items) && wanted !== undefined && typeof partial === "boolean"
      ? contains(items, wanted, partial)
      : undefined,
  ),
  ARRAY_CONTAINS_ANY: containsEach(false),
  ARRAY_CONTAINS_ALL: containsEach(true),
  ARRAY_LENGTH: define(1, 1, (items) => (isArray(items) ? items.length : undefined)),
  ARRAY_SLICE: define(2, 3, (items, start, length) => {
    if (!isArray(items) || typeof start !== "number") return undefined;
    if (length !== undefined && typeof length !== "number") return undefined;
    const from = start < 0 ? Math.max(0, items.length + start) : start;
    return items.slice(from, length === undefined ? undefined : from + Math.max(0, length));
  }),
  CHOOSE: define(2, 100, (index, ...choices) => (typeof index === "number" ? choices[index - 1] : undefined)),
  OBJECTTOARRAY: define(1, 3, (object, key = "k", value = "v") => {
    if (!isObject(object) || typeof key !== "string" || typeof value !== "string") return undefined;
    return Object.entries(object).map(([name, item]) => ({ [key]: name, [value]: item }));
  }),
  SETINTERSECT: combined((_, right, key) => right.has(key), false),
  SETUNION: combined(() => true, true),
  SETDIFFERENCE: combined((_, right, key) => !right.has(key), false),
};
