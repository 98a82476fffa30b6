import { formatDateTime } from "./datetime";
import { formatJsonFloat } from "./float-text";
import { AsaRecord, DateTime, type Value } from "./value";

/** Writes a value as compact JSON: NULL `null`, datetime as 7-digit text, integral floats with `.0`. */
export function writeJson(value: Value): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Number.isFinite(value) ? formatJsonFloat(value) : "null";
    case "bigint":
      return String(value);
    case "boolean":
      return value ? "true" : "false";
    default:
      if (value === null) return "null";
      if (value instanceof DateTime) return `"${formatDateTime(value.ticks)}"`;
      if (value instanceof AsaRecord) return writeJsonObject(value.names, value.values);
      return `[${value.map(writeJson).join(",")}]`;
  }
}

/** Writes names and values as one JSON object, in their order. */
export function writeJsonObject(names: readonly string[], values: readonly Value[]): string {
  let text = "{";
  for (let i = 0; i < names.length; i++) {
    if (i > 0) text += ",";
    text += `${JSON.stringify(names[i])}:${writeJson(values[i] ?? null)}`;
  }
  return `${text}}`;
}
