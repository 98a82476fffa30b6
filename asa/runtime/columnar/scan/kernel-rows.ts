import type { JsonReader } from "../../../values/json-read";
import { AsaRecord, type Value } from "../../../values/value";
import { type ColumnStore, type ColumnUse, storeValue } from "../columns";
import type { Interner } from "../interner";
import type { Kernel } from "./kernel";
import { Layouts } from "./layouts";
import type { RowScanner } from "./rows";
import { asciiName, type ScannerFactory } from "./script";
import type { ScriptRows } from "./script-rows";
import { asciiText, readSlice } from "./support";

const mostColumns = 64;
const longestName = 64;
const mostSpellings = 512;
const keyBytes = 144;
const rawKind = 7;
const rawFactor = 16_777_216;
const states = { fine: 0, hasRaw: 1, refused: 2 } as const;
/** Input is copied in pieces that fit the processor's cache. */
const pieceBytes = 1 << 17;
const readableBehind = 64;
const useNumbers = { text: 0, value: 1, time: 2 } as const;

/** True when the kernel can look for these columns. */
export function kernelCanRead(uses: readonly ColumnUse[]): boolean {
  return (
    uses.length <= mostColumns && uses.every(({ name }) => asciiName.test(name) && name.length <= longestName)
  );
}

/** Reads rows by the kernel; what it leaves over goes to the script, and what that refuses to the JSON reader. */
export class KernelRows implements RowScanner {
  /** From a place in the kernel's memory to that in the bytes given to `lines`. */
  private shift = 0;
  readonly refused: Uint8Array;
  next = 0;
  private readonly kernel: Kernel;
  private readonly uses: readonly ColumnUse[];
  private readonly stores: readonly ColumnStore[];
  private readonly interner: Interner;
  private readonly reader: JsonReader;
  private readonly factory: ScannerFactory;
  private readonly script: ScriptRows;
  private readonly layouts: Layouts | null;
  private readonly capacity: number;
  private readonly input: number;
  private readonly rowPlaces: number;
  private readonly endPlaces: number;
  private readonly statePlaces: number;
  private readonly numberPlaces: readonly number[];
  private readonly kindPlaces: readonly number[];
  private readonly keyTable: number;
  private readonly keyLengths: number;
  private readonly targetList: number;
  private readonly columns: number;
  private numbers: readonly Float64Array[] = [];
  private kinds: readonly Uint8Array[] = [];
  private buffer: ArrayBufferLike | null = null;

  constructor(settings: {
    readonly kernel: Kernel;
    readonly uses: readonly ColumnUse[];
    readonly stores: readonly ColumnStore[];
    readonly interner: Interner;
    readonly reader: JsonReader;
    readonly factory: ScannerFactory;
    readonly script: ScriptRows;
    readonly capacity: number;
    readonly learns: boolean;
  }) {
    const { kernel, uses, capacity } = settings;
    this.kernel = kernel;
    this.uses = uses;
    this.stores = settings.stores;
    this.interner = settings.interner;
    this.reader = settings.reader;
    this.factory = settings.factory;
    this.script = settings.script;
    this.capacity = capacity;
    this.refused = new Uint8Array(capacity);
    this.numberPlaces = uses.map(() => kernel.allocate(8 * capacity));
    this.kindPlaces = uses.map(() => kernel.allocate(capacity));
    this.rowPlaces = kernel.allocate(4 * capacity);
    this.endPlaces = kernel.allocate(4 * capacity);
    this.statePlaces = kernel.allocate(capacity);
    this.keyTable = kernel.allocate(keyBytes * mostSpellings);
    this.keyLengths = kernel.allocate(4 * (longestName + 1));
    this.targetList = kernel.allocate(mostSpellings * mostColumns);
    this.input = kernel.allocate(pieceBytes + readableBehind + 1);
    const columns = kernel.allocate(16 * uses.length);
    for (const [index, { as }] of uses.entries()) {
      const entry = [this.numberPlaces[index]!, this.kindPlaces[index]!, useNumbers[as], 0];
      kernel.words.set(entry, (columns >>> 2) + 4 * index);
    }
    this.columns = columns;
    this.layouts = settings.learns ? new Layouts(kernel, uses) : null;
    this.writeKeys();
  }

  private writeKeys(): void {
    const { bytes, words } = this.kernel;
    const spellings = this.factory.spellings.slice(0, mostSpellings);
    const byLength = [...spellings.keys()].sort(
      (a, b) => spellings[a]!.name.length - spellings[b]!.name.length,
    );
    bytes.fill(0, this.keyTable, this.keyTable + keyBytes * mostSpellings);
    bytes.fill(0, this.keyLengths, this.keyLengths + 4 * (longestName + 1));
    const firstTargets: number[] = [];
    let targets = 0;
    for (const { columns } of spellings) {
      firstTargets.push(targets);
      bytes.set(columns, this.targetList + targets);
      targets += columns.length;
    }
    for (const [place, spelling] of byLength.entries()) {
      const { name, columns } = spellings[spelling]!;
      const at = this.keyTable + keyBytes * place;
      words[at >>> 2] = firstTargets[spelling]!;
      words[(at >>> 2) + 1] = columns.length;
      for (let i = 0; i < name.length; i++) {
        bytes[at + 16 + i] = name.charCodeAt(i);
        bytes[at + 80 + i] = name.toLowerCase().charCodeAt(i);
      }
      const range = (this.keyLengths >>> 2) + name.length;
      const count = words[range]! >>> 16;
      words[range] = (count === 0 ? place : words[range]! & 0xffff) | ((count + 1) << 16);
    }
    this.kernel.user = null;
    this.layouts?.reset(spellings, firstTargets);
  }

  /** Several inputs of a job share the kernel, as their texts have one numbering. */
  private activate(): void {
    const { kernel } = this;
    if (kernel.user === this) return;
    kernel.user = this;
    kernel.calls.setColumns(this.columns, this.uses.length, this.rowPlaces, this.endPlaces, this.statePlaces);
    kernel.calls.setKeys(this.keyTable, this.keyLengths, this.targetList);
    if (this.layouts === null) kernel.calls.setLayouts(0, 0);
    else this.layouts.activate();
  }

  start(row: number): number {
    return this.kernel.words[(this.rowPlaces >>> 2) + row]! + this.shift;
  }

  end(row: number): number {
    return this.kernel.words[(this.endPlaces >>> 2) + row]! + this.shift;
  }

  lines(bytes: Uint8Array, from: number): number {
    const { kernel, input } = this;
    let length = Math.min(pieceBytes, bytes.length - from);
    let missesFeed = true;
    if (from + length < bytes.length || bytes[bytes.length - 1] === 10) {
      const feed = bytes.lastIndexOf(10, from + length - 1);
      missesFeed = feed < from;
      if (missesFeed) return this.longLine(bytes, from);
      length = feed + 1 - from;
    }
    const memory = kernel.bytes;
    memory.set(from === 0 && length === bytes.length ? bytes : bytes.subarray(from, from + length), input);
    if (missesFeed) memory[input + length] = 10;
    this.activate();
    this.markAbsent();
    const rows = kernel.calls.readLines(input, input + length + (missesFeed ? 1 : 0), this.capacity);
    this.next = Math.min(from + kernel.calls.position() - input, bytes.length);
    this.shift = from - input;
    this.take(rows);
    if (kernel.calls.unfinished() > 0) {
      for (let row = 0; row < rows; row++) {
        const state = this.refused[row];
        if (state === states.fine) continue;
        const done =
          state === states.hasRaw
            ? this.readRaw(bytes, this.start(row), row)
            : this.script.line(bytes, this.start(row), row) >= 0;
        this.refused[row] = done ? 0 : 1;
      }
    }
    this.afterBatch(rows, (row) => ({ bytes, at: this.start(row) }));
    return rows;
  }

  /** One line that is longer than the room for input. */
  private longLine(bytes: Uint8Array, from: number): number {
    const feed = bytes.indexOf(10, from);
    const end = feed < 0 ? bytes.length : feed;
    this.next = Math.min(end + 1, bytes.length);
    let first = from;
    while (first < end && (bytes[first] === 32 || bytes[first] === 9 || bytes[first] === 13)) first++;
    if (first === end) return 0;
    const { words } = this.kernel;
    this.shift = 0;
    words[this.rowPlaces >>> 2] = from;
    words[this.endPlaces >>> 2] = end;
    this.refused[0] = this.script.line(bytes, from, 0) < 0 ? 1 : 0;
    return 1;
  }

  bodies(count: number, from: number, body: (index: number) => Uint8Array | AsaRecord): number {
    const { kernel, input } = this;
    const { bytes: memory, words } = kernel;
    const limit = Math.min(count - from, this.capacity);
    let rows = 0;
    let at = input;
    for (; rows < limit; rows++) {
      const bytes = body(from + rows);
      const length = bytes instanceof AsaRecord || bytes.length > pieceBytes ? 0 : bytes.length;
      if (at + length + 1 > input + pieceBytes + 1) break;
      words[(this.rowPlaces >>> 2) + rows] = at;
      words[(this.endPlaces >>> 2) + rows] = at + length;
      if (length > 0) memory.set(bytes as Uint8Array, at);
      at += length;
      memory[at++] = 10;
    }
    this.activate();
    this.markAbsent();
    kernel.calls.readBodies(rows);
    this.take(rows);
    for (let row = kernel.calls.unfinished() > 0 ? 0 : rows; row < rows; row++) {
      const state = this.refused[row];
      if (state === states.fine) continue;
      const bytes = body(from + row);
      const done =
        state === states.hasRaw ? this.readRaw(bytes as Uint8Array, 0, row) : this.script.body(bytes, row);
      this.refused[row] = done ? 0 : 1;
    }
    this.afterBatch(rows, (row) => ({ bytes: body(from + row) as Uint8Array, at: 0 }));
    return rows;
  }

  /** Looks at the kernel's memory, which may be another buffer after it has grown. */
  private view(): void {
    const { bytes } = this.kernel;
    if (bytes.buffer === this.buffer) return;
    this.buffer = bytes.buffer;
    this.numbers = this.numberPlaces.map((at) => new Float64Array(bytes.buffer, at, this.capacity));
    this.kinds = this.kindPlaces.map((at) => new Uint8Array(bytes.buffer, at, this.capacity));
  }

  /** What the kernel writes no number to is absent. */
  private markAbsent(): void {
    if (!this.uses.some(({ marksAbsent }) => marksAbsent === true)) return;
    this.view();
    for (const [index, { marksAbsent }] of this.uses.entries())
      if (marksAbsent === true) this.numbers[index]!.fill(Number.NaN);
  }

  /** Copies the kernel's rows into the columns. */
  private take(rows: number): void {
    const { bytes } = this.kernel;
    this.view();
    for (let c = 0; c < this.stores.length; c++) {
      const { numbers, kinds } = this.stores[c]!;
      numbers.set(rows === this.capacity ? this.numbers[c]! : this.numbers[c]!.subarray(0, rows));
      kinds.set(rows === this.capacity ? this.kinds[c]! : this.kinds[c]!.subarray(0, rows));
    }
    this.refused.set(bytes.subarray(this.statePlaces, this.statePlaces + rows));
  }

  /** Reads the values that the kernel left over in a row; false when the JSON reader refuses one. */
  private readRaw(bytes: Uint8Array, start: number, row: number): boolean {
    for (let c = 0; c < this.stores.length; c++) {
      const store = this.stores[c]!;
      if (store.kinds[row] !== rawKind) continue;
      const packed = store.numbers[row]!;
      const from = Math.floor(packed / rawFactor);
      const value = this.rawValue(bytes, start + from, start + packed - from * rawFactor);
      if (value === undefined) return false;
      storeValue(store, row, value, this.uses[c]!, this.interner);
    }
    return true;
  }

  private rawValue(bytes: Uint8Array, from: number, to: number): Value | undefined {
    if (bytes[from] === 34) {
      let i = from + 1;
      while (i < to - 1 && bytes[i]! < 128 && bytes[i] !== 92) i++;
      if (i === to - 1) return asciiText(bytes, from + 1, to - 1);
    }
    return readSlice(this.reader, bytes, from, to);
  }

  private afterBatch(
    rows: number,
    place: (row: number) => { readonly bytes: Uint8Array; readonly at: number },
  ): void {
    const { calls } = this.kernel;
    if (this.script.renew()) this.writeKeys();
    else if (rows > 0)
      this.layouts?.note(rows, calls.misses(), () => (calls.lastMiss() < 0 ? null : place(calls.lastMiss())));
  }

  describe(): string {
    const first = this.layouts === null ? "" : "learned layouts, ";
    return `// WebAssembly: ${first}keys in any order\n${this.script.describe()}`;
  }
}
