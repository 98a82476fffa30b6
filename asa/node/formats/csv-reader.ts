import { CsvError, parse } from "csv-parse/sync";
import { AsaRecord } from "../../values";
import { AsaToolError } from "../errors";

/** A piece of a data file that is no event, with the line it begins on (1-based). */
export interface UnreadablePart {
  readonly line: number;
  readonly message: string;
}

export interface CsvEvents {
  readonly events: readonly AsaRecord[];
  readonly unreadable: readonly UnreadablePart[];
}

/**
 * Reads CSV with a header row: every value is text, a missing trailing field is NULL. Quoted fields follow RFC 4180.
 *
 * @throws {AsaToolError} ASA_FORMAT_INVALID for a header with a duplicate or an unclosed quotation mark
 */
export function readCsv(text: string, delimiter: string, file: string): CsvEvents {
  let rows: { readonly record: readonly string[]; readonly info: { readonly lines: number } }[];
  try {
    rows = parse(text, {
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as typeof rows;
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new AsaToolError("ASA_FORMAT_INVALID", "CSV text cannot be read", {
      place: { file, line: Number(cause["lines"] ?? 1) },
      detail: `${cause.message}.`,
      hint: "Quote fields that hold the delimiter, a quotation mark or a line break, and double inner quotation marks.",
      cause,
    });
  }
  const header = rows.shift()?.record.map((name) => name.trim());
  if (header === undefined) return { events: [], unreadable: [] };
  checkHeader(header, file);
  const events: AsaRecord[] = [];
  const unreadable: UnreadablePart[] = [];
  for (const { record, info } of rows) {
    if (record.length > header.length)
      unreadable.push({
        line: info.lines,
        message: `row has ${record.length} fields, the header ${header.length}`,
      });
    else
      events.push(
        new AsaRecord(
          header,
          header.map((_, index) => record[index] ?? null),
        ),
      );
  }
  return { events, unreadable };
}

function checkHeader(header: readonly string[], file: string): void {
  const seen = new Set<string>();
  for (const name of header) {
    const folded = name.toLowerCase();
    if (seen.has(folded))
      throw new AsaToolError("ASA_FORMAT_INVALID", `CSV header names column "${name}" twice`, {
        place: { file, line: 1 },
        hint: "Column names must be unique; the service refuses the data with InvalidHeader.",
      });
    seen.add(folded);
  }
}
