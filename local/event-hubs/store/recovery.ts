import { mkdir, open, readdir, readFile, stat, truncate, unlink } from "node:fs/promises";
import { join } from "node:path";
import { indexGroups, openSegmentHeader, Segment } from "./segment";
import { WriterTable } from "./writers";

/** What a partition's folder held when it was opened. */
export interface RecoveredLog {
  /** In order; the last takes appends again and is in memory. Empty for a new partition. */
  readonly segments: Segment[];
  readonly writers: WriterTable;
  /** Bytes of a torn append that were cut off the end. */
  readonly cutBytes: number;
}

const maxHeaderBytes = 64 * 1024;

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(maxHeaderBytes), 0, maxHeaderBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * Opens a partition's folder: reads the header of every segment and the whole of the last one, whose torn end (a write
 * that the process did not live to finish, never acknowledged) is cut off.
 */
export async function recoverLog(folder: string, segmentBytes: number): Promise<RecoveredLog> {
  await mkdir(folder, { recursive: true });
  const names = (await readdir(folder)).filter((name) => name.endsWith(".log")).sort();
  const segments: Segment[] = [];
  const writersAt = new Map<Segment, Buffer>();
  let cutBytes = 0;
  for (const name of names) {
    const path = join(folder, name);
    const head = openSegmentHeader(await readHead(path));
    if (head === undefined) {
      // Only the last segment can have a torn header: nothing in it was ever acknowledged.
      cutBytes += (await stat(path)).size;
      await unlink(path);
      continue;
    }
    const segment = new Segment(path, head.start, head.headerBytes);
    const before = segments.at(-1);
    if (before !== undefined) {
      before.endSequence = segment.firstSequence;
      before.lastEnqueuedMs = segment.enqueuedBeforeMs;
      before.durableBytes = before.headerBytes + segment.baseOffset - before.baseOffset;
    }
    segments.push(segment);
    writersAt.set(segment, head.writers);
  }
  for (;;) {
    const last = segments.at(-1);
    const writers = new WriterTable();
    if (last === undefined) return { segments, writers, cutBytes };
    writers.load(writersAt.get(last) as Buffer);
    cutBytes += await recoverLast(last, writers, segmentBytes);
    if (last.durableGroups > 0 || segments.length === 1) return { segments, writers, cutBytes };
    // The write that began this segment was torn: the one before takes the appends again.
    segments.pop();
    await unlink(last.path);
  }
}

async function recoverLast(segment: Segment, writers: WriterTable, segmentBytes: number): Promise<number> {
  const stored = await readFile(segment.path);
  const { index, end } = indexGroups(stored, segment.headerBytes, segment.firstSequence);
  if (end < stored.length) await truncate(segment.path, end);
  const buffer = Buffer.allocUnsafeSlow(Math.max(segmentBytes, end));
  stored.copy(buffer, 0, 0, end);
  segment.content = { buffer, index };
  segment.durableBytes = end;
  segment.durableGroups = index.length;
  const last = index.headers.at(-1);
  if (last !== undefined) {
    segment.endSequence = last.firstSequence + last.count;
    segment.lastEnqueuedMs = last.enqueuedMs;
  }
  for (const header of index.headers) if (header.writer !== undefined) writers.set(header.writer);
  return stored.length - end;
}
