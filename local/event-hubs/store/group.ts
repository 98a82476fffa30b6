import { minStoredBytes, storedLength } from "../message";
import { crc32 } from "./checksum";

/**
 * A group is what one append wrote: a header and the stored messages of a batch. It is in the log as a whole or not at
 * all, because one checksum covers it.
 *
 *   0 u32 bytes in all   4 u32 crc of all behind   8 f64 first sequence   16 f64 enqueued ms   24 f64 appended wall ms
 *   32 u32 messages      36 u32 writer kind        40 i64 writer id       48 i32 writer epoch  52 u32 writer sequence
 */
export const groupHeaderBytes = 56;

/** Who wrote a group, so that a repeated append is known as one. */
export interface Writer {
  readonly kind: "producer" | "client";
  readonly id: bigint;
  readonly epoch: number;
  /** Sequence of the group's last event (producer) or of the request (client); only ever grows. */
  readonly sequence: number;
}

export interface GroupHeader {
  readonly bytes: number;
  readonly firstSequence: number;
  readonly enqueuedMs: number;
  readonly appendedWallMs: number;
  readonly count: number;
  readonly writer: Writer | undefined;
}

export const writerKinds = [undefined, "producer", "client"] as const;

/** Writes the header of a group whose messages stand behind it already. */
export function sealGroup(buffer: Buffer, at: number, header: GroupHeader): void {
  const { writer } = header;
  buffer.writeUInt32BE(header.bytes, at);
  buffer.writeDoubleBE(header.firstSequence, at + 8);
  buffer.writeDoubleBE(header.enqueuedMs, at + 16);
  buffer.writeDoubleBE(header.appendedWallMs, at + 24);
  buffer.writeUInt32BE(header.count, at + 32);
  buffer.writeUInt32BE(writer === undefined ? 0 : writerKinds.indexOf(writer.kind), at + 36);
  buffer.writeBigInt64BE(writer?.id ?? 0n, at + 40);
  buffer.writeInt32BE(writer?.epoch ?? 0, at + 48);
  buffer.writeUInt32BE(writer?.sequence ?? 0, at + 52);
  buffer.writeUInt32BE(crc32(buffer.subarray(at + 8, at + header.bytes)), at + 4);
}

/** The group at `at`, or undefined when its bytes are torn or damaged. */
export function openGroup(
  buffer: Buffer,
  at: number,
  end: number,
  expectedSequence: number,
): GroupHeader | undefined {
  if (end - at < groupHeaderBytes) return undefined;
  const bytes = buffer.readUInt32BE(at);
  const count = buffer.readUInt32BE(at + 32);
  if (bytes > end - at || count === 0 || bytes < groupHeaderBytes + count * minStoredBytes) return undefined;
  if (buffer.readUInt32BE(at + 4) !== crc32(buffer.subarray(at + 8, at + bytes))) return undefined;
  const firstSequence = buffer.readDoubleBE(at + 8);
  if (firstSequence !== expectedSequence) return undefined;
  const kind = writerKinds[buffer.readUInt32BE(at + 36)];
  return {
    bytes,
    firstSequence,
    enqueuedMs: buffer.readDoubleBE(at + 16),
    appendedWallMs: buffer.readDoubleBE(at + 24),
    count,
    writer: kind && {
      kind,
      id: buffer.readBigInt64BE(at + 40),
      epoch: buffer.readInt32BE(at + 48),
      sequence: buffer.readUInt32BE(at + 52),
    },
  };
}

/** Position behind `count` stored messages from `at`. */
export function skipMessages(buffer: Buffer, at: number, count: number): number {
  let position = at;
  for (let i = 0; i < count; i++) position += storedLength(buffer, position);
  return position;
}
