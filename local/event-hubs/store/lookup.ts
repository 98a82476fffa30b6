import { storedLength } from "../message";
import { type GroupHeader, groupHeaderBytes } from "./group";
import type { Segment, SegmentContent } from "./segment";

/** A place in a partition's log: behind an offset or an enqueued time. */
export type Position =
  | { readonly kind: "offset"; readonly offset: number; readonly inclusive: boolean }
  | { readonly kind: "enqueuedTime"; readonly enqueuedMs: number; readonly inclusive: boolean };

type Load = (segment: Segment) => SegmentContent | Promise<SegmentContent>;

/** First sequence behind the position, below `endSequence`; `endSequence` when there is none. */
export async function findSequence(
  segments: readonly Segment[],
  endSequence: number,
  position: Position,
  load: Load,
): Promise<number> {
  for (const segment of segments) {
    if (segment.endSequence > endSequence || segment.endSequence === segment.firstSequence) continue;
    if (!mayHold(segment, position)) continue;
    const found = findIn(segment, await load(segment), position);
    if (found !== undefined) return found;
  }
  return endSequence;
}

function mayHold(segment: Segment, position: Position): boolean {
  if (position.kind === "offset") return segment.endOffset > position.offset;
  return position.inclusive
    ? segment.lastEnqueuedMs >= position.enqueuedMs
    : segment.lastEnqueuedMs > position.enqueuedMs;
}

function findIn(segment: Segment, { buffer, index }: SegmentContent, position: Position): number | undefined {
  for (let group = 0; group < index.length; group++) {
    const header = index.headers[group] as GroupHeader;
    if (header.firstSequence >= segment.endSequence) return undefined;
    if (position.kind === "enqueuedTime") {
      const { enqueuedMs } = header;
      if (position.inclusive ? enqueuedMs >= position.enqueuedMs : enqueuedMs > position.enqueuedMs) {
        return header.firstSequence;
      }
      continue;
    }
    const groupAt = index.positions[group] as number;
    if (segment.offsetAt(groupAt + header.bytes) <= position.offset) continue;
    let at = groupAt + groupHeaderBytes;
    for (let i = 0; i < header.count; i++) {
      const offset = segment.offsetAt(at);
      if (position.inclusive ? offset >= position.offset : offset > position.offset)
        return header.firstSequence + i;
      at += storedLength(buffer, at);
    }
  }
  return undefined;
}
