import { deserialize, serialize } from "node:v8";
import type {
  CompileOptions,
  InputEvent,
  JobOptions,
  OutputLines,
  OutputRow,
  RuntimeDiagnostic,
} from "../../api";
import type { AsaRecord } from "../../values";
import { AsaError, compilePlan, partitionObstacle } from "../engine";
import { AsaToolError } from "../errors";
import type { FunctionLimits } from "../functions";
import type { FunctionDefinition } from "../project";
import { errorOf, type LaneAnswer, type LaneCall, type LaneSetup } from "./lane-host";
import { LineMemory } from "./line-memory";
import { LaneMerger } from "./merge";
import { runsOf } from "./rows";
import { type LaneThread, openInline, openWorker } from "./threads";
import { diagnosticOf, plainEvents, plainValue, rowsOf } from "./transfer";

/** What a parallel job runs, and on how many threads. */
export interface ParallelJobOptions
  extends Pick<JobOptions, "mode" | "policies" | "partitions" | "fileRunStart" | "bodies" | "evaluator"> {
  readonly query: string;
  readonly compile?: CompileOptions;
  readonly functions?: readonly FunctionDefinition[];
  readonly functionLimits?: FunctionLimits;
  /** Worker threads; 0 runs all lanes in this thread. Rows and their order are the same for any number. */
  readonly workers: number;
  /**
   * By input alias: the column whose equal values, NULL too, all inputs have in one partition number.
   * @default PartitionId for each input
   */
  readonly partitionKeys?: Readonly<Record<string, string>>;
  /** Partitions go to so many lanes, each a job of its own, which threads share out. @default at most 8 */
  readonly lanes?: number;
  /** Takes rows; those of an output come by time, then lane. */
  readonly onRows?: (rows: readonly OutputRow[]) => void;
  /**
   * Takes rows as JSON lines in place of `onRows`, written by the thread that computed them: in the order of the calls that
   * released them, and of each lane as the lane gave them.
   */
  readonly onLines?: (lines: OutputLines) => void;
  readonly onDiagnostic?: (diagnostic: RuntimeDiagnostic) => void;
}

/**
 * A job whose partitions run on their own. Calls take effect in the order in which they are made; a promise resolves
 * once its call has been worked on and the rows that it released were delivered. Keep a few calls in flight, so that
 * every thread has work. A query's error rejects the call that met it and all calls after it.
 */
export interface ParallelJob {
  push(input: string, partition: number, events: readonly InputEvent[]): Promise<void>;
  pushLines(input: string, partition: number, lines: Uint8Array, arrival: bigint): Promise<void>;
  advance(input: string, partition: number, arrival: bigint): Promise<void>;
  setReference(input: string, rows: readonly AsaRecord[], from?: bigint): Promise<void>;
  finish(): Promise<void>;
  /** The state after all calls made so far; for `restore` of a job with as many lanes and any number of workers. */
  snapshot(): Promise<Uint8Array>;
  /** @throws {AsaError} ASA_STATE_MISMATCH when the snapshot belongs to another query, other lanes or an unknown format */
  restore(snapshot: Uint8Array): Promise<void>;
  /** Smallest watermark of all lanes after the calls that were worked on; null before anything is known. */
  readonly watermark: bigint | null;
  /** Ends the threads; calls that wait are rejected. */
  close(): Promise<void>;
}

interface CallExtras {
  /** No row comes after this call: what is held back is final. */
  readonly last?: boolean;
  /** Called when the answer takes effect, before that of any later call. */
  readonly effective?: () => void;
}

interface Pending extends CallExtras {
  readonly lane: number;
  readonly thread: number;
  readonly resolve: (answer: LaneAnswer) => void;
  readonly reject: (error: Error) => void;
  answer: LaneAnswer | null;
}

interface SavedState {
  readonly version: 1;
  readonly lanes: readonly Uint8Array[];
  /** What `LaneMerger.save` gave, serialised. */
  readonly held: Uint8Array;
}

const mostLanes = 8;

class LaneJob implements ParallelJob {
  private readonly options: ParallelJobOptions;
  private readonly lanes: number;
  private readonly partitions: Readonly<Record<string, number>>;
  private readonly merger: LaneMerger;
  private readonly memory = new LineMemory();
  private threads: readonly LaneThread[] = [];
  /** Calls in the order in which they were made, from the first without a delivered answer. */
  private readonly pending: Pending[] = [];
  private failure: Error | null = null;

  constructor(options: ParallelJobOptions, partitions: Readonly<Record<string, number>>, lanes: number) {
    this.options = options;
    this.lanes = lanes;
    this.partitions = partitions;
    this.merger = new LaneMerger(lanes);
  }

  async open(): Promise<void> {
    const { options } = this;
    const count = Math.max(1, Math.min(options.workers, this.lanes));
    const setups = Array.from({ length: count }, (_, thread) => this.setup(thread, count));
    const answered = (thread: number) => (answer: LaneAnswer) => this.answered(thread, answer);
    const fail = (error: Error) => this.fail(error);
    this.threads =
      options.workers === 0
        ? [await openInline(setups[0]!, answered(0))]
        : setups.map((setup, thread) => openWorker(setup, answered(thread), fail));
  }

  private setup(thread: number, threads: number): LaneSetup {
    const { options, lanes } = this;
    const own = Array.from({ length: lanes }, (_, lane) => lane).filter((lane) => lane % threads === thread);
    const { mode, policies, fileRunStart, bodies, evaluator } = options;
    return {
      query: options.query,
      compile: options.compile ?? {},
      functions: options.functions ?? [],
      functionLimits: options.functionLimits ?? {},
      asLines: options.onLines !== undefined,
      job: {
        mode,
        policies,
        ...(fileRunStart === undefined ? {} : { fileRunStart }),
        ...(bodies === undefined ? {} : { bodies }),
        ...(evaluator === undefined ? {} : { evaluator }),
      },
      lanes: own.map((lane) => ({
        lane,
        partitions: Object.fromEntries(
          Object.entries(this.partitions).map(([input, count]) => [
            input,
            Math.floor((count - lane - 1) / lanes) + 1,
          ]),
        ),
      })),
    };
  }

  private call(
    lane: number,
    call: LaneCall,
    transfer: readonly ArrayBuffer[] = [],
    extras: CallExtras = {},
  ): Promise<LaneAnswer> {
    return new Promise((resolve, reject) => {
      if (this.failure !== null) {
        const message = "the job has failed and takes no more calls";
        reject(new AsaError("ASA_JOB_FAILED", message, { cause: this.failure }));
        return;
      }
      const thread = lane % this.threads.length;
      this.pending.push({ ...extras, lane, thread, resolve, reject, answer: null });
      this.threads[thread]!.call(lane, call, transfer);
    });
  }

  /** A thread answers its calls in their order; answers take effect in the order of all calls. */
  private answered(thread: number, answer: LaneAnswer): void {
    const call = this.pending.find((waiting) => waiting.thread === thread && waiting.answer === null);
    if (call === undefined) return;
    call.answer = answer;
    if (answer.spent !== null) this.memory.give(answer.spent);
    while (this.pending[0]?.answer != null) this.deliver(this.pending.shift()!);
  }

  private deliver({ lane, last, effective, answer, resolve, reject }: Pending): void {
    const { rows, lines, diagnostics, watermark, error } = answer!;
    const { onRows, onLines, onDiagnostic } = this.options;
    try {
      for (const diagnostic of diagnostics) onDiagnostic?.(diagnosticOf(diagnostic));
      for (const block of lines) onLines?.(block);
      this.merger.add(lane, rows === null ? [] : runsOf(rows), watermark);
      const released = this.merger.take(last === true);
      if (released.length > 0) onRows?.(released.flatMap(rowsOf));
      if (error !== null) throw errorOf(error);
      effective?.();
      resolve(answer!);
    } catch (thrown) {
      reject(thrown as Error);
      this.fail(thrown as Error);
    }
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.pending.splice(0))
      reject(new AsaError("ASA_JOB_FAILED", "the job has failed", { cause: error }));
  }

  private place(input: string, partition: number): { readonly lane: number; readonly partition: number } {
    const known = Object.keys(this.partitions).find((alias) => alias.toLowerCase() === input.toLowerCase());
    if (known === undefined) throw new AsaError("ASA_JOB_INPUT", `the job has no stream input "${input}"`);
    const count = this.partitions[known]!;
    if (!Number.isInteger(partition) || partition < 0 || partition >= count)
      throw new AsaError("ASA_JOB_INPUT", `input "${input}" has no partition ${partition}`);
    // The engine gives a file run one partition.
    const own = this.options.mode === "file" ? 0 : Math.floor(partition / this.lanes);
    return { lane: partition % this.lanes, partition: own };
  }

  async push(input: string, partition: number, events: readonly InputEvent[]): Promise<void> {
    const place = this.place(input, partition);
    const plain = plainEvents(events);
    const call: LaneCall = { kind: "push", input, partition: place.partition, events: plain };
    await this.call(place.lane, call, [plain.bytes.buffer as ArrayBuffer]);
  }

  async pushLines(input: string, partition: number, lines: Uint8Array, arrival: bigint): Promise<void> {
    const place = this.place(input, partition);
    const copy = this.memory.copy(lines);
    const call: LaneCall = { kind: "lines", input, partition: place.partition, lines: copy, arrival };
    await this.call(place.lane, call, [copy.buffer as ArrayBuffer]);
  }

  async advance(input: string, partition: number, arrival: bigint): Promise<void> {
    const place = this.place(input, partition);
    await this.call(place.lane, { kind: "advance", input, partition: place.partition, arrival });
  }

  async setReference(input: string, rows: readonly AsaRecord[], from?: bigint): Promise<void> {
    const plain = rows.map(plainValue);
    await this.callAll(() => ({ kind: "reference", input, rows: plain, from }));
  }

  async finish(): Promise<void> {
    await this.callAll(() => ({ kind: "finish" }), { last: true });
  }

  /** Calls every lane; the extras are those of the last. */
  private callAll(callOf: (lane: number) => LaneCall, extras: CallExtras = {}): Promise<LaneAnswer[]> {
    return Promise.all(
      Array.from({ length: this.lanes }, (_, lane) =>
        this.call(lane, callOf(lane), [], lane === this.lanes - 1 ? extras : {}),
      ),
    );
  }

  async snapshot(): Promise<Uint8Array> {
    let held = new Uint8Array();
    const effective = () => {
      held = serialize(this.merger.save());
    };
    const answers = await this.callAll(() => ({ kind: "snapshot" }), { effective });
    const state: SavedState = { version: 1, lanes: answers.map(({ snapshot }) => snapshot!), held };
    return serialize(state);
  }

  async restore(snapshot: Uint8Array): Promise<void> {
    const state = readState(snapshot);
    if (state.lanes.length !== this.lanes)
      throw new AsaError(
        "ASA_STATE_MISMATCH",
        `the snapshot has ${state.lanes.length} lanes, the job has ${this.lanes}`,
        { hint: "Give the job as many lanes; the number of workers may differ." },
      );
    const effective = () => this.merger.load(deserialize(state.held));
    await this.callAll((lane) => ({ kind: "restore", snapshot: state.lanes[lane]! }), { effective });
  }

  get watermark(): bigint | null {
    return this.merger.watermark;
  }

  async close(): Promise<void> {
    this.fail(new Error("the job was closed"));
    await Promise.all(this.threads.map((thread) => thread.close()));
  }
}

function readState(snapshot: Uint8Array): SavedState {
  let state: Partial<SavedState> | null;
  try {
    state = deserialize(snapshot) as Partial<SavedState> | null;
  } catch {
    state = null;
  }
  if (state?.version !== 1 || state.lanes === undefined || state.held === undefined)
    throw new AsaError("ASA_STATE_MISMATCH", "the bytes are no snapshot of a parallel job", {
      hint: "Start the job without the snapshot.",
    });
  return state as SavedState;
}

/**
 * Starts a job whose partitions are computed on their own, spread over worker threads. Rows of an output come by
 * time, then lane: the same rows in the same order for any number of workers.
 *
 * @throws {AsaToolError} ASA_PARTITIONS_MEET when the query needs rows of several partitions together
 * @throws {AsaError} ASA_COMPILE_FAILED
 */
export async function createParallelJob(options: ParallelJobOptions): Promise<ParallelJob> {
  const plan = compilePlan(options.query, options.compile);
  const keys = new Map(
    Object.entries(options.partitionKeys ?? {}).map(([alias, column]) => [alias.toLowerCase(), column]),
  );
  const obstacle = partitionObstacle(plan, (input) => keys.get(input.toLowerCase()) ?? "PartitionId");
  if (obstacle !== null) {
    const { line, column } = obstacle.relation.range;
    throw new AsaToolError(
      "ASA_PARTITIONS_MEET",
      `the query cannot run partition by partition: ${obstacle.reason} (line ${line}, column ${column})`,
      { hint: "Name the column that the input is partitioned by, or run the job without workers." },
    );
  }
  const given = new Map(
    Object.entries(options.partitions ?? {}).map(([alias, count]) => [alias.toLowerCase(), count]),
  );
  const inputs = plan.relations.flatMap((relation) =>
    relation.kind === "stream-input" ? [relation.input] : [],
  );
  const partitions = Object.fromEntries(inputs.map((input) => [input, given.get(input.toLowerCase()) ?? 1]));
  const fewest = Math.min(...Object.values(partitions));
  const lanes = Math.max(1, Math.min(options.lanes ?? mostLanes, fewest));
  const job = new LaneJob(options, partitions, lanes);
  await job.open();
  return job;
}
