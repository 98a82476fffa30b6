import { AsaRecord, DateTime, type Value } from "../../values";

/** Returns a plain JavaScript value: records as objects, bigints as numbers where exact, datetimes as ISO text. */
export function toPlain(value: Value): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return BigInt(number) === value ? number : value;
  }
  if (value instanceof DateTime) return value;
  if (value instanceof AsaRecord) {
    const plain: Record<string, unknown> = {};
    value.names.forEach((name, index) => {
      Object.defineProperty(plain, name, {
        value: toPlain(value.values[index] ?? null),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    });
    return plain;
  }
  if (Array.isArray(value)) return value.map((item: Value) => toPlain(item));
  return value;
}
