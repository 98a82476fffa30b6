import {
  AsaError,
  type CompileOptions,
  createJob,
  type InputEvent,
  type JobOptions,
  type LogicalPlan,
} from "../../asa";
import { AsaToolError, createParallelJob, type FunctionDefinition } from "../../asa/node";

/** What a worker thread compiles a job from. */
export interface JobSource {
  readonly query: string;
  readonly compile: CompileOptions;
  readonly functions: readonly FunctionDefinition[];
}

/** A running job, in this thread or on several. Calls take effect in the order in which they are made. */
export interface LiveJob {
  push(input: string, partition: number, events: readonly InputEvent[]): Promise<void> | undefined;
  advance(input: string, partition: number, arrival: bigint): Promise<void> | undefined;
  readonly watermark: bigint | null;
  /**
   * Calls `captured` at the moment whose state it takes. All rows of calls before that moment are handed over when the
   * promise resolves; its result gives the bytes, in pieces.
   */
  snapshot(captured: () => void): Promise<() => Promise<readonly Uint8Array[]>>;
  restore(state: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Lets everything else that waits have its turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function inlineJob(plan: LogicalPlan, options: JobOptions): LiveJob {
  const job = createJob(plan, options);
  return {
    push(input, partition, events) {
      job.push(input, partition, events);
      return undefined;
    },
    advance(input, partition, arrival) {
      job.advance(input, partition, arrival);
      return undefined;
    },
    get watermark() {
      return job.watermark;
    },
    async snapshot(captured) {
      const task = job.beginSnapshot();
      while (!task.prepare()) await turn();
      captured();
      task.capture();
      return async () => {
        while (!task.seal()) await turn();
        return task.pieces;
      };
    },
    async restore(state) {
      job.restore(state);
    },
    async close() {},
  };
}

/** The job on `workers` threads; null when rows of several partitions meet in its query. */
async function threadedJob(source: JobSource, workers: number, options: JobOptions): Promise<LiveJob | null> {
  const { mode, policies, partitions, bodies, onRows, onDiagnostic } = options;
  try {
    const job = await createParallelJob({
      ...source,
      mode,
      policies,
      workers,
      onRows,
      ...(partitions && { partitions }),
      ...(bodies && { bodies }),
      ...(onDiagnostic && { onDiagnostic }),
    });
    return {
      push: (input, partition, events) => job.push(input, partition, events),
      advance: (input, partition, arrival) => job.advance(input, partition, arrival),
      get watermark() {
        return job.watermark;
      },
      async snapshot(captured) {
        captured();
        const bytes = await job.snapshot();
        return async () => [bytes];
      },
      restore: (state) => job.restore(state),
      close: () => job.close(),
    };
  } catch (error) {
    if (error instanceof AsaToolError && error.code === "ASA_PARTITIONS_MEET") return null;
    throw error;
  }
}

/** First bytes of the state of a job as a whole; that of a job by partitions begins otherwise. */
const wholeMagic = "ASAS";

/**
 * Starts a job, on worker threads when `workers` is above 0 and its partitions can run on their own. With the state of a
 * checkpoint it goes on in the way that made it: as a whole, or by partitions on any number of threads, none included.
 */
export async function openLiveJob(
  plan: LogicalPlan,
  options: JobOptions,
  threads: { readonly workers: number; readonly source: JobSource } | undefined,
  state?: Uint8Array,
): Promise<LiveJob> {
  const byPartitions =
    state === undefined
      ? threads !== undefined && threads.workers > 0
      : Buffer.from(state.subarray(0, wholeMagic.length)).toString("latin1") !== wholeMagic;
  const threaded =
    byPartitions && threads !== undefined
      ? await threadedJob(threads.source, threads.workers, options)
      : null;
  const job = threaded ?? inlineJob(plan, options);
  try {
    if (state !== undefined) await job.restore(state);
    return job;
  } catch (error) {
    await job.close();
    throw error;
  }
}

/** True for an error of a call that came after the job had failed. */
export function isAfterFailure(error: unknown): boolean {
  return error instanceof AsaError && error.code === "ASA_JOB_FAILED";
}
