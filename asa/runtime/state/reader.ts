import type { EventMetadata } from "../../api";
import { AsaRecord, DateTime, type Value } from "../../values/value";
import type { Row, Slot } from "../row";
import { readColumn } from "./column-block";
import { stateMismatch } from "./mismatch";
import { decodeText } from "./text-bytes";

export { stateMismatch } from "./mismatch";

const scratch = new DataView(new ArrayBuffer(8));

/** Reads what `StateWriter` wrote. @throws {AsaError} ASA_STATE_MISMATCH when the bytes are cut off or damaged. */
export class StateReader {
  private at = 0;
  private readonly bytes: Uint8Array;
  /** The bytes are of a format before the fourth, which knows no columns. */
  readonly older: boolean;
  private readonly texts: string[] = [];
  private readonly slots: Slot[] = [];
  private readonly layouts: (readonly string[])[] = [];

  constructor(bytes: Uint8Array, older = false) {
    this.older = older;
    // A Node buffer's `slice` would share its memory.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) throw stateMismatch("snapshot ends too early");
    return value;
  }

  count(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const next = this.byte();
      if (next < 128) return value + next * scale;
      value += (next - 128) * scale;
      scale *= 128;
      if (scale > Number.MAX_SAFE_INTEGER) throw stateMismatch("snapshot is damaged");
    }
  }

  flag(): boolean {
    return this.byte() === 1;
  }

  number(): number {
    this.fill();
    return scratch.getFloat64(0, true);
  }

  private fill(): void {
    for (let i = 0; i < 8; i++) scratch.setUint8(i, this.byte());
  }

  integer(): bigint {
    const kind = this.byte();
    const magnitude =
      kind < 2 ? BigInt(this.count()) : kind < 4 ? fromBase36(this.text()) : this.wideInteger();
    return kind % 2 === 1 ? -magnitude : magnitude;
  }

  private wideInteger(): bigint {
    this.fill();
    return scratch.getBigUint64(0, true);
  }

  /** Reads what `StateWriter.step` wrote. */
  step(): number {
    const value = this.count();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  optionalInteger(): bigint | null {
    return this.flag() ? this.integer() : null;
  }

  text(): string {
    const reference = this.count();
    if (reference > 0) return this.known(this.texts, reference - 1);
    const wide = this.flag();
    const length = this.count();
    const bytes = this.bytes.subarray(this.at, this.at + length);
    if (bytes.length < length) throw stateMismatch("snapshot ends too early");
    this.at += length;
    const text = decodeText(bytes, wide);
    this.texts.push(text);
    return text;
  }

  private known<T>(items: readonly T[], index: number): T {
    const item = items[index];
    if (item === undefined) throw stateMismatch("snapshot is damaged");
    return item;
  }

  value(): Value {
    switch (this.byte()) {
      case 0:
        return null;
      case 1:
        return this.text();
      case 2:
        return this.integer();
      case 3:
        return this.number();
      case 4:
        return false;
      case 5:
        return true;
      case 6:
        return new DateTime(this.integer());
      case 7:
        return this.record();
      case 8:
        return this.values();
      default:
        throw stateMismatch("snapshot is damaged");
    }
  }

  values(): Value[] {
    return this.list(() => this.value());
  }

  /** Reads what `StateWriter.column` wrote, or older formats as a list in its place. */
  column(): Value[] {
    return this.older ? this.values() : readColumn(this);
  }

  record(): AsaRecord {
    const reference = this.count();
    let names: readonly string[];
    if (reference > 0) names = this.known(this.layouts, reference - 1);
    else {
      // The layout's number is taken before nested records take theirs, as the writer does.
      const own: string[] = [];
      this.layouts.push(own);
      const length = this.count();
      for (let i = 0; i < length; i++) own.push(this.text());
      names = own;
    }
    const values: Value[] = [];
    for (let i = 0; i < names.length; i++) values.push(this.value());
    return new AsaRecord(names, values);
  }

  private metadata(): EventMetadata {
    const partition = this.count();
    const sequence = this.integer();
    const offset = this.value() as string | null;
    const partitionKey = this.value() as string | null;
    const properties = this.value() as AsaRecord | null;
    const system = this.value() as AsaRecord | null;
    return {
      partition,
      sequence,
      ...(offset === null ? {} : { offset }),
      partitionKey,
      ...(properties === null ? {} : { properties }),
      ...(system === null ? {} : { system }),
    };
  }

  slot(): Slot | null {
    const reference = this.count();
    if (reference === 0) return null;
    if (reference > 1) return this.known(this.slots, reference - 2);
    const record = this.record();
    const time = this.integer();
    const arrival = this.integer();
    const metadata = this.flag() ? this.metadata() : null;
    const slot: Slot = { record, time, arrival, metadata };
    this.slots.push(slot);
    return slot;
  }

  row(): Row {
    const time = this.integer();
    const slots = this.list(() => this.slot());
    const computed = this.values();
    const partition = this.text();
    const window = this.value() as string | null;
    return { time, slots, computed, partition, window };
  }

  /** Reads what `StateWriter.array` wrote. */
  array<T extends Float64Array | Int32Array | Uint8Array>(type: { new (buffer: ArrayBuffer): T }): T {
    const length = this.count();
    if (this.at + length > this.bytes.length) throw stateMismatch("snapshot ends too early");
    const copy = this.bytes.slice(this.at, this.at + length);
    this.at += length;
    return new type(copy.buffer as ArrayBuffer);
  }

  /** Reads what another writer wrote as an array of bytes. */
  inner(): StateReader {
    return new StateReader(this.array(Uint8Array), this.older);
  }

  list<T>(read: () => T): T[] {
    return this.times(this.count(), read);
  }

  times<T>(length: number, read: () => T): T[] {
    const items: T[] = [];
    for (let i = 0; i < length; i++) items.push(read());
    return items;
  }
}

function fromBase36(text: string): bigint {
  let value = 0n;
  for (const digit of text) value = value * 36n + BigInt(Number.parseInt(digit, 36));
  return value;
}
