import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

const flushAtCharacters = 1 << 16;

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  // The low bits of short keys alone would fill few buckets.
  return (value ^ (value >>> 15)) >>> 0;
}

/**
 * Groups any number of entries by key with the memory of a fraction: entries go to files by a hash of their key, and
 * come back file by file, so that all entries of a key are together. Within a bucket the order of adding holds.
 */
export class Buckets<Entry> {
  readonly #folder: string;
  readonly #files: number[];
  readonly #waiting: string[];

  /** @param folder made anew; `remove` deletes it with what is in it */
  constructor(folder: string, count = 64) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
    this.#files = Array.from({ length: count }, (_, bucket) => openSync(this.#path(bucket), "w", 0o600));
    this.#waiting = Array<string>(count).fill("");
  }

  /** @param entry what JSON can carry */
  add(key: string, entry: Entry): void {
    const bucket = hash(key) % this.#files.length;
    this.#waiting[bucket] += `${JSON.stringify(entry)}\n`;
    if (this.#waiting[bucket]!.length >= flushAtCharacters) this.#flush(bucket);
  }

  /** Yields the entries of one bucket after the other. */
  *[Symbol.iterator](): Generator<Entry[]> {
    for (let bucket = 0; bucket < this.#files.length; bucket++) {
      this.#flush(bucket);
      const text = readFileSync(this.#path(bucket), "utf8");
      // One parse for all lines is several times faster than one for each.
      if (text !== "") yield JSON.parse(`[${text.slice(0, -1).replaceAll("\n", ",")}]`) as Entry[];
    }
  }

  remove(): void {
    for (const file of this.#files) closeSync(file);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #path(bucket: number): string {
    return join(this.#folder, `${bucket}.ndjson`);
  }

  #flush(bucket: number): void {
    const bytes = Buffer.from(this.#waiting[bucket]!);
    this.#waiting[bucket] = "";
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(this.#files[bucket]!, bytes, written);
    }
  }
}
