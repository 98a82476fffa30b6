import type { LogicalPlan } from "../plan/logical-plan";
import { StateReader, stateMismatch } from "./state/reader";
import { StateWriter } from "./state/writer";

/** "ASAS", then the version of the format. A change of any operator's state counts the version up. */
const magic = [65, 83, 65, 83];
const formatVersion = 2;
/** The first format: every relation by rows. It is read still. */
const rowsOnly = 1;

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

/** Room that the header may take before the state; a multiple of four, so that the checksum reads whole words. */
export const headRoom = 64;

/** Puts the header right before a state that stands at `headRoom`; returns the snapshot, a view of the same bytes. */
export function sealSnapshot(plan: LogicalPlan, bytes: Uint8Array, size: number, sum: number): Uint8Array {
  const header = new StateWriter();
  for (const byte of magic) header.byte(byte);
  header.count(formatVersion);
  header.text(queryHash(plan).toString(16));
  header.count(size);
  header.count(sum);
  const head = header.result();
  bytes.set(head, headRoom - head.length);
  return bytes.subarray(headRoom - head.length, headRoom + size);
}

/**
 * Checks the header and returns the state behind it.
 * @throws {AsaError} ASA_STATE_MISMATCH for another query, another format, or damaged bytes.
 */
export function readSnapshot(
  plan: LogicalPlan,
  snapshot: Uint8Array,
): { readonly state: Uint8Array; readonly rowsOnly: boolean } {
  const reader = new StateReader(snapshot);
  if (magic.some((byte) => reader.byte() !== byte)) throw stateMismatch("the bytes are no snapshot of a job");
  const version = reader.count();
  if (version !== formatVersion && version !== rowsOnly)
    throw stateMismatch(`snapshot format ${version} is unknown`);
  if (reader.text() !== queryHash(plan).toString(16))
    throw stateMismatch("the snapshot belongs to another query");
  const length = reader.count();
  const sum = reader.count();
  const state = snapshot.subarray(snapshot.length - length);
  if (length > snapshot.length || (version === rowsOnly ? checksum : wordChecksum)(state) !== sum)
    throw stateMismatch("the snapshot is damaged");
  return { state, rowsOnly: version === rowsOnly };
}

/** Bytes that `WordChecksum` takes at a time. */
const checksumSlice = 1 << 20;
const prime = 16_777_619;

/** FNV-1a over words of 32 bits in four lanes, so that a large state is checked in a few milliseconds, and in pieces. */
export class WordChecksum {
  private readonly bytes: Uint8Array;
  private readonly words: Int32Array;
  private readonly lanes = [1, 2, 3, 4];
  private at = 0;

  constructor(bytes: Uint8Array) {
    // Not `slice`: a Node buffer's shares the memory, and so the offset.
    this.bytes = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
    this.words = new Int32Array(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length >> 2);
  }

  /** Takes about a megabyte more; true when all is taken. */
  step(): boolean {
    const { words } = this;
    const last = words.length - 3;
    let [a, b, c, d] = this.lanes as [number, number, number, number];
    let i = this.at;
    for (const end = Math.min(i + checksumSlice / 4, last); i < end; i += 4) {
      a = Math.imul(a ^ words[i]!, prime);
      b = Math.imul(b ^ words[i + 1]!, prime);
      c = Math.imul(c ^ words[i + 2]!, prime);
      d = Math.imul(d ^ words[i + 3]!, prime);
    }
    this.lanes.splice(0, 4, a, b, c, d);
    this.at = i;
    return i >= last;
  }

  /** The sum of all bytes; takes what is left. */
  result(): number {
    while (!this.step());
    let [a, b, c, d] = this.lanes as [number, number, number, number];
    for (let i = this.at * 4; i < this.bytes.length; i++) a = Math.imul(a ^ this.bytes[i]!, prime);
    return (Math.imul(Math.imul(Math.imul(a, prime) ^ b, prime) ^ c, prime) ^ d) >>> 0;
  }
}

const wordChecksum = (bytes: Uint8Array): number => new WordChecksum(bytes).result();

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
