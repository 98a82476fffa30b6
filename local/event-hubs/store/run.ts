import { storedLength } from "../message";
import { type GroupHeader, groupHeaderBytes, skipMessages } from "./group";
import type { Segment, SegmentContent } from "./segment";

/** Stored messages of one group that lie side by side: `count` of them between `start` and `end`. */
export interface LogRun {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly count: number;
  readonly firstSequence: number;
  readonly enqueuedMs: number;
  readonly appendedWallMs: number;
}

/** Number of the last group whose first sequence is not above `sequence`. */
export function groupOf(sequences: readonly number[], sequence: number): number {
  let low = 0;
  let high = sequences.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((sequences[middle] as number) <= sequence) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The run that starts at `sequence`, which the segment holds; always one message at least. */
export function runAt(
  segment: Segment,
  { buffer, index }: SegmentContent,
  sequence: number,
  maxRecords: number,
  maxBytes: number,
): LogRun | undefined {
  if (sequence >= segment.endSequence) return undefined;
  const group = groupOf(index.sequences, sequence);
  const header = index.headers[group] as GroupHeader;
  const groupAt = index.positions[group] as number;
  const skipped = sequence - header.firstSequence;
  const start = skipMessages(buffer, groupAt + groupHeaderBytes, skipped);
  const left = header.count - skipped;
  const groupEnd = groupAt + header.bytes;
  let end = groupEnd;
  let count = left;
  if (left > maxRecords || groupEnd - start > maxBytes) {
    const limit = Math.min(left, maxRecords);
    end = start + storedLength(buffer, start);
    count = 1;
    while (count < limit && end - start + storedLength(buffer, end) <= maxBytes) {
      end += storedLength(buffer, end);
      count++;
    }
  }
  return {
    buffer,
    start,
    end,
    count,
    firstSequence: sequence,
    enqueuedMs: header.enqueuedMs,
    appendedWallMs: header.appendedWallMs,
  };
}
