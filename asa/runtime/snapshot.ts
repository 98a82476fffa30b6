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

/** Puts a header before a job's state: magic, format version, query hash, length and checksum. */
export function writeSnapshot(plan: LogicalPlan, state: Uint8Array): Uint8Array {
  const header = new StateWriter();
  for (const byte of magic) header.byte(byte);
  header.count(formatVersion);
  header.text(queryHash(plan).toString(16));
  header.count(state.length);
  header.count(wordChecksum(state));
  const head = header.result();
  const whole = new Uint8Array(head.length + state.length);
  whole.set(head);
  whole.set(state, head.length);
  return whole;
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

/** FNV-1a over words of 32 bits in four lanes, so that a large state is checked in a few milliseconds. */
function wordChecksum(bytes: Uint8Array): number {
  // Not `slice`: a Node buffer's shares the memory, and so the offset.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2);
  const prime = 16_777_619;
  let [a, b, c, d] = [1, 2, 3, 4];
  let i = 0;
  for (const end = words.length - 3; i < end; i += 4) {
    a = Math.imul(a ^ words[i]!, prime);
    b = Math.imul(b ^ words[i + 1]!, prime);
    c = Math.imul(c ^ words[i + 2]!, prime);
    d = Math.imul(d ^ words[i + 3]!, prime);
  }
  for (i *= 4; i < aligned.length; i++) a = Math.imul(a ^ aligned[i]!, prime);
  return (Math.imul(Math.imul(Math.imul(a, prime) ^ b, prime) ^ c, prime) ^ d) >>> 0;
}

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
