import type { ContainerClient } from "@azure/storage-blob";
import { captureHolder, type LogBatch, type LogRecord, type PlatformLogClient } from "../event-hubs";
import { CaptureFileWriter } from "./file-writer";
import {
  type CapturedFile,
  type CapturedRange,
  capturedFileName,
  type Hole,
  holesBetween,
  listCaptured,
  type PartitionPath,
  verifyCaptured,
} from "./lake";

export interface PartitionCaptureOptions {
  readonly path: PartitionPath;
  readonly container: ContainerClient;
  readonly log: PlatformLogClient;
  readonly intervalMs: number;
  readonly sizeLimitBytes: number;
  /** Wall time after which a blob that can be read outlives a kill of the blob server. */
  readonly settleMs: number;
  readonly onFile: (file: CapturedFile, events: number, closedWallMs: number) => void;
  readonly onProblem: (error: unknown) => void;
}

const readRecords = 2000;
const readWaitMs = 200;
const retryMs = 500;
const secondMs = 1000;

/** The interval that is being filled. */
interface OpenInterval {
  readonly startMs: number;
  readonly firstSequence: bigint;
  readonly writer: CaptureFileWriter;
}

/**
 * Captures one partition. Its position is what the lake holds: after any failure it looks there again and goes on behind
 * the last file. A file covers start < enqueued time <= end and is closed once no event with an earlier time can come.
 */
export class PartitionCapture {
  readonly #options: PartitionCaptureOptions;
  readonly #stop = new AbortController();
  /** Files that are not known yet to outlive a kill of the blob server. */
  #unsettled: { readonly file: CapturedFile; readonly atMs: number }[] = [];
  #completed: CapturedRange | undefined;
  #readSequence = 0n;
  /** Sequence behind the last event in the lake, and behind the last that was ever there. */
  #heldSequence = 0n;
  #owedSequence = 0n;
  #lastAddedMs = 0;
  /** Set when a file was found missing; the loop then takes its position from the lake again. */
  #lookAgain = false;
  /** Resolves when the first position is known, so that intervals begin at the clock's time of the start. */
  readonly started: Promise<void>;
  #onStarted: () => void = () => {};
  readonly #running: Promise<void>;

  constructor(options: PartitionCaptureOptions) {
    this.#options = options;
    this.started = new Promise((resolve) => {
      this.#onStarted = resolve;
    });
    this.#running = this.#run();
  }

  /** What the lake holds of the partition; undefined before the first file. */
  get completed(): CapturedRange | undefined {
    return this.#completed;
  }

  /** Sequence behind the last event that was read. */
  get readSequence(): bigint {
    return this.#readSequence;
  }

  /** Resolves when every file that a kill of the blob server may have taken back is there, written again if need be. */
  async present(): Promise<void> {
    while (!this.#stopped) {
      const found = await Promise.all(
        this.#unsettled.map(({ file }) => verifyCaptured(this.#options.container, file).catch(() => false)),
      );
      if (!found.every(Boolean)) this.#lookAgain = true;
      // Where the last files were lost, looking again finds none that is missing.
      else if (!this.#lookAgain && this.#heldSequence >= this.#owedSequence) return;
      await this.#pause(retryMs / 5);
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#onStarted();
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        const interval = await this.#recover();
        if (interval === undefined) continue;
        this.#onStarted();
        await this.#follow(interval);
      } catch (error) {
        if (this.#stopped) return;
        this.#options.onProblem(error);
        await this.#pause(retryMs);
      }
    }
  }

  /** Waits, but not beyond the end of the capture. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#stop.signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#stop.signal.addEventListener("abort", done);
    });
  }

  /** Takes the position from the lake and writes files again that a kill of the blob server took back. */
  async #recover(): Promise<OpenInterval | undefined> {
    const { container, path, settleMs } = this.#options;
    this.#lastAddedMs = 0;
    let files = await listCaptured(container, path);
    for (const hole of holesBetween(files)) await this.#refill(hole);
    files = await listCaptured(container, path);
    this.#unsettled = files
      .filter((file) => file.nextSequence > file.firstSequence)
      .slice(-64)
      .map((file) => ({ file, atMs: Date.now() + settleMs }));
    const last = files.at(-1);
    this.#heldSequence = last?.nextSequence ?? 0n;
    this.#lookAgain = false;
    if (last === undefined) return this.#firstInterval();
    this.#advance({ completedThroughMs: last.endMs, nextSequence: last.nextSequence });
    return { startMs: last.endMs, firstSequence: last.nextSequence, writer: new CaptureFileWriter() };
  }

  /** Before the first file: the interval in which the first event, or else the clock, lies. */
  async #firstInterval(): Promise<OpenInterval | undefined> {
    const { intervalMs } = this.#options;
    const batch = await this.#read(0n, 1, 0);
    const [first] = batch.records;
    if (first === undefined && !batch.endOfLog) return undefined;
    const atMs = first?.enqueuedMs ?? batch.serverClockMs;
    const startMs = Math.floor((atMs - 1) / intervalMs) * intervalMs;
    return { startMs, firstSequence: first?.sequence ?? batch.nextSequence, writer: new CaptureFileWriter() };
  }

  #read(fromSequence: bigint, maxRecords: number, waitMs: number): Promise<LogBatch> {
    const { hub, partition } = this.#options.path;
    return this.#options.log.read({ hub, partition, fromSequence, maxRecords, waitMs });
  }

  async #refill(hole: Hole): Promise<void> {
    const writer = new CaptureFileWriter();
    let next = hole.firstSequence;
    while (next < hole.nextSequence) {
      const left = Number(hole.nextSequence - next);
      const { records, nextSequence } = await this.#read(next, Math.min(left, readRecords), 0);
      for (const record of records) {
        if (record.sequence !== next) throw lostEvents(this.#options.path, next, record.sequence);
        writer.add(record);
        next++;
      }
      if (nextSequence === next && records.length === 0) {
        throw lostEvents(this.#options.path, next, hole.nextSequence);
      }
    }
    await this.#commit({ ...hole, writer }, hole.endMs, hole.nextSequence);
  }

  /** Follows the log until a file turns out to be lost, or the capture stops. */
  async #follow(first: OpenInterval): Promise<void> {
    let interval = first;
    let next = first.firstSequence;
    while (!this.#stopped) {
      const batch = await this.#read(next, readRecords, readWaitMs);
      for (const record of batch.records) {
        if (record.sequence !== next) throw lostEvents(this.#options.path, next, record.sequence);
        interval = await this.#closeBefore(interval, record, next);
        interval.writer.add(record);
        this.#lastAddedMs = record.enqueuedMs;
        next = record.sequence + 1n;
        this.#readSequence = next;
      }
      if (batch.endOfLog) interval = await this.#closeByClock(interval, batch.serverClockMs, next);
      if (!(await this.#settle())) return;
    }
  }

  /** Closes what ends before the record: full intervals, or a file that has grown too large. */
  async #closeBefore(interval: OpenInterval, record: LogRecord, next: bigint): Promise<OpenInterval> {
    const current = await this.#closeByClock(interval, record.enqueuedMs, next);
    const { writer, startMs } = current;
    if (writer.bytes < this.#options.sizeLimitBytes) return current;
    // Only between two events of different seconds: a file's end is a whole second that splits no moment.
    const splitMs = Math.floor((record.enqueuedMs - 1) / secondMs) * secondMs;
    if (splitMs <= startMs || splitMs < this.#lastAddedMs) return current;
    return this.#close(current, splitMs, next);
  }

  /** Closes the interval when its end lies before the moment, by which no earlier event can come any more. */
  async #closeByClock(interval: OpenInterval, beforeMs: number, next: bigint): Promise<OpenInterval> {
    let current = interval;
    for (;;) {
      const endMs = this.#endOf(current, beforeMs);
      if (endMs >= beforeMs) return current;
      current = await this.#close(current, endMs, next);
    }
  }

  /** End of the interval: the next whole one; an empty one reaches as far as nothing came. */
  #endOf({ startMs, writer }: OpenInterval, beforeMs: number): number {
    const { intervalMs } = this.#options;
    const aligned = (Math.floor(startMs / intervalMs) + 1) * intervalMs;
    if (writer.events > 0) return aligned;
    const lastWhole = Math.floor((beforeMs - 1) / intervalMs) * intervalMs;
    return Math.max(aligned, lastWhole);
  }

  async #close(interval: OpenInterval, endMs: number, next: bigint): Promise<OpenInterval> {
    await this.#commit(interval, endMs, next);
    this.#advance({ completedThroughMs: endMs, nextSequence: next });
    return { startMs: endMs, firstSequence: next, writer: new CaptureFileWriter() };
  }

  async #commit(interval: OpenInterval, endMs: number, nextSequence: bigint): Promise<void> {
    const { path, container, intervalMs, settleMs } = this.#options;
    const { startMs, firstSequence, writer } = interval;
    const name = capturedFileName(path, endMs, intervalMs);
    const file = await writer.commit(container, { name, startMs, endMs, firstSequence, nextSequence });
    this.#unsettled.push({ file, atMs: Date.now() + settleMs });
    this.#options.onFile(file, writer.events, Date.now());
  }

  #advance(range: CapturedRange): void {
    this.#completed = range;
    this.#heldSequence = range.nextSequence;
    if (range.nextSequence > this.#owedSequence) this.#owedSequence = range.nextSequence;
    if (range.nextSequence > this.#readSequence) this.#readSequence = range.nextSequence;
  }

  /** Lets the hub forget what is safe in the lake; false when a file is gone and must be written again. */
  async #settle(): Promise<boolean> {
    const { container, log, path } = this.#options;
    if (this.#lookAgain) return false;
    while (this.#unsettled[0] !== undefined && this.#unsettled[0].atMs <= Date.now()) {
      const { file } = this.#unsettled[0];
      if (!(await verifyCaptured(container, file))) return false;
      await log.release(path.hub, captureHolder, path.partition, file.nextSequence);
      this.#unsettled.shift();
    }
    return true;
  }
}

function lostEvents(path: PartitionPath, expected: bigint, found: bigint): Error {
  return new Error(
    `partition ${path.partition} of hub "${path.hub}" no longer has events ${expected} to ${found - 1n} that are in no captured file`,
  );
}
