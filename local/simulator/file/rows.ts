import { fileLines } from "./external-sort";

/** One record of a foreign file. */
export interface RawRow {
  /** Number of its first line, from 1. */
  readonly line: number;
  /** Its text, without the line end. */
  readonly text: string;
}

export interface CsvFormat {
  readonly delimiter: string;
  readonly quote: string;
}

/** A quoted field may span so many lines; more means a quote that nobody closed. */
const longestRecordLines = 50;

function quotesOpen(text: string, quote: string): boolean {
  let open = false;
  for (let at = text.indexOf(quote); at >= 0; at = text.indexOf(quote, at + 1)) open = !open;
  return open;
}

function* numberedLines(path: string, encoding: BufferEncoding): Generator<RawRow> {
  let line = 0;
  for (const text of fileLines(path, encoding)) {
    line += 1;
    const withoutMark = line === 1 ? text.replace(/^\uFEFF/, "") : text;
    yield { line, text: withoutMark.endsWith("\r") ? withoutMark.slice(0, -1) : withoutMark };
  }
}

/**
 * Yields the records of a CSV or JSON lines file; empty lines are no records. A quoted CSV field may hold line ends; a
 * quote that is not closed within 50 lines spoils its first line only.
 */
export function* rawRows(
  path: string,
  options: { readonly encoding: BufferEncoding; readonly skipLines: number; readonly csv: CsvFormat | null },
): Generator<RawRow> {
  const { encoding, skipLines, csv } = options;
  let held: RawRow[] = [];
  function* release(): Generator<RawRow> {
    // The first line stays broken; the others get a chance of their own.
    const [first, ...others] = held;
    held = [];
    yield first!;
    for (const row of others) yield* take(row);
  }
  function* take(row: RawRow): Generator<RawRow> {
    if (csv === null) {
      if (row.text.trim() !== "") yield row;
      return;
    }
    if (held.length === 0 && row.text.trim() === "") return;
    held.push(row);
    const text = held.map((part) => part.text).join("\n");
    if (!quotesOpen(text, csv.quote)) {
      const { line } = held[0]!;
      held = [];
      yield { line, text };
    } else if (held.length >= longestRecordLines) yield* release();
  }
  for (const row of numberedLines(path, encoding)) {
    if (row.line > skipLines) yield* take(row);
  }
  while (held.length > 0) yield* release();
}

/** Returns the fields of a CSV record, or undefined when a quote stands where none may. */
export function csvFields(text: string, { delimiter, quote }: CsvFormat): readonly string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === quote) {
      let field = "";
      for (;;) {
        const end = text.indexOf(quote, at + 1);
        if (end < 0) return undefined;
        field += text.slice(at + 1, end);
        at = end + 1;
        if (text[at] !== quote) break;
        field += quote;
      }
      fields.push(field);
      if (at < text.length && text[at] !== delimiter) return undefined;
    } else {
      const end = text.indexOf(delimiter, at);
      const field = end < 0 ? text.slice(at) : text.slice(at, end);
      if (field.includes(quote)) return undefined;
      fields.push(field.trim());
      at = end < 0 ? text.length : end;
    }
    if (at >= text.length) return fields;
    at += 1;
    if (at === text.length) return [...fields, ""];
  }
}
