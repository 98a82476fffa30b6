/** A JSON value, or undefined: what is absent, and what an operation on the wrong types yields. */
export type Value = undefined | null | boolean | number | string | readonly Value[] | ObjectValue;

export interface ObjectValue {
  readonly [name: string]: Value;
}

export function isObject(value: Value): value is ObjectValue {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Rank of a value's type in ORDER BY: undefined, null, false, true, numbers, strings, arrays, objects. */
function typeRank(value: Value): number {
  switch (typeof value) {
    case "undefined":
      return 0;
    case "boolean":
      return value ? 3 : 2;
    case "number":
      return 4;
    case "string":
      return 5;
    default:
      return value === null ? 1 : isArray(value) ? 6 : 7;
  }
}

/** Compares strings by code point, as the service does; `<` on JavaScript strings compares UTF-16 units. */
export function compareStrings(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    const aSurrogate = a >= 0xd800 && a <= 0xdfff;
    const bSurrogate = b >= 0xd800 && b <= 0xdfff;
    if (aSurrogate !== bSurrogate) return aSurrogate ? 1 : -1;
    return a < b ? -1 : 1;
  }
  return left.length - right.length;
}

/** Total order of ORDER BY, MIN and MAX over every type. */
export function compareOrdered(left: Value, right: Value): number {
  const leftRank = typeRank(left);
  const rightRank = typeRank(right);
  if (leftRank !== rightRank) return leftRank - rightRank;
  if (typeof left === "number") return left - (right as number);
  if (typeof left === "string") return compareStrings(left, right as string);
  if (leftRank >= 6) return compareStrings(canonicalText(left), canonicalText(right));
  return 0;
}

/** Deep equality; false for values of different types. Undefined is not handled here. */
export function equalValues(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (isArray(left) || isArray(right)) {
    if (!isArray(left) || !isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => equalValues(item, right[index]));
  }
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => Object.hasOwn(right, name) && equalValues(left[name], right[name]));
}

/** A text that is equal exactly for equal values, whatever the order of properties; undefined has its own. */
export function canonicalText(value: Value): string {
  if (value === undefined) return "u";
  if (typeof value !== "object" || value === null) {
    return typeof value === "number" && value === 0 ? "0" : JSON.stringify(value);
  }
  if (isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalText(value[name])}`).join(",")}}`;
}

/** Returns the member that a name or an index names; undefined when there is none. */
export function memberOf(object: Value, property: Value): Value {
  if (typeof object !== "object" || object === null) return undefined;
  if (isArray(object)) return typeof property === "number" ? object[property] : undefined;
  return typeof property === "string" && Object.hasOwn(object, property) ? object[property] : undefined;
}

/** A number that JSON can hold, or undefined. */
export function finite(value: number): Value {
  return Number.isFinite(value) ? value : undefined;
}
