import type { SourceRange } from "../api";

/** A query text with its lines; turns offsets (UTF-16 units, 0-based) into ranges (line and column 1-based). */
export class Source {
  readonly text: string;
  readonly file: string;
  readonly #lineStarts: readonly number[];

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
    const starts = [0];
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit === 10 || (unit === 13 && text.charCodeAt(index + 1) !== 10)) starts.push(index + 1);
    }
    this.#lineStarts = starts;
  }

  /** Returns the range from `start` (inclusive) to `end` (exclusive). */
  range(start: number, end: number): SourceRange {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] as number) <= start) low = middle;
      else high = middle - 1;
    }
    return { start, end, line: low + 1, column: start - (this.#lineStarts[low] as number) + 1 };
  }

  /** Returns the text of a line without its end; empty beyond the last line. */
  line(number: number): string {
    const start = this.#lineStarts[number - 1];
    if (start === undefined) return "";
    const next = this.#lineStarts[number] ?? this.text.length;
    return this.text.slice(start, next).replace(/[\r\n]+$/, "");
  }
}

/** Returns the smallest range that covers both, `first` being the earlier one. */
export function joinRanges(first: SourceRange, last: SourceRange): SourceRange {
  return { ...first, end: Math.max(first.end, last.end) };
}
