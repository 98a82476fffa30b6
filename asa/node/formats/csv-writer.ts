import { AsaRecord, DateTime, formatDateTime, formatFloat, type Value } from "../../values";
import type { ByteFile } from "./byte-file";
import type { Table } from "./table";

/**
 * Writes CSV with a header row, quoted as RFC 4180 says. NULL is an empty field; a record or an array is the word
 * `Record` or `Array`, as the service writes it.
 */
export function writeCsv(table: Table, delimiter: string, file: ByteFile): void {
  if (table.columns.length === 0) return;
  const line = (fields: readonly string[]): string =>
    `${fields.map((field) => quoted(field, delimiter)).join(delimiter)}\r\n`;
  file.text(line(table.columns.map(({ name }) => name)));
  for (const rows of table.batches()) file.text(rows.map((row) => line(row.map(csvText))).join(""));
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
