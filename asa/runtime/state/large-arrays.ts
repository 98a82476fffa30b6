/** How a large array may change between two looks at it. */
export type Changes =
  /** In any way. */
  | null
  /** Not at all. */
  | "never"
  /** Only by more bytes behind those that are there. */
  | "grows"
  /** A flag is set for each piece of so many bytes that was written to; the array and its flags are replaced together. */
  | { readonly flags: Uint8Array; readonly bytesPerFlag: number };

interface Entry {
  readonly source: Uint8Array;
  readonly changes: Changes;
  readonly copy: Uint8Array;
  /** Bytes from the front that were copied, or whose pages were touched. */
  done: number;
}

const sliceBytes = 1 << 20;
const pageBytes = 4096;

const flagsOf = (changes: Changes): Uint8Array | null =>
  changes === null || typeof changes === "string" ? null : changes.flags;

/**
 * Copies of the large arrays of a state, made ahead in pieces while the state goes on changing. `take` then copies only
 * what has changed since, so that the moment in which nothing may change is short.
 */
export class LargeArrays {
  private readonly entries = new Map<ArrayBufferLike, Entry[]>();
  private readonly open: Entry[] = [];

  /** Notes an array for `step`. */
  plan(source: Uint8Array, changes: Changes): void {
    if (changes === "never") return;
    const copy = new Uint8Array(Math.ceil(source.length * 1.25));
    const entry: Entry = { source, changes, copy, done: 0 };
    const others = this.entries.get(source.buffer);
    if (others === undefined) this.entries.set(source.buffer, [entry]);
    else others.push(entry);
    this.open.push(entry);
  }

  /** Copies about a megabyte more; true when all was copied once. */
  step(): boolean {
    const entry = this.open.at(-1);
    if (entry === undefined) return true;
    const { source, changes, copy } = entry;
    // Memory of WebAssembly that has grown since is gone: `take` meets the array in its new place.
    if (source.length === 0) {
      this.open.pop();
      return this.open.length === 0;
    }
    let length = sliceBytes;
    if (changes !== null && typeof changes !== "string") {
      length = Math.max(1, Math.floor(sliceBytes / changes.bytesPerFlag)) * changes.bytesPerFlag;
      const first = entry.done / changes.bytesPerFlag;
      changes.flags.fill(0, first, first + length / changes.bytesPerFlag);
    }
    const end = Math.min(entry.done + length, source.length);
    // A page that was never written to is given by the operating system at the first write, which takes longer than the copy.
    if (changes === null) for (let at = entry.done; at < end; at += pageBytes) copy[at] = 1;
    else copy.set(source.subarray(entry.done, end), entry.done);
    entry.done = end;
    if (end >= source.length) this.open.pop();
    return this.open.length === 0;
  }

  /** Forgets all copies: another `LargeArrays` is about to clear the flags. */
  clear(): void {
    this.entries.clear();
    this.open.length = 0;
  }

  /** The array as it is now, in memory that stays so. */
  take(source: Uint8Array, changes: Changes): Uint8Array {
    if (changes === "never") return source;
    const entry = this.entries
      .get(source.buffer)
      ?.find(
        (known) =>
          known.source.byteOffset === source.byteOffset && flagsOf(known.changes) === flagsOf(changes),
      );
    if (entry === undefined || entry.copy.length < source.length) return source.slice();
    const { copy } = entry;
    const known = changes === null ? 0 : Math.min(entry.done, source.length);
    if (changes !== null && typeof changes !== "string") {
      const { flags, bytesPerFlag } = changes;
      const last = Math.ceil(known / bytesPerFlag);
      for (let flag = flags.indexOf(1); flag >= 0 && flag < last; ) {
        let end = flag + 1;
        while (end < last && flags[end] === 1) end++;
        const [from, to] = [flag * bytesPerFlag, Math.min(end * bytesPerFlag, known)];
        copy.set(source.subarray(from, to), from);
        flag = flags.indexOf(1, end);
      }
    }
    copy.set(source.subarray(known), known);
    return copy.subarray(0, source.length);
  }
}
