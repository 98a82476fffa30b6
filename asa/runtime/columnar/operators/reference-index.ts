import type { ReferenceInput, ReferenceJoinRelation } from "../../../plan/logical-plan";
import { type AsaRecord, DateTime, type Value } from "../../../values/value";
import type { ReferenceVersion } from "../../context";
import { Conformer } from "../../input/conform";
import { referenceSlots } from "../../input/reference-slots";
import { equalityKey } from "../../operators/equality-key";
import { type Evaluator, noValues, type Row } from "../../row";
import { type ColumnStore, makeStore, storeValue, tags } from "../columns";
import { GroupIds } from "../group-ids";
import type { TypedContext } from "./operator";

const noPart = -2_147_483_648;

/** The rows of one version of a reference input as cells, and the ways to find them by key. */
export class ReferenceIndex {
  /** Needed columns, by row. */
  readonly stores: readonly ColumnStore[];
  /** Whether texts and numbers may be looked up as such: no key is a datetime, which would equal text of several forms. */
  readonly direct: boolean;
  /** 1 for a row of which it is known beforehand that a filter behind the join drops it. */
  readonly dropped: Uint8Array;
  /** Row after a row of the same key; -1: none. */
  readonly next: Int32Array;
  private readonly groups: GroupIds;
  private readonly firsts: Int32Array;
  private readonly byKey = new Map<string, number[]>();

  constructor(
    rows: readonly AsaRecord[],
    keys: readonly (readonly Value[])[],
    names: readonly string[],
    read: readonly ((record: AsaRecord) => Value)[],
    typed: TypedContext,
    drops: (record: AsaRecord) => boolean,
  ) {
    const { interner, context } = typed;
    this.dropped = Uint8Array.from(rows, (record) => (drops(record) ? 1 : 0));
    this.stores = names.map(() => makeStore(rows.length));
    for (const [column, name] of names.entries())
      for (const [row, record] of rows.entries())
        storeValue(this.stores[column]!, row, read[column]!(record), { name, as: "text" }, interner);
    this.groups = new GroupIds(keys[0]?.length ?? 1, interner);
    this.next = new Int32Array(rows.length).fill(-1);
    const firsts: number[] = [];
    const lasts: number[] = [];
    let direct = context.dialect.textComparison === "case-sensitive";
    for (const [row, key] of keys.entries()) {
      const text = equalityKey(key, context.dialect);
      if (text !== null) {
        const known = this.byKey.get(text);
        if (known === undefined) this.byKey.set(text, [row]);
        else known.push(row);
      }
      if (key.some((part) => part instanceof DateTime)) direct = false;
      // Records and arrays are found by the text of the key alone.
      if (key.some((part) => typeof part === "object")) continue;
      const parts = key.map((part) => this.groups.partOf(typeof part === "string" ? part : Number(part)));
      let whole = parts[0]!;
      for (let i = 1; i < parts.length; i++) whole = this.groups.pair(i - 1, whole, parts[i]!);
      const group = this.groups.find(whole);
      if (group < 0) {
        this.groups.add(whole, parts);
        firsts.push(row);
        lasts.push(row);
      } else {
        this.next[lasts[group]!] = row;
        lasts[group] = row;
      }
    }
    this.direct = direct;
    this.firsts = Int32Array.from(firsts);
  }

  get size(): number {
    return this.groups.size;
  }

  /** The part of a number in a key; `noPart` when no row has it. */
  part(number: number): number {
    return this.groups.knownNumber(number) ?? noPart;
  }

  /** First row with the key of the given part; -1: none. */
  first(part: number): number {
    if (part === noPart) return -1;
    const group = this.groups.find(part);
    return group < 0 ? -1 : this.firsts[group]!;
  }

  /** The part of the values up to position `index` and the next one. */
  pair(index: number, left: number, right: number): number {
    if (left === noPart || right === noPart) return noPart;
    return this.groups.knownPair(index, left, right) ?? noPart;
  }

  /** Rows that may have a key of any values, in their order. */
  candidates(key: string): readonly number[] {
    return this.byKey.get(key) ?? [];
  }

  texts(visit: (id: number) => void): void {
    for (const { kinds, numbers } of this.stores)
      for (let row = 0; row < kinds.length; row++) if (kinds[row] === tags.text) visit(numbers[row]!);
    for (let group = 0; group < this.groups.size; group++) this.groups.texts(group, visit);
  }

  renumber(texts: Int32Array): void {
    for (const { kinds, numbers } of this.stores)
      for (let row = 0; row < kinds.length; row++)
        if (kinds[row] === tags.text) numbers[row] = texts[numbers[row]!]!;
    this.groups.keep(
      Int32Array.from({ length: this.groups.size }, (_, group) => group),
      texts,
    );
  }
}

/** Makes the index of each version of a reference input once. */
export class ReferenceIndexes {
  private readonly conformer: Conformer | null;
  private readonly keys: readonly Evaluator[];
  private readonly names: readonly string[];
  private readonly read: readonly ((record: AsaRecord) => Value)[];
  private readonly typed: TypedContext;
  private readonly drops: (record: AsaRecord) => boolean;
  private readonly known = new Map<ReferenceVersion, ReferenceIndex>();

  constructor(
    relation: ReferenceJoinRelation,
    right: ReferenceInput,
    names: readonly string[],
    read: readonly ((record: AsaRecord) => Value)[],
    typed: TypedContext,
    drops: (record: AsaRecord) => boolean,
  ) {
    const { context } = typed;
    this.drops = drops;
    this.conformer = right.declared === null ? null : new Conformer(right.declared, context.dialect);
    this.keys = relation.equalities.map((equality) => context.compile(equality.right));
    this.names = names;
    this.read = read;
    this.typed = typed;
  }

  get size(): number {
    let size = 0;
    for (const index of this.known.values()) size += index.size;
    return size;
  }

  of(version: ReferenceVersion): ReferenceIndex {
    let index = this.known.get(version);
    if (index === undefined) {
      index = this.make(version);
      // Versions that events have left behind are made anew in the rare case that one comes back.
      if (this.known.size >= 4) this.known.delete(this.known.keys().next().value!);
      this.known.set(version, index);
    }
    return index;
  }

  private make(version: ReferenceVersion): ReferenceIndex {
    const records: AsaRecord[] = [];
    const keys: Value[][] = [];
    for (const slot of referenceSlots(version.rows, this.conformer)) {
      const row: Row = { time: 0n, slots: [slot], computed: noValues, partition: "", window: null };
      records.push(slot.record);
      keys.push(this.keys.map((evaluate) => evaluate(row)));
    }
    return new ReferenceIndex(records, keys, this.names, this.read, this.typed, this.drops);
  }

  texts(visit: (id: number) => void): void {
    for (const index of this.known.values()) index.texts(visit);
  }

  renumber(texts: Int32Array): void {
    for (const index of this.known.values()) index.renumber(texts);
  }
}
