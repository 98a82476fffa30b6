import { join } from "node:path";
import type { FunctionHost, LogicalPlan, OutputRow, RuntimeDiagnostic, TimePolicies } from "../../asa";
import { type StreamJob, ticksFromUnixMs, unixMsFromTicks } from "../../contracts";
import type { LogBatch, LogClient, LogRecord } from "../event-hubs/log-api";
import type { Clock } from "../process/clock";
import { readCheckpoint, writeCheckpoint } from "./checkpoint";
import { DiagnosticsFile, type DroppedEvent } from "./diagnostics-file";
import { isAfterFailure, type JobSource, type LiveJob, openLiveJob } from "./live-job";
import { rowDocument } from "./row-document";
import type { ViewOutput } from "./view-output";

/** What a live job is told at its start. */
export interface JobRunnerOptions {
  readonly definition: StreamJob;
  readonly plan: LogicalPlan;
  readonly policies: TimePolicies;
  readonly functions?: FunctionHost | undefined;
  /** Worker threads to spread the partitions over, where the query lets them run on their own. @default in this thread */
  readonly threads?: { readonly workers: number; readonly source: JobSource };
  readonly log: LogClient;
  /** One output for each alias of the definition. */
  readonly outputs: Readonly<Record<string, ViewOutput>>;
  readonly clock: Clock;
  /** Folder of the job's checkpoint and diagnostics. */
  readonly dataDir: string;
  readonly onDropped?: (event: DroppedEvent) => void;
  readonly onRows?: (rows: readonly OutputRow[]) => void;
  /** Called once when the job stops by a run-time error; the service would show it as failed. */
  readonly onFailed: (error: Error) => void;
  readonly onRetry: (error: Error) => void;
  /** Wall milliseconds between checkpoints. @default 1000 */
  readonly checkpointIntervalMs?: number;
}

const maxRecordsPerRead = 4096;
const readWaitMs = 40;
const lastCheckpointTimeoutMs = 5000;
/** Between two checkpoints at least so many times as long as the last one took, up to a limit. */
const checkpointPauseFactor = 10;
const longestPauseMs = 20_000;

/**
 * Runs one stream job live over the broker's log: reads each partition in order, tells the engine how far an idle
 * partition is by the server's clock, writes the rows, and moves its checkpoint only behind rows that are stored.
 */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  #job!: LiveJob;
  readonly #positions: Record<string, bigint[]> = {};
  readonly #diagnostics: DiagnosticsFile;
  readonly #stopping = new AbortController();
  #loops: Promise<void>[] = [];
  #checkpoints: Promise<void> = Promise.resolve();
  #writing: Promise<void> = Promise.resolve();
  /** Numbers of the newest checkpoint that was captured, and of the one on disk. */
  #captured = 0;
  #written = 0;
  #failed = false;
  #latencies: number[] = [];
  read = 0;
  rows = 0;

  private constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#diagnostics = new DiagnosticsFile(join(options.dataDir, "diagnostics.ndjson"));
  }

  /** Starts the job from its checkpoint, or from the beginning of the log when there is none. */
  static async start(options: JobRunnerOptions): Promise<JobRunner> {
    const partitions: Record<string, number> = {};
    for (const input of options.definition.inputs) {
      partitions[input.alias] = await options.log.partitionCount(input.hub);
    }
    const runner = new JobRunner(options);
    await runner.#open(partitions);
    runner.#loops = options.definition.inputs.flatMap((input) =>
      Array.from({ length: partitions[input.alias]! }, (_, partition) =>
        runner.#readPartition(input, partition),
      ),
    );
    runner.#checkpoints = runner.#keepCheckpoints();
    return runner;
  }

  async #open(partitions: Readonly<Record<string, number>>): Promise<void> {
    const { plan, policies, functions, threads, definition } = this.#options;
    const checkpoint = readCheckpoint(this.#checkpointPath);
    this.#job = await openLiveJob(
      plan,
      {
        mode: "live",
        // A message is one event, in every layer (docs/adr/0005).
        bodies: "object",
        policies,
        partitions,
        ...(functions && { functions }),
        onRows: (rows) => this.#emit(rows),
        onDiagnostic: (diagnostic) => this.#name(diagnostic),
      },
      threads,
      checkpoint?.state,
    );
    for (const { alias } of definition.inputs) {
      this.#positions[alias] = [
        ...(checkpoint?.positions[alias] ?? Array<bigint>(partitions[alias]!).fill(0n)),
      ];
    }
  }

  /** `name/version`, as the topology has them. */
  get name(): string {
    return `${this.#options.definition.name}/${this.#options.definition.version}`;
  }

  /** Rows computed and not yet stored. */
  get outputBacklog(): number {
    return Object.values(this.#options.outputs).reduce((sum, output) => sum + output.backlog, 0);
  }

  /** Rows that end before this moment are computed; ms since 1970, null before anything is known. */
  get watermarkMs(): number | null {
    const { watermark } = this.#job;
    return watermark === null ? null : unixMsFromTicks(watermark);
  }

  /** Dropped or adjusted events named so far, over all starts. */
  get dropped(): number {
    return this.#diagnostics.count;
  }

  get positions(): Readonly<Record<string, readonly bigint[]>> {
    return this.#positions;
  }

  /** Wall milliseconds from append to read, since the last call; one sample a batch. */
  takeLatencies(): number[] {
    return this.#latencies.splice(0);
  }

  /** Resolves once all rows that end at or before the moment it tells are stored; null before anything is known. */
  async storedThroughMs(): Promise<number | null> {
    const { watermark } = this.#job;
    await Promise.all(Object.values(this.#options.outputs).map((output) => output.drained()));
    // An event of the watermark's own moment may still come, and a window that ends there takes it.
    return watermark === null ? null : unixMsFromTicks(watermark - 1n);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
    await this.#checkpoints;
    // Without a server behind the outputs there is no end to wait for; the checkpoint before holds.
    if (!this.#failed) await Promise.race([this.#checkpoint(), pause(lastCheckpointTimeoutMs)]);
    for (const output of Object.values(this.#options.outputs)) await output.stop();
    await this.#job.close();
    this.#diagnostics.close();
  }

  get #checkpointPath(): string {
    return join(this.#options.dataDir, "checkpoint.bin");
  }

  async #readPartition(
    input: { alias: string; hub: string; consumerGroup: string },
    partition: number,
  ): Promise<void> {
    const positions = this.#positions[input.alias]!;
    while (!this.#stopping.signal.aborted && !this.#failed) {
      let batch: LogBatch;
      try {
        batch = await this.#options.log.read({
          hub: input.hub,
          consumerGroup: input.consumerGroup,
          partition,
          fromSequence: positions[partition]!,
          maxRecords: maxRecordsPerRead,
          waitMs: readWaitMs,
        });
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        this.#options.onRetry(error as Error);
        await new Promise((resolve) => setTimeout(resolve, 250));
        continue;
      }
      if (this.#failed) return;
      try {
        const fed = this.#feed(input.alias, partition, batch);
        // At once, with the call: a checkpoint in between has both or none.
        positions[partition] = batch.nextSequence;
        await fed;
      } catch (error) {
        this.#fail(error as Error);
        return;
      }
      await this.#outputsKeepUp();
    }
  }

  /** The first error stops the job; the calls that were under way then say no more than that. */
  #fail(error: Error): void {
    if (this.#failed && isAfterFailure(error)) return;
    this.#failed = true;
    this.#options.onFailed(error);
  }

  /** Resolves when the job has worked on the batch; undefined when it has already. */
  #feed(alias: string, partition: number, batch: LogBatch): Promise<unknown> | undefined {
    const { records } = batch;
    const calls: (Promise<void> | undefined)[] = [];
    if (records.length > 0) {
      this.read += records.length;
      this.#latencies.push(Date.now() - records[0]!.appendedWallMs);
      const events = records.map((record) => ({
        body: record.body,
        arrival: ticksFromUnixMs(record.enqueuedMs),
        metadata: { partition, ...brokerMetadata(record) },
      }));
      calls.push(this.#job.push(alias, partition, events));
    }
    // Only at the end of the log is the server's clock a statement about this partition (docs/architecture.md).
    if (batch.endOfLog) calls.push(this.#job.advance(alias, partition, ticksFromUnixMs(batch.serverClockMs)));
    return calls.some((call) => call !== undefined) ? Promise.all(calls) : undefined;
  }

  async #outputsKeepUp(): Promise<void> {
    for (const output of Object.values(this.#options.outputs)) {
      if (output.backlog > 20_000) await output.drained();
    }
  }

  #emit(rows: readonly OutputRow[]): void {
    this.rows += rows.length;
    const asOf = new Date(this.#options.clock.now()).toISOString();
    for (const row of rows) {
      const definition = this.#options.definition.outputs.find(
        ({ alias }) => alias.toLowerCase() === row.output.toLowerCase(),
      );
      const output = definition && this.#options.outputs[definition.alias];
      if (definition === undefined || output === undefined) {
        throw new Error(
          `job "${this.#options.definition.name}" writes to "${row.output}", which the topology does not name`,
        );
      }
      output.add(rowDocument(row, definition, asOf));
    }
    this.#options.onRows?.(rows);
  }

  #name(diagnostic: RuntimeDiagnostic): void {
    const eventId = diagnostic.event?.get("eventId");
    const eventTime = diagnostic.event?.get("eventTime");
    const dropped: DroppedEvent = {
      input: diagnostic.input,
      partition: diagnostic.metadata?.partition ?? 0,
      sequence: String(diagnostic.metadata?.sequence ?? ""),
      kind: diagnostic.kind,
      action: diagnostic.action,
      eventId: typeof eventId === "string" ? eventId : null,
      eventTime: typeof eventTime === "string" ? eventTime : null,
      enqueuedMs: diagnostic.arrival === undefined ? 0 : unixMsFromTicks(diagnostic.arrival),
      message: diagnostic.message,
    };
    if (this.#diagnostics.add(dropped)) this.#options.onDropped?.(dropped);
  }

  async #keepCheckpoints(): Promise<void> {
    const { signal } = this.#stopping;
    const stopped = aborted(signal);
    const leastMs = this.#options.checkpointIntervalMs ?? 1000;
    for (let waitMs = leastMs; !signal.aborted; ) {
      await Promise.race([pause(waitMs), stopped]);
      if (signal.aborted || this.#failed) continue;
      const begin = performance.now();
      await Promise.race([this.#checkpoint(), stopped]);
      // A job with much state must not spend its time on writing it down; a restart reads a little more instead.
      waitMs = Math.min(
        Math.max(leastMs, (performance.now() - begin) * checkpointPauseFactor),
        longestPauseMs,
      );
    }
  }

  async #checkpoint(): Promise<void> {
    let positions: Record<string, bigint[]> = {};
    let number = 0;
    let state: Awaited<ReturnType<LiveJob["snapshot"]>>;
    try {
      state = await this.#job.snapshot(() => {
        positions = Object.fromEntries(
          Object.entries(this.#positions).map(([alias, list]) => [alias, [...list]]),
        );
        number = ++this.#captured;
      });
    } catch (error) {
      // The job was failing: its error is told by the call that met it.
      if (isAfterFailure(error)) return;
      throw error;
    }
    await Promise.all(Object.values(this.#options.outputs).map((output) => output.drained()));
    const pieces = await state();
    // The last one before a stop may overtake one that waited for its rows: one at a time, and none goes back.
    this.#writing = this.#writing.then(async () => {
      if (number > this.#written && !this.#failed) await this.#write({ positions, pieces });
      this.#written = Math.max(this.#written, number);
    });
    await this.#writing;
  }

  async #write(checkpoint: Parameters<typeof writeCheckpoint>[1]): Promise<void> {
    try {
      await writeCheckpoint(this.#checkpointPath, checkpoint);
    } catch (error) {
      // The one before stands: a restart reads more again, and nothing is lost.
      const { code, message } = error as NodeJS.ErrnoException;
      const what =
        code === "ENOSPC" ? "LOCAL_DISK_FULL: no room for a checkpoint" : "no checkpoint was written";
      this.#options.onRetry(new Error(`${what}: ${message}`, { cause: error }));
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function brokerMetadata(record: LogRecord) {
  return { sequence: record.sequence, offset: record.offset, partitionKey: record.partitionKey };
}
