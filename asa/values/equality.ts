import { parseDateTime } from "./datetime";
import { typeOf } from "./types";
import { AsaRecord, DateTime, type Value } from "./value";

/** Raised inside a comparison whose operands the language does not convert; operators turn it into an AsaError. */
export class IncomparableError extends Error {
  readonly left: Value;
  readonly right: Value;
  constructor(left: Value, right: Value) {
    super(`values of type '${typeOf(left)}' and type '${typeOf(right)}' cannot be compared`);
    this.left = left;
    this.right = right;
  }
}

const ticksOf = (value: DateTime | string, other: Value): bigint => {
  if (value instanceof DateTime) return value.ticks;
  const ticks = parseDateTime(value);
  if (ticks === null) throw new IncomparableError(value, other);
  return ticks;
};

const numeric = (value: Value): value is bigint | number | boolean =>
  typeof value === "bigint" || typeof value === "number" || typeof value === "boolean";

/**
 * The `=` of the language; null when either side is NULL.
 *
 * Numbers and bits compare by value, datetime with text after reading the text; text never equals a number.
 */
export function equalValues(left: Value, right: Value): boolean | null {
  if (left === null || right === null) return null;
  if (typeof left === typeof right && typeof left !== "object") return left === right;
  if (numeric(left) && numeric(right)) return Number(left) === Number(right);
  if (left instanceof DateTime && (right instanceof DateTime || typeof right === "string")) {
    return left.ticks === ticksOf(right, left);
  }
  if (right instanceof DateTime && typeof left === "string") return ticksOf(left, right) === right.ticks;
  return sameStructure(left, right);
}

function sameStructure(left: Value, right: Value): boolean {
  if (left instanceof AsaRecord && right instanceof AsaRecord) {
    if (left.names.length !== right.names.length) return false;
    return left.names.every((name, index) => {
      const other = right.get(name);
      return other !== undefined && sameMember(left.values[index] ?? null, other);
    });
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, i) => sameMember(item, right[i] as Value));
  }
  return false;
}

const sameMember = (left: Value, right: Value): boolean =>
  left === null || right === null ? left === right : equalValues(left, right) === true;

/**
 * Order of two values for `<` and its kin: negative, zero or positive; null when either side is NULL.
 *
 * @throws {IncomparableError} for text against a number, and for records and arrays (OPEN-31).
 */
export function compareValues(left: Value, right: Value): number | null {
  if (left === null || right === null) return null;
  if (typeof left === "string" && typeof right === "string") return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === "bigint" && typeof right === "bigint") return left < right ? -1 : left > right ? 1 : 0;
  if (numeric(left) && numeric(right)) return Number(left) - Number(right);
  if (left instanceof DateTime || right instanceof DateTime) {
    if (
      (left instanceof DateTime || typeof left === "string") &&
      (right instanceof DateTime || typeof right === "string")
    ) {
      const a = ticksOf(left, right);
      const b = ticksOf(right, left);
      return a < b ? -1 : a > b ? 1 : 0;
    }
  }
  throw new IncomparableError(left, right);
}

/** Order for ORDER BY: NULL lowest, otherwise `compareValues`. */
export function compareForOrder(left: Value, right: Value): number {
  if (left === null) return right === null ? 0 : -1;
  if (right === null) return 1;
  return compareValues(left, right) as number;
}
