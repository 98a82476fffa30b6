import type { ChildContext, ChildServer } from "../process/child";
import { type BatchOptions, startBatch } from "./batch";

/** Configuration of the batch process. */
export type BatchProcessConfig = Omit<BatchOptions, "onLog">;

/** Argument of the verb `run`; without a time the run takes place at the platform's present. */
export interface BatchCall {
  readonly run?: string;
  readonly asOfMs?: number;
  readonly rebuild?: boolean;
  readonly outputPath?: string;
}

/**
 * Builds the batch process: verb `run` (argument {@link BatchCall}) answers a BatchResult; each step is an event `batch-progress`
 * `{ notebook, title }`, each end an event `batch-result` or `batch-failed`.
 */
export async function createBatchProcess(context: ChildContext<BatchProcessConfig>): Promise<ChildServer> {
  const { config, clock, emit, log } = context;
  let runs = 0;
  let failures = 0;
  // Log entries taken from the lake, and rows of views written; a run that only reads has neither.
  let events = 0;
  let rows = 0;
  const batch = startBatch({ ...config, onLog: (line) => log("info", line) });
  const run = async (call: BatchCall) => {
    const startedWallMs = Date.now();
    try {
      const result = await batch.run({ ...call, asOfMs: call.asOfMs ?? clock.now() }, (progress) =>
        emit({ kind: "batch-progress", data: progress }),
      );
      runs += 1;
      events = Math.max(events, result.counts?.bronze ?? 0);
      rows += result.rows ?? 0;
      emit({ kind: "batch-result", data: { ...result, seconds: (Date.now() - startedWallMs) / 1000 } });
      return result;
    } catch (error) {
      failures += 1;
      emit({
        kind: "batch-failed",
        data: { message: error instanceof Error ? error.message : String(error) },
      });
      throw error;
    }
  };
  return {
    endpoints: {},
    stats: () => ({ counters: { runs, failures, events, rows } }),
    call: (verb, argument) => {
      if (verb !== "run") return Promise.reject(new Error(`no verb "${verb}"`));
      return run((argument ?? {}) as BatchCall);
    },
    close: () => batch.close(),
  };
}
