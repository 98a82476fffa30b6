import type { Segment, SegmentContent } from "./segment";

/** Keeps sealed segments in memory that were read last, up to a number of bytes over all partitions. */
export class SegmentCache {
  readonly #maxBytes: number;
  readonly #segments = new Set<Segment>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The content when it is in memory; else a promise of it. */
  get(segment: Segment): SegmentContent | Promise<SegmentContent> {
    if (segment.content !== undefined) {
      if (this.#segments.delete(segment)) this.#segments.add(segment);
      return segment.content;
    }
    segment.loading ??= segment
      .read()
      .then((content) => {
        segment.content = content;
        this.keep(segment);
        return content;
      })
      .finally(() => {
        segment.loading = undefined;
      });
    return segment.loading;
  }

  /** Takes a segment whose content is in memory and that takes no more appends. */
  keep(segment: Segment): void {
    if (segment.content === undefined || this.#segments.has(segment)) return;
    this.#segments.add(segment);
    this.#bytes += segment.content.buffer.length;
    for (const oldest of this.#segments) {
      if (this.#bytes <= this.#maxBytes || oldest === segment) break;
      this.drop(oldest);
    }
  }

  drop(segment: Segment): void {
    if (!this.#segments.delete(segment)) return;
    this.#bytes -= segment.content?.buffer.length ?? 0;
    segment.content = undefined;
  }
}
