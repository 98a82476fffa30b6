import { AsaRecord, DateTime, type Value } from "./value";

const mostTexts = 65_536;
const textKeys = new Map<string, string>();

/** The key of a text. Remembered, since a text joined anew would have to be hashed anew at every look-up. */
function textKey(text: string): string {
  let key = textKeys.get(text);
  if (key === undefined) {
    if (textKeys.size >= mostTexts) textKeys.clear();
    key = `s${text}`;
    textKeys.set(text, key);
  }
  return key;
}

/**
 * Text that is equal for two values exactly when they are one group: numbers by value (1 and 1.0), text ordinal,
 * otherwise same type and same value; NULL equals NULL.
 */
export function groupKey(value: Value): string {
  switch (typeof value) {
    case "string":
      return value.length > 256 ? `s${value}` : textKey(value);
    case "bigint":
      return `n${value}`;
    case "number":
      return Number.isInteger(value) ? `n${BigInt(value)}` : `n${value}`;
    case "boolean":
      return value ? "b1" : "b0";
    default:
      if (value === null) return "0";
      if (value instanceof DateTime) return `d${value.ticks}`;
      if (value instanceof AsaRecord) {
        const members = value.names.map(
          (name, i) => part(`s${name}`) + part(groupKey(value.values[i] ?? null)),
        );
        return `r${members.join("")}`;
      }
      return `a${value.map((item) => part(groupKey(item))).join("")}`;
  }
}

const part = (key: string): string => `${key.length}:${key}`;

/** Key of a tuple of values; tuples of different length never share a key when compared with their own kind. */
export function tupleKey(values: readonly Value[]): string {
  if (values.length === 1) return groupKey(values[0] as Value);
  let key = "";
  for (const value of values) key += part(groupKey(value));
  return key;
}
