import { TextDecoder } from "node:util";
import { CsvError, type Parser, parse } from "csv-parse";
import { AsaRecord } from "../../values";
import { AsaToolError } from "../errors";
import { encodingOf, notText } from "../settings";

/** A piece of a data file that is no event, with the line it begins on (1-based). */
export interface UnreadablePart {
  readonly line: number;
  readonly message: string;
}

export interface CsvEvents {
  readonly events: readonly AsaRecord[];
  readonly unreadable: readonly UnreadablePart[];
}

interface CsvRow {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads CSV with a header row: every value is text, a missing trailing field is NULL. Quoted fields follow RFC 4180.
 *
 * @throws {AsaToolError} ASA_FORMAT_INVALID for a header with a duplicate or an unclosed quotation mark
 */
export async function* csvPieces(
  chunks: AsyncIterable<Uint8Array>,
  delimiter: string,
  file: string,
): AsyncGenerator<CsvEvents> {
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
  });
  let header: readonly string[] | null = null;
  const take = (rows: readonly CsvRow[]): CsvEvents => {
    let from = 0;
    if (header === null && rows.length > 0) {
      header = rows[0]!.record.map((name) => name.trim());
      checkHeader(header, file);
      from = 1;
    }
    return eventsOf(rows.slice(from), header ?? []);
  };
  for await (const text of texts(chunks, file)) yield take(await parsed(parser, text, file));
  yield take(await parsed(parser, null, file));
}

function eventsOf(rows: readonly CsvRow[], header: readonly string[]): CsvEvents {
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

/** The rows that are complete with this text; all that are left when it is null. */
async function parsed(parser: Parser, text: string | null, file: string): Promise<CsvRow[]> {
  const rows: CsvRow[] = [];
  const drain = (): void => {
    for (let row = parser.read(); row !== null; row = parser.read()) rows.push(row as CsvRow);
  };
  try {
    await new Promise<void>((resolve, reject) => {
      parser.once("error", reject);
      const done = (): void => {
        parser.off("error", reject);
        resolve();
      };
      if (text === null) {
        parser.on("readable", drain);
        parser.once("end", done);
        parser.end();
      } else parser.write(text, () => done());
      // Room for more rows lets the parser go on.
      drain();
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new AsaToolError("ASA_FORMAT_INVALID", "CSV text cannot be read", {
      place: { file, line: Number(cause["lines"] ?? 1) },
      detail: `${cause.message}.`,
      hint: "Quote fields that hold the delimiter, a quotation mark or a line break, and double inner quotation marks.",
      cause,
    });
  }
  drain();
  return rows;
}

/** The text of bytes that come in pieces, UTF-16 when a byte order mark says so. */
async function* texts(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null;
  const decode = (bytes?: Uint8Array): string => {
    decoder ??= new TextDecoder(encodingOf(bytes ?? new Uint8Array()), { fatal: true });
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (cause) {
      throw notText(file, decoder.encoding, cause);
    }
  };
  for await (const chunk of chunks) yield decode(chunk);
  yield decode();
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
