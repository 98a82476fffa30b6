import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { EventHubsError } from "../errors";
import { type MessageParts, storedBytesAtMost, storedOffset, writeStored } from "../message";
import { type GroupHeader, groupHeaderBytes, sealGroup, skipMessages, type Writer } from "./group";
import { findSequence, type Position } from "./lookup";
import { type LogRun, runAt } from "./run";
import { encodeSegmentHeader, GroupIndex, Segment, type SegmentContent, segmentFileName } from "./segment";
import type { SegmentCache } from "./segment-cache";
import type { WriterTable } from "./writers";

export interface PartitionLogOptions {
  readonly folder: string;
  /** A segment takes no more groups beyond this size; one larger group makes a larger segment. */
  readonly segmentBytes: number;
  readonly cache: SegmentCache;
  readonly segments: Segment[];
  readonly writers: WriterTable;
}

/** What an append put into the log. */
export interface Appended {
  readonly firstSequence: number;
  readonly count: number;
}

interface PendingGroup {
  readonly segment: Segment;
  readonly end: number;
  readonly firstSequence: number;
  readonly enqueuedMs: number;
  readonly writer: Writer | undefined;
  readonly writerBefore: Writer | undefined;
  readonly resolve: () => void;
  readonly reject: (error: EventHubsError) => void;
}

/** State of a partition as management and positions see it: only what is on disk counts. */
export interface PartitionState {
  readonly beginSequence: number;
  /** Sequence that the next event gets. */
  readonly endSequence: number;
  /** Undefined when no event was ever enqueued. */
  readonly last:
    | { readonly sequence: number; readonly offset: string; readonly enqueuedMs: number }
    | undefined;
}

/**
 * The durable log of one partition: segments of groups on disk, the last also in memory. An append is staged in memory
 * in order and acknowledged after the write that covers it; one write takes all that was staged while the last one ran.
 */
export class PartitionLog {
  readonly #options: PartitionLogOptions;
  readonly #segments: Segment[];
  readonly #readers = new Set<() => void>();
  #pending: PendingGroup[] = [];
  #stagedSequence: number;
  #stagedEnqueuedMs: number;
  #stagedBytes: number;
  #durableEndSequence: number;
  #lastOffset: string;
  #lastDurableMs: number;
  #flushing: Promise<void> | undefined;

  constructor(options: PartitionLogOptions) {
    this.#options = options;
    this.#segments = options.segments;
    if (this.#segments.length === 0) {
      this.#addSegment({ firstSequence: 0, baseOffset: 0, enqueuedBeforeMs: 0 }, 0);
    }
    const last = this.#active;
    this.#stagedSequence = last.endSequence;
    this.#stagedEnqueuedMs = last.lastEnqueuedMs;
    this.#stagedBytes = Math.max(last.durableBytes, last.headerBytes);
    this.#durableEndSequence = last.endSequence;
    this.#lastOffset = last.durableGroups === 0 ? "" : lastOffsetIn(last);
    this.#lastDurableMs = last.lastEnqueuedMs;
  }

  get #active(): Segment {
    return this.#segments.at(-1) as Segment;
  }

  /** Enqueued time of the last event, on disk or on its way there; 0 when there is none. */
  get lastEnqueuedMs(): number {
    return this.#stagedEnqueuedMs;
  }

  /** Enqueued time of the first event that is staged but not on disk yet. */
  get pendingEnqueuedMs(): number | undefined {
    return this.#pending[0]?.enqueuedMs;
  }

  /** Sequence behind the last event on disk: readers see events below it. */
  get endSequence(): number {
    return this.#durableEndSequence;
  }

  get beginSequence(): number {
    return (this.#segments[0] as Segment).firstSequence;
  }

  get bytesOnDisk(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.durableBytes, 0);
  }

  get state(): PartitionState {
    const endSequence = this.#durableEndSequence;
    const last = { sequence: endSequence - 1, offset: this.#lastOffset, enqueuedMs: this.#lastDurableMs };
    return { beginSequence: this.beginSequence, endSequence, last: endSequence === 0 ? undefined : last };
  }

  /** Offset behind the last event on disk; a position beyond it does not exist. */
  get endOffset(): number {
    const segment = this.#segments.findLast((candidate) => candidate.durableBytes > 0) ?? this.#active;
    return segment.endOffset;
  }

  /** Calls `wake` after each write; returns how to stop that. */
  subscribe(wake: () => void): () => void {
    this.#readers.add(wake);
    return () => this.#readers.delete(wake);
  }

  lastWriter(kind: Writer["kind"], id: bigint): Writer | undefined {
    return this.#options.writers.get(kind, id);
  }

  /** Resolves when everything staged now is on disk; rejects when its write fails. */
  flushed(): Promise<void> {
    const last = this.#pending.at(-1);
    if (last === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#pending[this.#pending.length - 1] = {
        ...last,
        resolve: () => {
          last.resolve();
          resolve();
        },
        reject: (error) => {
          last.reject(error);
          reject(error);
        },
      };
    });
  }

  /**
   * Appends the messages as one group and resolves when they are on disk.
   * @throws {EventHubsError} amqp:resource-limit-exceeded when the disk is full; nothing of the group is kept then.
   */
  append(messages: readonly MessageParts[], enqueuedMs: number, writer?: Writer): Promise<Appended> {
    let bytesAtMost = groupHeaderBytes;
    for (const message of messages) bytesAtMost += storedBytesAtMost(message);
    const segment = this.#segmentFor(bytesAtMost);
    const { buffer, index } = segment.content as { buffer: Buffer; index: GroupIndex };
    const groupAt = this.#stagedBytes;
    const firstSequence = this.#stagedSequence;
    let at = groupAt + groupHeaderBytes;
    for (let i = 0; i < messages.length; i++) {
      const message = messages[i] as MessageParts;
      at += writeStored(buffer, at, message, firstSequence + i, enqueuedMs, segment.offsetAt(at));
    }
    const header = {
      bytes: at - groupAt,
      firstSequence,
      enqueuedMs,
      appendedWallMs: Date.now(),
      count: messages.length,
      writer,
    };
    sealGroup(buffer, groupAt, header);
    index.add(groupAt, header);
    this.#stagedBytes = at;
    this.#stagedSequence += messages.length;
    this.#stagedEnqueuedMs = enqueuedMs;
    const writerBefore = writer && this.#options.writers.set(writer);
    return new Promise((resolve, reject) => {
      this.#pending.push({
        segment,
        end: at,
        firstSequence,
        enqueuedMs,
        writer,
        writerBefore,
        resolve: () => resolve({ firstSequence, count: messages.length }),
        reject,
      });
      this.#flushing ??= new Promise<void>((done) => setImmediate(done)).then(() => this.#flush());
    });
  }

  /** Events from `sequence` on, from one group; undefined at the end of the log. */
  read(
    sequence: number,
    maxRecords: number,
    maxBytes: number,
  ): LogRun | undefined | Promise<LogRun | undefined> {
    if (sequence >= this.endSequence) return undefined;
    const from = Math.max(sequence, this.beginSequence);
    const segment = this.#segmentOf(from);
    const content = this.#options.cache.get(segment);
    if (content instanceof Promise)
      return content.then((loaded) => runAt(segment, loaded, from, maxRecords, maxBytes));
    return runAt(segment, content, from, maxRecords, maxBytes);
  }

  /** First sequence that lies behind the position; `endSequence` when none is stored yet. */
  async find(position: Position): Promise<number> {
    return findSequence(this.#segments, this.endSequence, position, (segment) =>
      this.#options.cache.get(segment),
    );
  }

  /** Deletes the oldest segments that `expired` names, never the one that takes appends. */
  async dropWhile(expired: (segment: Segment) => boolean): Promise<number> {
    let dropped = 0;
    while (this.#segments.length > 1 && expired(this.#segments[0] as Segment)) {
      const segment = this.#segments[0] as Segment;
      if (this.#pending.some((group) => group.segment === segment) || segment.file !== undefined) break;
      this.#segments.shift();
      this.#options.cache.drop(segment);
      await unlink(segment.path);
      dropped++;
    }
    return dropped;
  }

  /** Waits for the writes under way and closes the file. */
  async close(): Promise<void> {
    await this.#flushing;
    for (const segment of this.#segments) await segment.closeFile();
  }

  #segmentOf(sequence: number): Segment {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#segments[middle] as Segment).firstSequence <= sequence) low = middle;
      else high = middle - 1;
    }
    return this.#segments[low] as Segment;
  }

  #segmentFor(bytes: number): Segment {
    const active = this.#active;
    const content = active.content as { buffer: Buffer };
    if (this.#stagedBytes + bytes <= content.buffer.length) return active;
    return this.#addSegment(
      {
        firstSequence: this.#stagedSequence,
        baseOffset: active.offsetAt(this.#stagedBytes),
        enqueuedBeforeMs: this.#stagedEnqueuedMs,
      },
      bytes,
    );
  }

  #addSegment(start: ConstructorParameters<typeof Segment>[1], bytes: number): Segment {
    const header = encodeSegmentHeader(start, this.#options.writers.encode());
    const path = join(this.#options.folder, segmentFileName(start.firstSequence));
    const segment = new Segment(path, start, header.length);
    const buffer = Buffer.allocUnsafeSlow(Math.max(this.#options.segmentBytes, header.length + bytes));
    buffer.set(header, 0);
    segment.content = { buffer, index: new GroupIndex() };
    this.#segments.push(segment);
    this.#stagedBytes = header.length;
    return segment;
  }

  async #flush(): Promise<void> {
    while (this.#pending.length > 0) {
      const { segment } = this.#pending[0] as PendingGroup;
      let groups = 0;
      while (this.#pending[groups]?.segment === segment) groups++;
      const end = (this.#pending[groups - 1] as PendingGroup).end;
      try {
        await this.#write(segment, end);
      } catch (error) {
        await this.#rollBack(segment, error);
        continue;
      }
      this.#settle(segment, end, groups);
      await this.#sealFull();
    }
    this.#flushing = undefined;
  }

  /** Closes the files of segments that take no more, and leaves their memory to the cache. */
  async #sealFull(): Promise<void> {
    const writing = this.#pending[0]?.segment ?? this.#active;
    for (const segment of this.#segments) {
      if (segment === writing) break;
      if (segment.file === undefined) continue;
      await segment.closeFile();
      this.#options.cache.keep(segment);
    }
  }

  async #write(segment: Segment, end: number): Promise<void> {
    const file = await segment.openForAppend();
    const { buffer } = segment.content as { buffer: Buffer };
    let at = segment.durableBytes;
    while (at < end) at += (await file.write(buffer, at, end - at, at)).bytesWritten;
  }

  #settle(segment: Segment, end: number, groups: number): void {
    const settled = this.#pending.splice(0, groups);
    const last = settled.at(-1) as PendingGroup;
    segment.durableBytes = end;
    segment.durableGroups += groups;
    segment.endSequence = this.#pending[0]?.firstSequence ?? this.#stagedSequence;
    segment.lastEnqueuedMs = last.enqueuedMs;
    this.#durableEndSequence = segment.endSequence;
    this.#lastOffset = lastOffsetIn(segment);
    this.#lastDurableMs = last.enqueuedMs;
    for (const group of settled) group.resolve();
    for (const wake of this.#readers) wake();
  }

  /** Takes back everything that is staged, as if it had never come, and tells its senders. */
  async #rollBack(segment: Segment, cause: unknown): Promise<void> {
    const failed = this.#pending;
    this.#pending = [];
    while (this.#active !== segment) this.#segments.pop();
    for (const group of failed.toReversed()) {
      if (group.writer !== undefined) this.#options.writers.restore(group.writer, group.writerBefore);
    }
    (segment.content as SegmentContent).index.truncate(segment.durableGroups);
    this.#stagedBytes = Math.max(segment.durableBytes, segment.headerBytes);
    this.#stagedSequence = segment.endSequence;
    // A whole group may stand behind the end already: a restart must not find it. The next write covers it otherwise.
    await segment.file?.truncate(segment.durableBytes).catch(() => {});
    const error = writeError(cause, this.#options.folder);
    for (const group of failed) group.reject(error);
  }
}

/** Offset of the last event of the segment that is on disk. */
function lastOffsetIn(segment: Segment): string {
  const { buffer, index } = segment.content as SegmentContent;
  const header = index.headers[segment.durableGroups - 1] as GroupHeader;
  const groupAt = index.positions[segment.durableGroups - 1] as number;
  return storedOffset(buffer, skipMessages(buffer, groupAt + groupHeaderBytes, header.count - 1));
}

function writeError(cause: unknown, folder: string): EventHubsError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
    return new EventHubsError(
      "amqp:resource-limit-exceeded",
      `the log's disk has no room left (${code} in "${folder}")`,
      {
        hint: "Free some space and send again; events that were acknowledged are safe.",
        cause,
      },
    );
  }
  return new EventHubsError("amqp:internal-error", `the log cannot be written: ${(cause as Error).message}`, {
    cause,
  });
}
