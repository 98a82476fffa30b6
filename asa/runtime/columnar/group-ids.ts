import { groupKey } from "../../values/group-key";
import type { Value } from "../../values/value";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { tags } from "./columns";

const pairFactor = 67_108_864;

/**
 * Small numbers for the different keys of a GROUP BY. A part of a key is the number of its text, or a negative number
 * for any other value; two values have one part exactly when they are one group.
 */
export class GroupIds {
  private ofText = new Int32Array(1 << 10).fill(-1);
  private readonly ofOther = new Map<number, number>();
  private readonly pairs: Map<number, number>[];
  private readonly numbers = new Map<number, number>();
  private readonly others = new Map<string, number>();
  private nextPart = -2;
  /** The key values of each group, as its first event had them. */
  readonly keys: (readonly Value[])[] = [];

  constructor(parts: number) {
    this.pairs = Array.from({ length: Math.max(parts - 1, 0) }, () => new Map<number, number>());
  }

  get size(): number {
    return this.keys.length;
  }

  /** The part of a cell that holds no text. */
  part(kind: number, number: number, boxed: Value): number {
    if (kind === tags.null) return -1;
    if (kind === tags.integer || kind === tags.float) {
      let part = this.numbers.get(number);
      if (part === undefined) {
        part = this.nextPart--;
        this.numbers.set(number, part);
      }
      return part;
    }
    const value = kind === tags.bit ? number === 1 : boxed;
    if (value === null) return -1;
    if (typeof value === "bigint" && BigInt(Number(value)) === value)
      return this.part(tags.integer, Number(value), null);
    const key = groupKey(value);
    let part = this.others.get(key);
    if (part === undefined) {
      part = this.nextPart--;
      this.others.set(key, part);
    }
    return part;
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

  add(part: number, keys: readonly Value[]): number {
    const group = this.keys.length;
    this.keys.push(keys);
    if (part < 0) this.ofOther.set(part, group);
    else {
      if (part >= this.ofText.length) {
        const grown = new Int32Array(Math.max(this.ofText.length * 2, part + 1)).fill(-1);
        grown.set(this.ofText);
        this.ofText = grown;
      }
      this.ofText[part] = group;
    }
    return group;
  }

  /** Keeps the given groups alone, numbered in this order; `partOf` gives the part of a key value anew. */
  keep(groups: readonly number[], partOf: (value: Value) => number): void {
    const kept = groups.map((group) => this.keys[group]!);
    this.keys.length = 0;
    this.ofText = new Int32Array(1 << 10).fill(-1);
    this.ofOther.clear();
    this.numbers.clear();
    this.others.clear();
    this.nextPart = -2;
    for (const map of this.pairs) map.clear();
    for (const keys of kept) {
      let whole = keys.length === 0 ? -1 : partOf(keys[0]!);
      for (let i = 1; i < keys.length; i++) whole = this.pair(i - 1, whole, partOf(keys[i]!));
      this.add(whole, keys);
    }
  }

  save(writer: StateWriter): void {
    writer.list(this.keys, this.keys.length, (keys) => writer.values(keys));
    writer.array(this.ofText);
    const maps = [this.ofOther, this.numbers, ...this.pairs];
    for (const map of maps) {
      writer.list(map, map.size, ([key, value]) => {
        writer.number(key);
        writer.number(value);
      });
    }
    writer.list(this.others, this.others.size, ([key, value]) => {
      writer.text(key);
      writer.number(value);
    });
    writer.number(this.nextPart);
  }

  load(reader: StateReader): void {
    this.keys.splice(0, this.keys.length, ...reader.list(() => reader.values()));
    this.ofText = reader.array(Int32Array);
    for (const map of [this.ofOther, this.numbers, ...this.pairs]) {
      map.clear();
      for (const [key, value] of reader.list(() => [reader.number(), reader.number()] as const))
        map.set(key, value);
    }
    this.others.clear();
    for (const [key, value] of reader.list(() => [reader.text(), reader.number()] as const))
      this.others.set(key, value);
    this.nextPart = reader.number();
  }
}
