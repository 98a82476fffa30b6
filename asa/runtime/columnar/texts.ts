import type { StateReader } from "../state/reader";
import { stateMismatch } from "../state/reader";
import type { StateWriter } from "../state/writer";
import type { Interner } from "./interner";
import type { TextHolder } from "./operators/operator";
import { makeInterner, type ScannerLevel } from "./scan";

/** So many texts and keys, and so many bytes of texts, are kept without asking whether they are still needed. */
const leastCompaction = 50_000;
const leastBytes = 1 << 22;

/** The texts of a job's columns, numbered once for all inputs, and all that keep their numbers. */
export class Texts {
  readonly interner: Interner;
  private readonly holders: TextHolder[] = [];
  /** How many of the first texts are constants of the query and so part of generated code. */
  private constants = 0;
  private compactAt = leastCompaction;
  private bytesAt = leastBytes;

  constructor(level?: ScannerLevel) {
    this.interner = makeInterner(level);
  }

  add(holder: TextHolder): void {
    this.holders.push(holder);
  }

  /** All constants are known. */
  seal(): void {
    this.constants = this.interner.size;
  }

  private get size(): number {
    return this.holders.reduce((sum, { size }) => sum + size, this.interner.size);
  }

  /**
   * Forgets texts and keys that nothing open has, when they have doubled since the last time: keys without end need no
   * memory without end.
   */
  compact(): void {
    const { interner } = this;
    if (this.size <= this.compactAt && interner.byteLength <= this.bytesAt) return;
    const live = new Uint8Array(interner.size);
    live.fill(1, 0, this.constants);
    const mark = (id: number): void => {
      live[id] = 1;
    };
    for (const holder of this.holders) holder.liveTexts(mark);
    const numbers = interner.compact(live);
    for (const holder of this.holders) holder.compact(numbers);
    this.compactAt = Math.max(leastCompaction, 2 * this.size);
    this.bytesAt = Math.max(leastBytes, 2 * interner.byteLength);
  }

  save(writer: StateWriter): void {
    const { contents, changes } = this.interner;
    writer.array(contents.bytes, changes);
    writer.array(contents.starts, changes);
  }

  load(reader: StateReader): void {
    if (!this.interner.load(reader.array(Uint8Array), reader.array(Int32Array)))
      throw stateMismatch("the snapshot numbers its texts otherwise");
  }
}
