import { encodeValue, symbol, transferHeaderBytes, writeTransferHeader } from "../amqp";
import type { MessageParts } from "./sections";

/**
 * The stored form of a message: a ready-made transfer frame whose first annotations are the service's own.
 * Sequence number and enqueued time stand at fixed places, so that both can be read without decoding.
 */
const annotationsHead: Buffer = Buffer.from([0x00, 0x53, 0x72, 0xd1, 0, 0, 0, 0, 0, 0, 0, 0]);
const sequenceKey = Buffer.concat([encodeValue(symbol("x-opt-sequence-number")), Buffer.from([0x81])]);
const enqueuedKey = Buffer.concat([encodeValue(symbol("x-opt-enqueued-time")), Buffer.from([0x83])]);
const offsetKey = Buffer.concat([encodeValue(symbol("x-opt-offset")), Buffer.from([0xa1])]);

const mapAt = transferHeaderBytes + 4;
const sequenceKeyAt = transferHeaderBytes + annotationsHead.length;
const sequenceAt = sequenceKeyAt + sequenceKey.length;
const enqueuedKeyAt = sequenceAt + 8;
const enqueuedAt = enqueuedKeyAt + enqueuedKey.length;
const offsetKeyAt = enqueuedAt + 8;
const offsetLengthAt = offsetKeyAt + offsetKey.length;
const offsetAt = offsetLengthAt + 1;
const ownEntries = 6;
/** A log position never has more decimal digits. */
const maxOffsetDigits = 16;

/** Bytes that the message takes at most. */
export function storedBytesAtMost(parts: MessageParts): number {
  let bytes = offsetAt + maxOffsetDigits + parts.rest.length;
  for (const slice of parts.annotations) bytes += slice.length;
  return bytes;
}

/** Writes the message at `at` and returns its length. */
export function writeStored(
  buffer: Buffer,
  at: number,
  parts: MessageParts,
  sequence: number,
  enqueuedMs: number,
  offset: number,
): number {
  buffer.set(annotationsHead, at + transferHeaderBytes);
  buffer.set(sequenceKey, at + sequenceKeyAt);
  writeInt64(buffer, at + sequenceAt, sequence);
  buffer.set(enqueuedKey, at + enqueuedKeyAt);
  writeInt64(buffer, at + enqueuedAt, enqueuedMs);
  buffer.set(offsetKey, at + offsetKeyAt);
  const digits = buffer.write(String(offset), at + offsetAt, "latin1");
  buffer[at + offsetLengthAt] = digits;
  let end = at + offsetAt + digits;
  for (const slice of parts.annotations) {
    buffer.set(slice, end);
    end += slice.length;
  }
  buffer.writeUInt32BE(end - (at + mapAt + 4), at + mapAt);
  buffer.writeUInt32BE(ownEntries + parts.annotationCount, at + mapAt + 4);
  buffer.set(parts.rest, end);
  end += parts.rest.length;
  writeTransferHeader(buffer, at, end - at);
  return end - at;
}

/** Bytes of the stored message at `at`. */
export function storedLength(buffer: Buffer, at: number): number {
  return buffer.readUInt32BE(at);
}

/** The offset of the stored message at `at`, as the service spells it. */
export function storedOffset(buffer: Buffer, at: number): string {
  const digits = buffer[at + offsetLengthAt] as number;
  return buffer.toString("latin1", at + offsetAt, at + offsetAt + digits);
}

/** The least a stored message takes; anything shorter is damage. */
export const minStoredBytes: number = offsetAt + 1;

function writeInt64(buffer: Buffer, at: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000);
  buffer.writeInt32BE(high, at);
  buffer.writeUInt32BE(value - high * 0x1_0000_0000, at + 4);
}
