import type { Dialect } from "../../dialect";
import { parseDateTime } from "../../values/datetime";
import { groupKey } from "../../values/group-key";
import { DateTime, type Value } from "../../values/value";

const datePrefix = /^\s*\d{4}/;

/**
 * Look-up text of a join key: values that `=` takes as equal have the same text. It may be the same for others too, so
 * the condition is still tested. Null when the value equals nothing.
 */
function keyOf(value: Value, foldCase: boolean): string | null {
  if (value === null) return null;
  if (typeof value === "bigint" || typeof value === "number" || typeof value === "boolean")
    return `n${Number(value) + 0}`;
  if (value instanceof DateTime) return `d${value.ticks}`;
  if (typeof value !== "string") return typeof value === "object" && Array.isArray(value) ? "a" : "r";
  // Text equals a datetime that it writes, and other texts that write it are looked at in vain.
  const first = value.charCodeAt(0);
  if ((first <= 57 || first > 127) && datePrefix.test(value)) {
    const ticks = parseDateTime(value);
    if (ticks !== null) return `d${ticks}`;
  }
  return groupKey(foldCase ? value.toLowerCase() : value);
}

/** Look-up text of a tuple; null when a part is NULL and so nothing matches. */
export function equalityKey(values: readonly Value[], dialect: Dialect): string | null {
  const foldCase = dialect.textComparison === "ignore-case";
  if (values.length === 1) return keyOf(values[0] as Value, foldCase);
  let key = "";
  for (const value of values) {
    const part = keyOf(value, foldCase);
    if (part === null) return null;
    key += `${part.length}:${part}`;
  }
  return key;
}
