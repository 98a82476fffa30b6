import { loneSurrogate } from "../../../values/lone-surrogate";
import type { Interner } from "../interner";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Keeps texts as UTF-8 bytes in one piece of memory and decodes them when asked for. */
export class ScriptInterner implements Interner {
  // Growing and forgetting replace the arrays.
  readonly changes = "grows";
  private pool = new Uint8Array(1 << 12);
  private used = 0;
  private starts = new Int32Array(1 << 8);
  private hashes = new Int32Array(1 << 8);
  private table = new Int32Array(1 << 9).fill(-1);
  private texts: (string | undefined)[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  get byteLength(): number {
    return this.used;
  }

  bytes(source: Uint8Array, from: number, to: number, hash: number): number {
    const mask = this.table.length - 1;
    const length = to - from;
    let place = (hash ^ (hash >>> 15)) & mask;
    for (let id = this.table[place]!; id >= 0; id = this.table[place]!) {
      const start = this.starts[id]!;
      if (this.hashes[id] === hash && this.starts[id + 1]! - start === length) {
        let i = 0;
        while (i < length && this.pool[start + i] === source[from + i]) i++;
        if (i === length) return id;
      }
      place = (place + 1) & mask;
    }
    return this.add(source, from, to, hash, place);
  }

  private add(source: Uint8Array, from: number, to: number, hash: number, place: number): number {
    const length = to - from;
    if (this.used + length > this.pool.length) {
      const pool = new Uint8Array(Math.max(this.pool.length * 2, this.used + length));
      pool.set(this.pool.subarray(0, this.used));
      this.pool = pool;
    }
    for (let i = 0; i < length; i++) this.pool[this.used + i] = source[from + i]!;
    this.used += length;
    const id = this.count++;
    if (id + 2 > this.starts.length) {
      const starts = new Int32Array(this.starts.length * 2);
      starts.set(this.starts);
      this.starts = starts;
      const hashes = new Int32Array(this.hashes.length * 2);
      hashes.set(this.hashes);
      this.hashes = hashes;
    }
    this.starts[id + 1] = this.used;
    this.hashes[id] = hash;
    this.table[place] = id;
    if (this.count * 2 > this.table.length) this.rehash();
    return id;
  }

  private rehash(): void {
    const table = new Int32Array(this.table.length * 2).fill(-1);
    const mask = table.length - 1;
    for (let id = 0; id < this.count; id++) {
      const hash = this.hashes[id]!;
      let place = (hash ^ (hash >>> 15)) & mask;
      while (table[place]! >= 0) place = (place + 1) & mask;
      table[place] = id;
    }
    this.table = table;
  }

  id(text: string): number | null {
    if (loneSurrogate.test(text)) return null;
    const bytes = encoder.encode(text);
    let hash = 0;
    for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0;
    return this.bytes(bytes, 0, bytes.length, hash);
  }

  text(id: number): string {
    let text = this.texts[id];
    if (text === undefined) {
      text = decoder.decode(this.pool.subarray(this.starts[id]!, this.starts[id + 1]!));
      this.texts[id] = text;
    }
    return text;
  }

  compact(live: Uint8Array): Int32Array {
    const { pool, starts, hashes, texts, count } = this;
    this.pool = new Uint8Array(1 << 12);
    this.starts = new Int32Array(1 << 8);
    this.hashes = new Int32Array(1 << 8);
    this.table = new Int32Array(1 << 9).fill(-1);
    this.texts = [];
    this.count = 0;
    this.used = 0;
    const numbers = new Int32Array(count).fill(-1);
    for (let id = 0; id < count; id++) {
      if (live[id] !== 1) continue;
      const number = this.bytes(pool, starts[id]!, starts[id + 1]!, hashes[id]!);
      this.texts[number] = texts[id];
      numbers[id] = number;
    }
    return numbers;
  }

  get contents(): { readonly bytes: Uint8Array; readonly starts: Int32Array } {
    return { bytes: this.pool.subarray(0, this.used), starts: this.starts.subarray(0, this.count + 1) };
  }

  load(bytes: Uint8Array, starts: Int32Array): boolean {
    for (let id = 0; id + 1 < starts.length; id++) {
      let hash = 0;
      for (let i = starts[id]!; i < starts[id + 1]!; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
      if (this.bytes(bytes, starts[id]!, starts[id + 1]!, hash) !== id) return false;
    }
    return true;
  }
}
