import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { BatchState, Notice } from "../dashboard";
import type { Clock } from "../process/clock";
import { LocalError } from "../process/errors";

/** A finished batch run. */
export interface BatchOutcome {
  readonly generation: number;
  readonly batchHighWatermarkMs: number;
  /** The run saw exactly the messages that were enqueued at or before this moment. */
  readonly capturedThroughMs: number;
  /** Distinct valid events in the silver table. */
  readonly stored: number;
  /** Where each captured message ended, by message id. */
  fates(): AsyncIterable<MessageFate>;
}

export interface MessageFate {
  readonly messageId: string;
  readonly fate: "stored" | "duplicate" | "quarantined";
}

export interface BatchRunsOptions {
  readonly clock: Clock;
  /** Folder for what a run hands over in a file. */
  readonly folder: string;
  /** Asks the batch layer's process, which is started when it does not run yet. */
  readonly ask: (verb: string, argument: unknown) => Promise<unknown>;
  /** Resolves when no captured file is missing in the lake. */
  readonly lakeComplete: () => Promise<unknown>;
  readonly onNotice: (level: Notice["level"], text: string) => void;
}

/** What the notebook exits with; all null while nothing is captured. */
type BatchAnswer =
  | { readonly generation: null }
  | {
      readonly generation: number;
      readonly batchHighWatermark: string;
      readonly inputThrough: string;
      readonly counts: { readonly stored: number };
    };

const lookIntervalMs = 2000;
/** So many runs leave some hundreds of small files, which are then made one a partition. */
const runsBetweenMaintenance = 24;

/** Runs of the batch layer, one at a time, and where it stands. */
export class BatchRuns {
  readonly #options: BatchRunsOptions;
  #current: Promise<BatchOutcome> | undefined;
  state: BatchState = {
    status: "idle",
    step: null,
    generation: null,
    batchHighWatermarkIso: null,
    lastRunIso: null,
    durationSeconds: null,
  };

  constructor(options: BatchRunsOptions) {
    this.#options = options;
  }

  get underWay(): boolean {
    return this.#current !== undefined;
  }

  /** Runs the batch layer over what Capture has completed and moves its watermark, after the run that is under way. */
  async run(): Promise<BatchOutcome> {
    while (this.#current !== undefined) await this.#current.catch(() => {});
    this.#current = this.#run().finally(() => {
      this.#current = undefined;
    });
    return await this.#current;
  }

  /** A run whenever Capture has completed more, at most one in `pauseMs` of wall time, until it is told to stop. */
  async repeat(
    capturedThroughMs: () => Promise<number>,
    stopped: () => boolean,
    pauseMs: number,
  ): Promise<void> {
    let seenMs = 0;
    let runs = 0;
    let lastRunMs = Number.NEGATIVE_INFINITY;
    while (!stopped()) {
      await new Promise((resolve) => setTimeout(resolve, lookIntervalMs).unref());
      if (stopped() || this.underWay || Date.now() - lastRunMs < pauseMs) continue;
      try {
        const capturedMs = await capturedThroughMs();
        if (capturedMs <= seenMs) continue;
        lastRunMs = Date.now();
        await this.run();
        seenMs = capturedMs;
        runs += 1;
        if (runs % runsBetweenMaintenance === 0) await this.#maintain();
      } catch {
        // The notice of the failure is on the page; a later round tries again.
      }
    }
  }

  /** Takes the title of the step that the run under way has begun. */
  step(title: string): void {
    this.state = { ...this.state, step: title };
  }

  /** Compacts the tables; no run begins meanwhile, for the batch layer's process does one thing after the other. */
  async #maintain(): Promise<void> {
    const { ask, clock, onNotice } = this.#options;
    const done = (await ask("run", { run: "maintenance", asOfMs: clock.now() })) as {
      readonly filesBefore: number;
      readonly filesAfter: number;
    };
    onNotice("info", `the lake's tables are compacted: ${done.filesBefore} files are ${done.filesAfter} now`);
  }

  async #run(): Promise<BatchOutcome> {
    const { clock, ask, lakeComplete, onNotice } = this.#options;
    const startedMs = Date.now();
    this.state = { ...this.state, status: "running", step: null };
    try {
      // A kill of the blob server may have taken files back: no run starts over a hole.
      await lakeComplete();
      const result = (await ask("run", { asOfMs: clock.now() })) as BatchAnswer;
      if (result.generation === null) {
        throw new LocalError("LOCAL_RUN_INCOMPLETE", "nothing is captured yet", {
          hint: "Capture writes its first file when its first interval ends; ask again then",
        });
      }
      this.state = {
        status: "idle",
        step: null,
        generation: result.generation,
        batchHighWatermarkIso: result.batchHighWatermark,
        lastRunIso: new Date(clock.now()).toISOString(),
        durationSeconds: (Date.now() - startedMs) / 1000,
      };
      onNotice("info", `batch generation ${result.generation} answers up to ${result.batchHighWatermark}`);
      return {
        generation: result.generation,
        batchHighWatermarkMs: Date.parse(result.batchHighWatermark),
        capturedThroughMs: Date.parse(result.inputThrough),
        stored: result.counts.stored,
        fates: () => this.#messageFates(),
      };
    } catch (error) {
      this.state = { ...this.state, status: "failed", step: null };
      onNotice("error", `the batch run failed: ${(error as Error).message}`);
      throw error;
    }
  }

  /** Where each captured message ended, as the silver layer says. */
  async *#messageFates(): AsyncGenerator<MessageFate> {
    const { ask, clock, folder } = this.#options;
    const outputPath = join(folder, "message-fates.ndjson");
    await ask("run", { run: "message_fates", asOfMs: clock.now(), outputPath });
    for await (const line of createInterface({
      input: createReadStream(outputPath),
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      if (line !== "") yield JSON.parse(line) as MessageFate;
    }
  }
}
