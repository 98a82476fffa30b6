import { loneSurrogate } from "../../../values/lone-surrogate";
import type { Changes } from "../../state/large-arrays";
import type { Interner } from "../interner";
import type { Kernel } from "./kernel";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

const unchanged = (): Changes => ({ flags: new Uint8Array(1), bytesPerFlag: 1 << 20 });

/** Keeps texts in the memory of the kernel, which numbers them itself while it scans. */
export class KernelInterner implements Interner {
  readonly kernel: Kernel;
  /** No flag is ever set, as texts are only added; forgetting moves them in their place, so it takes a new array of flags. */
  changes: Changes = unchanged();
  private texts: (string | undefined)[] = [];
  private room = 0;
  private roomSize = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  get size(): number {
    return this.kernel.calls.textCount();
  }

  get byteLength(): number {
    return this.kernel.calls.textBytes() >>> 0;
  }

  bytes(source: Uint8Array, from: number, to: number): number {
    return this.add(from === 0 && to === source.length ? source : source.subarray(from, to));
  }

  private add(text: Uint8Array): number {
    if (text.length > this.roomSize) {
      this.roomSize = Math.max(4096, 2 * text.length);
      this.room = this.kernel.allocate(this.roomSize);
    }
    this.kernel.bytes.set(text, this.room);
    return this.kernel.calls.intern(this.room, text.length);
  }

  id(text: string): number | null {
    return loneSurrogate.test(text) ? null : this.add(encoder.encode(text));
  }

  text(id: number): string {
    let text = this.texts[id];
    if (text === undefined) {
      const { bytes, words, calls } = this.kernel;
      const start = (calls.textStarts() >>> 2) + id;
      const pool = calls.textPool() >>> 0;
      text = decoder.decode(bytes.subarray(pool + words[start]!, pool + words[start + 1]!));
      this.texts[id] = text;
    }
    return text;
  }

  compact(live: Uint8Array): Int32Array {
    const { kernel, texts } = this;
    const count = this.size;
    const behind = (count + 3) & ~3;
    const marks = kernel.calls.scratch(behind + 4 * count) >>> 0;
    kernel.bytes.set(live.subarray(0, count), marks);
    kernel.calls.compactTexts(marks, marks + behind);
    const numbers = kernel.words.slice((marks + behind) >>> 2, ((marks + behind) >>> 2) + count);
    this.changes = unchanged();
    this.texts = [];
    for (let id = 0; id < texts.length; id++) if (numbers[id]! >= 0) this.texts[numbers[id]!] = texts[id];
    return numbers;
  }

  get contents(): { readonly bytes: Uint8Array; readonly starts: Int32Array } {
    const { bytes, words, calls } = this.kernel;
    const pool = calls.textPool() >>> 0;
    const starts = calls.textStarts() >>> 2;
    return {
      bytes: bytes.subarray(pool, pool + calls.textBytes()),
      starts: words.subarray(starts, starts + this.size + 1),
    };
  }

  load(bytes: Uint8Array, starts: Int32Array): boolean {
    for (let id = 0; id + 1 < starts.length; id++)
      if (this.add(bytes.subarray(starts[id]!, starts[id + 1]!)) !== id) return false;
    return true;
  }
}
