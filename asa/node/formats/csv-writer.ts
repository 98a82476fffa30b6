import { AsaRecord, DateTime, formatDateTime, formatFloat, type Value } from "../../values";
import type { Table } from "./table";

/**
 * Writes CSV with a header row, quoted as RFC 4180 says. NULL is an empty field; a record or an array is the word
 * `Record` or `Array`, as the service writes it.
 */
export function writeCsv(table: Table, delimiter: string): string {
  if (table.columns.length === 0) return "";
  const lines = [table.columns.map((column) => quoted(column.name, delimiter)).join(delimiter)];
  for (let row = 0; row < table.rowCount; row++)
    lines.push(
      table.columns.map((column) => quoted(csvText(column.values[row] ?? null), delimiter)).join(delimiter),
    );
  return `${lines.join("\r\n")}\r\n`;
}

function csvText(value: Value): string {
  if (value === null) return "";
  if (typeof value === "number") return Number.isFinite(value) ? formatFloat(value) : "";
  if (value instanceof DateTime) return formatDateTime(value.ticks);
  if (value instanceof AsaRecord) return "Record";
  return typeof value === "object" ? "Array" : String(value);
}

function quoted(text: string, delimiter: string): string {
  return text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
