import type { EventMetadata } from "../../api";
import { AsaRecord, DateTime, type Value } from "../../values/value";
import type { Row, Slot } from "../row";
import { writeColumn } from "./column-block";
import type { Changes } from "./large-arrays";
import { encodeText } from "./text-bytes";

const largePiece = 65_536;

type TakeLarge = (bytes: Uint8Array, changes: Changes) => Uint8Array;

/** Bytes of a snapshot, or what makes them once the moment of the snapshot is over. */
export type Piece = Uint8Array | (() => Uint8Array);

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

/**
 * Writes state as bytes: little-endian varints, length-prefixed UTF-8, tagged values.
 *
 * Texts and records that occur again are written once and referred to by number, so that rows which share a record
 * still share it after `StateReader` has read them.
 */
export class StateWriter {
  /** Finished pieces before `bytes`. */
  private readonly finished: Piece[] = [];
  private bytes = new Uint8Array(1024);
  private length = 0;
  private readonly texts = new Map<string, number>();
  private readonly slots = new Map<Slot, number>();
  private readonly layouts = new Map<readonly string[], number>();
  /** Layouts by their names: equal ones need not be one array, and the bytes must not show whether they are. */
  private readonly namedLayouts = new Map<string, number>();

  private readonly takeLarge: TakeLarge;

  /** `takeLarge` gives what stands for a large array; without it the array itself does, and must not change before `result`. */
  constructor(takeLarge: TakeLarge = (bytes) => bytes) {
    this.takeLarge = takeLarge;
  }

  result(): Uint8Array {
    return joined(this.pieces.map(bytesOf));
  }

  /** What was written, as another writer's `array` has it. */
  resultAsArray(): Uint8Array {
    const content = this.pieces.map(bytesOf);
    const head = new StateWriter();
    head.count(content.reduce((sum, { length }) => sum + length, 0));
    return joined([head.written, ...content]);
  }

  /** What was written, in order. */
  get pieces(): readonly Piece[] {
    return [...this.finished, this.bytes.slice(0, this.length)];
  }

  /** Bytes that are made after the moment of the snapshot, of what does not change any more. */
  later(make: () => Uint8Array): void {
    this.finished.push(this.bytes.slice(0, this.length), make);
    this.length = 0;
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** A whole number from 0 to 2^53. */
  count(value: number): void {
    this.reserve(10);
    let rest = value;
    while (rest >= 128) {
      this.bytes[this.length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.length++] = rest;
  }

  flag(value: boolean): void {
    this.byte(value ? 1 : 0);
  }

  number(value: number): void {
    scratch.setFloat64(0, value, true);
    this.raw(scratchBytes);
  }

  /** A whole number of either sign below 2^52. */
  step(value: number): void {
    this.count(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Any integer: 0 and 1 mark a short magnitude, 4 and 5 one of 64 bits, 2 and 3 one written as text. */
  integer(value: bigint): void {
    const magnitude = value < 0n ? -value : value;
    const sign = value < 0n ? 1 : 0;
    if (magnitude <= 0x1fffffffffffffn) {
      this.byte(sign);
      this.count(Number(magnitude));
    } else if (magnitude <= 0xffffffffffffffffn) {
      this.byte(sign + 4);
      scratch.setBigUint64(0, magnitude, true);
      this.raw(scratchBytes);
    } else {
      this.byte(sign + 2);
      this.text(magnitude.toString(36));
    }
  }

  optionalInteger(value: bigint | null): void {
    this.flag(value !== null);
    if (value !== null) this.integer(value);
  }

  text(value: string): void {
    const known = this.texts.get(value);
    if (known !== undefined) {
      this.count(known + 1);
      return;
    }
    this.texts.set(value, this.texts.size);
    this.count(0);
    const encoded = encodeText(value);
    this.flag(encoded.wide);
    this.count(encoded.bytes.length);
    this.reserve(encoded.bytes.length);
    this.bytes.set(encoded.bytes, this.length);
    this.length += encoded.bytes.length;
  }

  value(value: Value): void {
    if (typeof value === "string") {
      this.byte(1);
      this.text(value);
    } else if (typeof value === "bigint") {
      this.byte(2);
      this.integer(value);
    } else if (typeof value === "number") {
      this.byte(3);
      this.number(value);
    } else if (typeof value === "boolean") this.byte(value ? 5 : 4);
    else if (value === null) this.byte(0);
    else if (value instanceof DateTime) {
      this.byte(6);
      this.integer(value.ticks);
    } else if (value instanceof AsaRecord) {
      this.byte(7);
      this.record(value);
    } else {
      this.byte(8);
      this.values(value);
    }
  }

  values(values: readonly Value[]): void {
    this.count(values.length);
    for (const value of values) this.value(value);
  }

  /** Many values next to each other, read by `StateReader.column`; texts in it have numbers of their own. */
  column(values: readonly Value[]): void {
    writeColumn(this, values);
  }

  record(record: AsaRecord): void {
    let known = this.layouts.get(record.names);
    if (known === undefined) {
      const key = JSON.stringify(record.names);
      known = this.namedLayouts.get(key);
      this.layouts.set(record.names, known ?? this.namedLayouts.size);
      if (known === undefined) this.namedLayouts.set(key, this.namedLayouts.size);
    }
    if (known === undefined) {
      this.count(0);
      this.count(record.names.length);
      for (const name of record.names) this.text(name);
    } else this.count(known + 1);
    for (let i = 0; i < record.names.length; i++) this.value(record.values[i] ?? null);
  }

  private metadata(metadata: EventMetadata): void {
    this.count(metadata.partition);
    this.integer(metadata.sequence);
    this.value(metadata.offset ?? null);
    this.value(metadata.partitionKey ?? null);
    this.value(metadata.properties ?? null);
    this.value(metadata.system ?? null);
  }

  slot(slot: Slot | null): void {
    const known = slot === null ? -2 : this.slots.get(slot);
    if (slot === null || known !== undefined) {
      this.count((known ?? 0) + 2);
      return;
    }
    this.slots.set(slot, this.slots.size);
    this.count(1);
    this.record(slot.record);
    this.integer(slot.time);
    this.integer(slot.arrival);
    this.flag(slot.metadata !== null);
    if (slot.metadata !== null) this.metadata(slot.metadata);
  }

  row(row: Row): void {
    this.integer(row.time);
    this.count(row.slots.length);
    for (const slot of row.slots) this.slot(slot);
    this.values(row.computed);
    this.text(row.partition);
    this.value(row.window);
  }

  /** A typed array as its bytes; `changes` says how a large one may change while a snapshot is prepared. */
  array(values: Float64Array | Int32Array | Uint8Array, changes: Changes = null): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.count(bytes.length);
    this.raw(bytes, changes);
  }

  /** What another writer wrote, provided that no text, record or slot is in it: these are numbered for each writer. */
  raw(bytes: Uint8Array, changes: Changes = null): void {
    if (bytes.length > largePiece) {
      this.finished.push(this.bytes.slice(0, this.length), this.takeLarge(bytes, changes));
      this.length = 0;
      return;
    }
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** What was written, as a view that later writing leaves alone; only without large arrays. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  list<T>(items: Iterable<T>, size: number, write: (item: T) => void): void {
    this.count(size);
    for (const item of items) write(item);
  }
}

export const bytesOf = (piece: Piece): Uint8Array => (typeof piece === "function" ? piece() : piece);

/** Pieces as one, behind `head` bytes that are left free. */
export function joined(pieces: readonly Uint8Array[], head = 0): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, head));
  let at = head;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
