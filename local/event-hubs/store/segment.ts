import { type FileHandle, open, readFile } from "node:fs/promises";
import { EventHubsError } from "../errors";
import { crc32 } from "./checksum";
import { type GroupHeader, openGroup } from "./group";

/**
 * A segment file: a header and groups.
 *
 *   0 magic   8 u32 header bytes   12 u32 crc of the header behind   16 f64 first sequence   24 f64 base offset
 *   32 f64 last enqueued ms before the segment   40 writers known before the segment
 */
const magic: Buffer = Buffer.from("EHLOG001", "latin1");
const fixedHeaderBytes = 40;

export interface SegmentStart {
  readonly firstSequence: number;
  /** Offset of the first byte behind the header; offsets count the bytes of all groups ever written. */
  readonly baseOffset: number;
  /** Enqueued time of the last event before the segment; 0 when there is none. */
  readonly enqueuedBeforeMs: number;
}

export function segmentFileName(firstSequence: number): string {
  return `${String(firstSequence).padStart(20, "0")}.log`;
}

export function encodeSegmentHeader(start: SegmentStart, writers: Buffer): Buffer {
  const header = Buffer.alloc(fixedHeaderBytes + writers.length);
  header.set(magic, 0);
  header.writeUInt32BE(header.length, 8);
  header.writeDoubleBE(start.firstSequence, 16);
  header.writeDoubleBE(start.baseOffset, 24);
  header.writeDoubleBE(start.enqueuedBeforeMs, 32);
  header.set(writers, fixedHeaderBytes);
  header.writeUInt32BE(crc32(header.subarray(16)), 12);
  return header;
}

/** The header at the start of the bytes; undefined when it is torn or damaged. */
export function openSegmentHeader(
  bytes: Buffer,
): { readonly start: SegmentStart; readonly headerBytes: number; readonly writers: Buffer } | undefined {
  if (bytes.length < fixedHeaderBytes || !bytes.subarray(0, 8).equals(magic)) return undefined;
  const headerBytes = bytes.readUInt32BE(8);
  if (headerBytes < fixedHeaderBytes || headerBytes > bytes.length) return undefined;
  if (bytes.readUInt32BE(12) !== crc32(bytes.subarray(16, headerBytes))) return undefined;
  return {
    start: {
      firstSequence: bytes.readDoubleBE(16),
      baseOffset: bytes.readDoubleBE(24),
      enqueuedBeforeMs: bytes.readDoubleBE(32),
    },
    headerBytes,
    writers: bytes.subarray(fixedHeaderBytes, headerBytes),
  };
}

/** Where the groups of a segment in memory stand. */
export class GroupIndex {
  readonly positions: number[] = [];
  readonly sequences: number[] = [];
  readonly enqueuedMs: number[] = [];
  readonly headers: GroupHeader[] = [];

  get length(): number {
    return this.positions.length;
  }

  add(position: number, header: GroupHeader): void {
    this.positions.push(position);
    this.sequences.push(header.firstSequence);
    this.enqueuedMs.push(header.enqueuedMs);
    this.headers.push(header);
  }

  /** Forgets the groups from `length` on. */
  truncate(length: number): void {
    this.positions.length = length;
    this.sequences.length = length;
    this.enqueuedMs.length = length;
    this.headers.length = length;
  }
}

/** Bytes of a segment and what stands where in them. */
export interface SegmentContent {
  readonly buffer: Buffer;
  readonly index: GroupIndex;
}

/** Indexes the groups of a segment's bytes up to the first that is torn; `end` is where the good ones end. */
export function indexGroups(
  bytes: Buffer,
  headerBytes: number,
  firstSequence: number,
): { readonly index: GroupIndex; readonly end: number } {
  const index = new GroupIndex();
  let at = headerBytes;
  let sequence = firstSequence;
  for (;;) {
    const group = openGroup(bytes, at, bytes.length, sequence);
    if (group === undefined) return { index, end: at };
    index.add(at, group);
    at += group.bytes;
    sequence += group.count;
  }
}

/** One file of a partition's log. The last one takes appends; the others only stand on disk and are read when asked. */
export class Segment implements SegmentStart {
  readonly path: string;
  readonly firstSequence: number;
  readonly baseOffset: number;
  readonly enqueuedBeforeMs: number;
  readonly headerBytes: number;
  /** Sequence behind the last event that is on disk. */
  endSequence: number;
  lastEnqueuedMs: number;
  /** Bytes that are on disk. */
  durableBytes: number;
  /** Groups that are on disk, of those in `content`. */
  durableGroups = 0;
  /** In memory: always while the segment takes appends, else as long as the cache keeps it. */
  content: SegmentContent | undefined;
  loading: Promise<SegmentContent> | undefined;
  file: FileHandle | undefined;

  constructor(path: string, start: SegmentStart, headerBytes: number) {
    this.path = path;
    this.firstSequence = start.firstSequence;
    this.baseOffset = start.baseOffset;
    this.enqueuedBeforeMs = start.enqueuedBeforeMs;
    this.headerBytes = headerBytes;
    this.endSequence = start.firstSequence;
    this.lastEnqueuedMs = start.enqueuedBeforeMs;
    this.durableBytes = 0;
  }

  /** Log offset of a position in the file. */
  offsetAt(position: number): number {
    return this.baseOffset + position - this.headerBytes;
  }

  /** Offset behind the last event that is on disk. */
  get endOffset(): number {
    return this.offsetAt(Math.max(this.durableBytes, this.headerBytes));
  }

  async openForAppend(): Promise<FileHandle> {
    this.file ??= await open(this.path, this.durableBytes === 0 ? "w" : "r+");
    return this.file;
  }

  async closeFile(): Promise<void> {
    const { file } = this;
    this.file = undefined;
    await file?.close();
  }

  /**
   * Reads the segment back from its file.
   * @throws {EventHubsError} com.microsoft:log-damaged when a group before its end fails the checksum.
   */
  async read(): Promise<SegmentContent> {
    const buffer = await readFile(this.path);
    const { index, end } = indexGroups(buffer, this.headerBytes, this.firstSequence);
    if (end < this.durableBytes) {
      throw new EventHubsError(
        "com.microsoft:log-damaged",
        `the log segment "${this.path}" is damaged at byte ${end}`,
        {
          hint: "Events behind it in this segment cannot be read; later segments can.",
        },
      );
    }
    return { buffer, index };
  }
}
