import type { LogicalPlan } from "../plan/logical-plan";
import { StateReader, stateMismatch } from "./state/reader";
import { StateWriter } from "./state/writer";

/** "ASAS", then the version of the format. A change of any operator's state counts the version up. */
const magic = [65, 83, 65, 83];
const formatVersion = 4;
/** The third format: lists value by value, waiting rows one by one. */
export const thirdFormat = 3;
/** The second format: typed state of inputs and of tumbling and hopping windows alone, the texts of each input by themselves. */
export const secondFormat = 2;
/** The first format: every relation by rows. It is read still. */
export const rowsOnly = 1;

/** FNV-1a, 64 bits, over UTF-16 units. */
function hash(text: string): bigint {
  let value = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) {
    value ^= BigInt(text.charCodeAt(i));
    value = (value * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return value;
}

/** Hash of what decides the shape and meaning of a job's state: the query's text and its dialect. */
function queryHash(plan: LogicalPlan): bigint {
  return hash(`${plan.text}\u0000${JSON.stringify(Object.entries(plan.dialect).sort())}`);
}

/** The bytes that stand before a job's state: magic, format version, query hash, length and checksum. */
export function snapshotHeader(plan: LogicalPlan, size: number, sum: number): Uint8Array {
  const header = new StateWriter();
  for (const byte of magic) header.byte(byte);
  header.count(formatVersion);
  header.text(queryHash(plan).toString(16));
  header.count(size);
  header.count(sum);
  return header.result();
}

/**
 * Checks the header and returns the state behind it.
 * @throws {AsaError} ASA_STATE_MISMATCH for another query, another format, or damaged bytes.
 */
export function readSnapshot(
  plan: LogicalPlan,
  snapshot: Uint8Array,
): { readonly state: Uint8Array; readonly version: number } {
  const reader = new StateReader(snapshot);
  if (magic.some((byte) => reader.byte() !== byte)) throw stateMismatch("the bytes are no snapshot of a job");
  const version = reader.count();
  if (version < rowsOnly || version > formatVersion)
    throw stateMismatch(`snapshot format ${version} is unknown`);
  if (reader.text() !== queryHash(plan).toString(16))
    throw stateMismatch("the snapshot belongs to another query");
  const length = reader.count();
  const sum = reader.count();
  const state = snapshot.subarray(snapshot.length - length);
  if (length > snapshot.length || (version === rowsOnly ? checksum : wordChecksum)(state) !== sum)
    throw stateMismatch("the snapshot is damaged");
  return { state, version };
}

/** Bytes that `WordChecksum` takes at a time. */
const checksumSlice = 1 << 20;
const prime = 16_777_619;

/** FNV-1a over words of 32 bits in four lanes, so that a large state is checked in a few milliseconds, and in pieces. */
export class WordChecksum {
  private readonly pieces: readonly Uint8Array[];
  private readonly lanes = new Int32Array([1, 2, 3, 4]);
  private piece = 0;
  private at = 0;
  /** Bytes of a group of four words that ends in a later piece. */
  private readonly rest: number[] = [];

  constructor(pieces: readonly Uint8Array[]) {
    this.pieces = pieces;
  }

  /** Takes about a megabyte more; true when all is taken. */
  step(): boolean {
    const piece = this.pieces[this.piece];
    if (piece === undefined) return true;
    while (this.rest.length % 16 !== 0 && this.at < piece.length) this.rest.push(piece[this.at++]!);
    if (this.rest.length === 16) this.words(Uint8Array.from(this.rest.splice(0)), 0, 16);
    const whole = piece.length - ((piece.length - this.at) % 16);
    const end = Math.min(whole, this.at + checksumSlice);
    if (this.rest.length === 0) {
      this.words(piece, this.at, end);
      this.at = end;
    }
    if (this.at < whole) return false;
    while (this.at < piece.length) this.rest.push(piece[this.at++]!);
    this.piece++;
    this.at = 0;
    return this.piece >= this.pieces.length;
  }

  /** Groups of four words. */
  private words(bytes: Uint8Array, from: number, to: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let [a, b, c, d] = this.lanes as unknown as [number, number, number, number];
    for (let i = from; i < to; i += 16) {
      a = Math.imul(a ^ view.getInt32(i, true), prime);
      b = Math.imul(b ^ view.getInt32(i + 4, true), prime);
      c = Math.imul(c ^ view.getInt32(i + 8, true), prime);
      d = Math.imul(d ^ view.getInt32(i + 12, true), prime);
    }
    this.lanes.set([a, b, c, d]);
  }

  /** The sum of all bytes; takes what is left. */
  result(): number {
    while (!this.step());
    let [a, b, c, d] = this.lanes as unknown as [number, number, number, number];
    for (const byte of this.rest) a = Math.imul(a ^ byte, prime);
    return (Math.imul(Math.imul(Math.imul(a, prime) ^ b, prime) ^ c, prime) ^ d) >>> 0;
  }
}

const wordChecksum = (bytes: Uint8Array): number => new WordChecksum([bytes]).result();

/** Adler-32, the checksum of the first format. */
function checksum(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  // So many bytes keep both sums below 2^32 without a remainder in between.
  const chunk = 3800;
  for (let from = 0; from < bytes.length; from += chunk) {
    const to = Math.min(from + chunk, bytes.length);
    for (let i = from; i < to; i++) {
      a += bytes[i]!;
      b += a;
    }
    a %= 65_521;
    b %= 65_521;
  }
  return b * 65_536 + a;
}
