import { groupKey } from "../../values/group-key";
import { DateTime, type Value } from "../../values/value";
import type { StateReader } from "../state/reader";
import { StateWriter } from "../state/writer";
import { type ColumnStore, stampText, storeValue, tags } from "./columns";
import type { Interner } from "./interner";
import { absoluteTicks } from "./ticks";

const valueUse = { name: "", as: "value" } as const;
const pairFactor = 67_108_864;

/**
 * Small numbers for the different keys of a GROUP BY. A part of a key is the number of its text, -1 for NULL, or a lower
 * number for any other value; two values have one part exactly when they are one group.
 */
export class GroupIds {
  private readonly width: number;
  private readonly interner: Interner;
  private ofText = new Int32Array(1 << 6).fill(-1);
  private readonly ofOther = new Map<number, number>();
  private readonly pairs: readonly Map<number, number>[];
  private readonly numbers = new Map<number, number>();
  private readonly others = new Map<string, number>();
  /** Values of the parts from -2 downwards. */
  private values: Value[] = [];
  /** The first of the values, as long as they are numbers, as a snapshot has them. */
  private numbersEncoded = new StateWriter();
  private numbersCount = 0;
  /** The parts of all groups, side by side. */
  private parts = new Int32Array(1 << 6);
  private count = 0;

  constructor(width: number, interner: Interner) {
    this.width = width;
    this.interner = interner;
    this.pairs = Array.from({ length: Math.max(width - 1, 0) }, () => new Map<number, number>());
  }

  get size(): number {
    return this.count;
  }

  /** The part of a cell that holds no text. */
  part(kind: number, number: number, boxed: Value): number {
    if (kind === tags.null) return -1;
    if (kind === tags.integer || kind === tags.float) {
      let part = this.numbers.get(number);
      if (part === undefined) {
        part = this.newPart(kind === tags.integer ? BigInt(number) : number);
        this.numbers.set(number, part);
      }
      return part;
    }
    if (kind >= tags.stamp) return this.partOf(stampText(number, kind - tags.stamp));
    const value =
      kind === tags.bit ? number === 1 : kind === tags.time ? new DateTime(absoluteTicks(number)) : boxed;
    if (value === null) return -1;
    if (typeof value === "bigint" && BigInt(Number(value)) === value)
      return this.part(tags.integer, Number(value), null);
    // A text that came in a box is the same key as one that came by its number.
    const text = typeof value === "string" ? this.interner.id(value) : null;
    if (text !== null) return text;
    const key = groupKey(value);
    let part = this.others.get(key);
    if (part === undefined) {
      part = this.newPart(value);
      this.others.set(key, part);
    }
    return part;
  }

  private newPart(value: Value): number {
    this.values.push(value);
    return -1 - this.values.length;
  }

  /** The part of any value. */
  partOf(value: Value): number {
    if (typeof value === "number") return this.part(tags.float, value, null);
    return this.part(value === null ? tags.null : tags.boxed, 0, value);
  }

  /** The part of a number that a key has already. */
  knownNumber(number: number): number | undefined {
    return this.numbers.get(number);
  }

  /** The number of two parts together that a key has already. */
  knownPair(index: number, left: number, right: number): number | undefined {
    return this.pairs[index]!.get((left + pairFactor / 2) * pairFactor + right + pairFactor / 2);
  }

  /** The number of two parts together, from the part on the left up to position `index`. */
  pair(index: number, left: number, right: number): number {
    const pairs = this.pairs[index]!;
    const key = (left + pairFactor / 2) * pairFactor + right + pairFactor / 2;
    let part = pairs.get(key);
    if (part === undefined) {
      part = pairs.size;
      pairs.set(key, part);
    }
    return part;
  }

  /** The group of a whole key given as one part; -1 when it is new. */
  find(part: number): number {
    if (part < 0) return this.ofOther.get(part) ?? -1;
    return part < this.ofText.length ? this.ofText[part]! : -1;
  }

  /** Begins a group; `parts` are those of its key, `whole` all of them together. */
  add(whole: number, parts: readonly number[]): number {
    const group = this.count++;
    if (this.count * this.width > this.parts.length) {
      const grown = new Int32Array(this.parts.length * 2);
      grown.set(this.parts);
      this.parts = grown;
    }
    for (let i = 0; i < this.width; i++) this.parts[group * this.width + i] = parts[i]!;
    this.link(group, whole);
    return group;
  }

  private link(group: number, whole: number): void {
    if (whole < 0) {
      this.ofOther.set(whole, group);
      return;
    }
    if (whole >= this.ofText.length) {
      const grown = new Int32Array(Math.max(this.ofText.length * 2, whole + 1)).fill(-1);
      grown.set(this.ofText);
      this.ofText = grown;
    }
    this.ofText[whole] = group;
  }

  /** The values of a group's key. */
  keys(group: number): Value[] {
    const keys = new Array<Value>(this.width);
    for (let i = 0; i < keys.length; i++) {
      const part = this.parts[group * this.width + i]!;
      keys[i] = part >= 0 ? this.interner.text(part) : part === -1 ? null : this.values[-2 - part]!;
    }
    return keys;
  }

  /** Puts part `index` of a group's key into a cell. */
  put(group: number, index: number, store: ColumnStore, row: number): void {
    const part = this.parts[group * this.width + index]!;
    if (part >= 0) {
      store.kinds[row] = tags.text;
      store.numbers[row] = part;
    } else storeValue(store, row, part === -1 ? null : this.values[-2 - part]!, valueUse, this.interner);
  }

  /** Calls `visit` for the number of every text in a group's key. */
  texts(group: number, visit: (id: number) => void): void {
    for (let i = 0; i < this.width; i++) {
      const part = this.parts[group * this.width + i]!;
      if (part >= 0) visit(part);
    }
  }

  /** Keeps the given groups alone, numbered in this order; `numbers` has the new number of each text. */
  keep(groups: Int32Array, numbers: Int32Array): void {
    const { width, parts, values } = this;
    this.begin();
    const kept: number[] = new Array(width);
    for (const group of groups) {
      for (let i = 0; i < width; i++) {
        const part = parts[group * width + i]!;
        kept[i] = part >= 0 ? numbers[part]! : part === -1 ? -1 : this.partOf(values[-2 - part]!);
      }
      this.add(this.whole(kept), kept);
    }
  }

  private begin(): void {
    this.ofText = new Int32Array(1 << 6).fill(-1);
    this.parts = new Int32Array(1 << 6);
    this.ofOther.clear();
    this.numbers.clear();
    this.others.clear();
    for (const map of this.pairs) map.clear();
    this.values = [];
    this.numbersEncoded = new StateWriter();
    this.numbersCount = 0;
    this.count = 0;
  }

  private whole(parts: readonly number[]): number {
    let whole = parts[0] ?? -1;
    for (let i = 1; i < parts.length; i++) whole = this.pair(i - 1, whole, parts[i]!);
    return whole;
  }

  save(writer: StateWriter): void {
    writer.count(this.count);
    writer.array(this.parts.subarray(0, this.count * this.width), "grows");
    this.encodeNumbers();
    writer.count(this.values.length);
    writer.raw(this.numbersEncoded.written, "grows");
    for (let i = this.numbersCount; i < this.values.length; i++) writer.value(this.values[i]!);
  }

  /** Keys that are numbers are encoded once, so that a snapshot of many of them copies bytes. */
  private encodeNumbers(): void {
    for (; this.numbersCount < this.values.length; this.numbersCount++) {
      const value = this.values[this.numbersCount]!;
      // A larger integer is written as text, which every writer numbers for itself.
      if (typeof value === "bigint" ? !Number.isSafeInteger(Number(value)) : typeof value !== "number")
        return;
      this.numbersEncoded.value(value);
    }
  }

  load(reader: StateReader): void {
    this.begin();
    const count = reader.count();
    const parts = reader.array(Int32Array);
    // Every part of another value is given out again.
    const others = reader.values().map((value) => this.partOf(value));
    const own: number[] = new Array(this.width);
    for (let group = 0; group < count; group++) {
      for (let i = 0; i < this.width; i++) {
        const part = parts[group * this.width + i]!;
        own[i] = part < -1 ? others[-2 - part]! : part;
      }
      this.add(this.whole(own), own);
    }
  }
}
