import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

const chunkBytes = 64 * 1024;
const lineFeed = 0x0a;

/** Yields the lines of a file without their line feeds, holding one chunk in memory. */
export function* fileLines(path: string, encoding: BufferEncoding = "utf8"): Generator<string> {
  const file = openSync(path, "r");
  const unit = encoding === "utf16le" ? 2 : 1;
  try {
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const read = readSync(file, chunk, 0, chunkBytes, null);
      if (read === 0) break;
      const text = Buffer.concat([rest, chunk.subarray(0, read)]);
      let from = 0;
      for (let end = text.indexOf(lineFeed); end >= 0; end = text.indexOf(lineFeed, end + 1)) {
        if (unit === 2 && (end % 2 !== 0 || text[end + 1] !== 0)) continue;
        yield text.toString(encoding, from, end);
        from = end + unit;
      }
      rest = text.subarray(from);
    }
    if (rest.length > 0) yield rest.toString(encoding);
  } finally {
    closeSync(file);
  }
}

/** Writes lines to a file in large pieces. */
export class LineWriter {
  readonly #file: number;
  #text = "";

  constructor(path: string) {
    this.#file = openSync(path, "w");
  }

  write(line: string): void {
    this.#text += `${line}\n`;
    if (this.#text.length > chunkBytes) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text);
    this.#text = "";
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(this.#file, bytes, written, bytes.length - written);
    }
  }
}

export interface ExternalSortOptions<T> {
  /** For sorted runs; made when missing and removed afterwards. */
  readonly folder: string;
  readonly compare: (left: T, right: T) => number;
  /** One line, without a line feed. */
  readonly encode: (item: T) => string;
  readonly decode: (line: string) => T;
  /** Items in memory at a time. @default 50000 */
  readonly itemsPerRun?: number;
  /** Text in memory at a time, UTF-16 units. @default 16 Mi */
  readonly textPerRun?: number;
  /** Runs merged at a time. @default 128 */
  readonly mergeWidth?: number;
}

/** Yields the items in order, stable, holding one run in memory while reading and one item a run while merging. */
export function* externalSort<T>(items: Iterable<T>, options: ExternalSortOptions<T>): Generator<T> {
  const { folder, compare, encode, decode } = options;
  const {
    itemsPerRun = 50_000,
    textPerRun = 16 * 1024 * 1024,
    mergeWidth = Math.max(2, options.mergeWidth ?? 128),
  } = options;
  mkdirSync(folder, { recursive: true });
  let made = 0;
  const writeRun = (lines: Iterable<string>): string => {
    const path = join(folder, `run-${made++}.ndjson`);
    const writer = new LineWriter(path);
    for (const line of lines) writer.write(line);
    writer.close();
    return path;
  };
  function* merge(paths: readonly string[]): Generator<T> {
    const readers = paths.map((path) => fileLines(path));
    const heads = readers.map((reader) => reader.next());
    const items = heads.map((head) => (head.done ? undefined : { value: decode(head.value) }));
    // Few runs: a scan is as fast as a heap, and keeps earlier runs first among equals.
    for (;;) {
      let least = -1;
      for (let n = 0; n < items.length; n += 1) {
        if (items[n] === undefined) continue;
        if (least < 0 || compare(items[n]!.value, items[least]!.value) < 0) least = n;
      }
      if (least < 0) return;
      yield items[least]!.value;
      const next = readers[least]!.next();
      items[least] = next.done ? undefined : { value: decode(next.value) };
    }
  }
  try {
    let runs: string[] = [];
    let held: { readonly item: T; readonly line: string }[] = [];
    let text = 0;
    const spill = () => {
      held.sort((left, right) => compare(left.item, right.item));
      runs.push(writeRun(held.map(({ line }) => line)));
      held = [];
      text = 0;
    };
    for (const item of items) {
      const line = encode(item);
      held.push({ item, line });
      text += line.length;
      if (held.length >= itemsPerRun || text >= textPerRun) spill();
    }
    if (runs.length === 0) {
      held.sort((left, right) => compare(left.item, right.item));
      for (const { item } of held) yield item;
      return;
    }
    if (held.length > 0) spill();
    while (runs.length > mergeWidth) {
      const merged: string[] = [];
      for (let from = 0; from < runs.length; from += mergeWidth) {
        const group = runs.slice(from, from + mergeWidth);
        merged.push(
          writeRun(
            (function* () {
              for (const item of merge(group)) yield encode(item);
            })(),
          ),
        );
        for (const path of group) rmSync(path);
      }
      runs = merged;
    }
    yield* merge(runs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
