import { AsaRecord, DateTime, type Value, type ValueType } from "./value";

/** Returns the type of a value; NULL, which belongs to every type, gives null. */
export function typeOf(value: Value): ValueType | null {
  switch (typeof value) {
    case "bigint":
      return "bigint";
    case "number":
      return "float";
    case "string":
      return "nvarchar(max)";
    case "boolean":
      return "bit";
    default:
      if (value === null) return null;
      if (value instanceof DateTime) return "datetime";
      return value instanceof AsaRecord ? "record" : "array";
  }
}

export const minBigint = -(2n ** 63n);
export const maxBigint = 2n ** 63n - 1n;

/** True when an integer fits the language's bigint. */
export function fitsBigint(value: bigint): boolean {
  return value >= minBigint && value <= maxBigint;
}

/** A float result as the language holds it: NaN and infinities are NULL (OPEN-24). */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
