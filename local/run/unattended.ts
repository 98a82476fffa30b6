import { join } from "node:path";
import {
  compareWindows,
  jobNamed,
  type StreamJob,
  type ViewWindow,
  type WindowComparison,
  type WindowDifference,
} from "../../contracts";
import { decideFates, type FateTotals, type LoggedMessage } from "../accounting/fates";
import { WindowSums } from "../accounting/recompute";
import type { SentLedgers } from "../accounting/sent-ledger";
import { readDiagnostics } from "../stream-analytics";
import type { BatchOutcome } from "../supervisor/batch-runs";
import { captureIntervalMs } from "../supervisor/capture-interval";
import type { Platform } from "../supervisor/platform";
import type { SentSummary } from "../supervisor/sending";
import { MessageAccounts } from "./account";
import { closedBy, firstOfSeries, floorToMinute } from "./closed-windows";
import { planCut } from "./cut-plan";
import { readHubLog } from "./log-messages";
import { failuresOf, type RunReport } from "./report";
import { writeResults } from "./results";
import { fetchAllServed, readViewRows, type ServedWindow, seriesOf, windowOfRow } from "./view-reader";

const minuteMs = 60_000;
/** Longest window of the job; a sent event is in windows that end up to this much after it. */
export const longestWindowMs = 5 * minuteMs;
const pollMs = 100;
/** Event time that passes between two looks at what is late to come. */
const clockStepMs = 1000;

export interface UnattendedOptions {
  readonly outDir: string;
  /** What all runs over the data folder have sent, this one included. */
  readonly ledgers: SentLedgers;
  /** Whether the half-time answer must have windows from both sources; a short file may not reach two captured intervals. */
  readonly cutNeedsBothSides: boolean;
  /** The first event comes at most so much event time after the start. */
  readonly firstEventWithinMs: number;
  readonly onProgress: (text: string) => void;
}

interface Cut {
  readonly batchHighWatermarkMs: number;
  /** The batch run saw exactly the messages that were enqueued at or before this moment. */
  readonly capturedThroughMs: number;
  readonly realtimeThroughMs: number;
  readonly served: readonly ServedWindow[];
}

/** What the hub's log says must be found. */
interface Expected {
  readonly fates: FateTotals;
  /** Of the distinct valid events that came in time. */
  readonly counted: WindowSums;
  /** Of the distinct valid events that the half-time batch run could see. */
  readonly captured: WindowSums;
  /** Event ids of valid events that no copy brought in time. */
  readonly late: ReadonlySet<string>;
}

/**
 * One unattended run over a started platform: send, batch at about half, drain by the clock, compare, batch, compare,
 * write the results. Nothing is flushed by hand on the way of an event.
 */
export class UnattendedRun {
  readonly #platform: Platform;
  readonly #options: UnattendedOptions;
  readonly #job: StreamJob = jobNamed("factory-aggregates", "v1");
  readonly #lateToleranceMs = this.#job.lateToleranceSeconds * 1000;
  #sent: SentSummary | undefined;
  #sendingSeconds = 0;

  constructor(platform: Platform, options: UnattendedOptions) {
    this.#platform = platform;
    this.#options = options;
  }

  async run(): Promise<RunReport> {
    const platform = this.#platform;
    const startedWallMs = Date.now();
    const sending = this.#send(startedWallMs);
    const cut = await Promise.race([this.#cut(), onlyFailure(sending)]);
    const sent = await sending;

    const lastEndMs = lastEndOf(sent);
    const realtimeThroughMs = await this.#drain(lastEndMs);
    // What compares and counts takes the memory that the sender had.
    await platform.stopSender();
    this.#say("drained: reading the log and comparing the real-time view");
    const finalMs = Math.min(lastEndMs, floorToMinute(realtimeThroughMs));
    const { fates, speed, realtime, ...early } = await this.#compareWithLog(cut, finalMs);

    this.#say("running the batch layer over everything");
    const last = await this.#finalBatch(finalMs);
    const expected = await this.#expectedFromSent(finalMs);
    const merged = await this.#served([...expected, ...early.series], finalMs);
    const mergedComparison = compareWindows(expected, merged);

    const figures = {
      accounting: await this.#account(fates, last),
      speed,
      windows: {
        realtime: summary(realtime),
        cut: summary(early.cut),
        merged: summary(mergedComparison),
      },
      latencyMs: Object.fromEntries(
        [...platform.meters.histograms()].map(([path, histogram]) => [path, histogram.summary()]),
      ),
      eventsPerSecond: Math.round(sent.sent / this.#sendingSeconds),
      peakMemoryMb: platform.peakMemoryMb,
      seconds: Number(((Date.now() - startedWallMs) / 1000).toFixed(1)),
      restarts: platform.restarts(),
    };
    const failures = failuresOf(figures);
    if (early.missingSide !== undefined && this.#options.cutNeedsBothSides) {
      failures.push(
        `the cut has no ${early.missingSide} window: the run is too short, or the batch run took too long`,
      );
    }
    const report: RunReport = { ...figures, failures };
    await writeResults(this.#options.outDir, {
      report,
      job: this.#job.name,
      views: merged,
      comparisons: { realtime, cut: early.cut, merged: mergedComparison },
      ledgers: this.#options.ledgers.paths,
      quarantine: this.#quarantine("SELECT c.body, c.reason FROM c"),
    });
    return report;
  }

  #say(text: string): void {
    this.#options.onProgress(text);
  }

  async #send(startedWallMs: number): Promise<SentSummary> {
    const sent = await this.#platform.startSender();
    this.#sent = sent;
    this.#sendingSeconds = (Date.now() - startedWallMs) / 1000;
    this.#say(`all is sent: ${sent.sent} messages in ${this.#sendingSeconds.toFixed(1)} s`);
    return sent;
  }

  /** Takes the half-time answer: the batch's side and the real-time side, as the serving API merges them. */
  async #cut(): Promise<Cut> {
    const platform = this.#platform;
    await platform.senderAt(0.5);
    const plan = planCut({
      startMs: platform.startMs,
      firstEventWithinMs: this.#options.firstEventWithinMs,
      captureIntervalMs: captureIntervalMs("telemetry"),
      lateToleranceMs: this.#lateToleranceMs,
    });
    await this.#clockPasses(
      plan.capturedMs,
      async () => (await platform.capturedThroughMs("telemetry")) >= plan.capturedMs,
    );
    this.#say("half is sent: running the batch layer");
    const outcome = await platform.runBatch();
    const { throughMs, rows } = await this.#realtimeBeyond(outcome.batchHighWatermarkMs);
    return {
      batchHighWatermarkMs: outcome.batchHighWatermarkMs,
      capturedThroughMs: outcome.capturedThroughMs,
      realtimeThroughMs: throughMs,
      served: await this.#served(rows, throughMs),
    };
  }

  /** Waits until the real-time view has a window that ends after the moment, or until none can come any more. */
  async #realtimeBeyond(
    afterMs: number,
  ): Promise<{ readonly throughMs: number; readonly rows: readonly ViewWindow[] }> {
    for (let leastMs = afterMs + minuteMs; ; leastMs += minuteMs) {
      let throughMs = 0;
      await this.#clockPasses(leastMs + this.#lateToleranceMs, async () => {
        throughMs = floorToMinute(await this.#platform.realtimeThroughMs());
        return throughMs >= leastMs;
      });
      const rows = await this.#realtimeWindows();
      const beyond = closedBy(rows, throughMs).some(({ end }) => Date.parse(end) > afterMs);
      if (beyond || (this.#sent !== undefined && throughMs >= lastEndOf(this.#sent)))
        return { throughMs, rows };
      leastMs = Math.max(leastMs, throughMs);
    }
  }

  /**
   * Waits until something holds that comes with the clock. While there is more to send, the sender lets the clock pass; then
   * it passes to the moment and from there in small steps: the half-time answer must not come minutes later on a slow machine.
   */
  async #clockPasses(toMs: number, holds: () => Promise<boolean>): Promise<void> {
    const { clock } = this.#platform;
    while (!(await holds())) {
      if (this.#sent !== undefined) {
        const nowMs = clock.clock.now();
        clock.release(nowMs < toMs ? toMs : nowMs + clockStepMs);
      }
      await pause();
    }
  }

  /** Compares what the log says with the real-time view and the half-time answer; keeps the findings, not the windows. */
  async #compareWithLog(
    cut: Cut,
    finalMs: number,
  ): Promise<{
    readonly fates: FateTotals;
    readonly speed: RunReport["speed"];
    readonly realtime: WindowComparison;
    readonly cut: WindowComparison;
    readonly missingSide: "batch" | "real-time" | undefined;
    /** Of each series of the real-time view its first window. */
    readonly series: readonly ViewWindow[];
  }> {
    const expected = await this.#expectedFromLog(cut.capturedThroughMs);
    const rows = await this.#realtimeWindows();
    const { comparison, missingSide } = this.#compareCut(cut, expected);
    const counted = rows
      .filter(({ grain, window }) => grain === "device" && window === "1m")
      .reduce((sum, { values }) => sum + (values["count"] ?? 0), 0);
    return {
      fates: expected.fates,
      speed: { counted, late: this.#namedLate(expected.late) },
      realtime: compareWindows(closedBy(expected.counted.windows(), finalMs), closedBy(rows, finalMs)),
      cut: comparison,
      missingSide,
      series: firstOfSeries(rows),
    };
  }

  #compareCut(
    cut: Cut,
    { captured, counted }: Expected,
  ): { readonly comparison: WindowComparison; readonly missingSide: "batch" | "real-time" | undefined } {
    const { batchHighWatermarkMs, realtimeThroughMs, served } = cut;
    const batchSide = closedBy(captured.windows(), batchHighWatermarkMs);
    const realtimeSide = closedBy(counted.windows(), realtimeThroughMs).filter(
      ({ end }) => Date.parse(end) > batchHighWatermarkMs,
    );
    const wrongSide = served
      .filter(({ source, end }) => (source === "batch") !== Date.parse(end) <= batchHighWatermarkMs)
      .map(
        (window): WindowDifference => ({
          identity: `${window.key} ${window.end}`,
          kind: "unexpected",
          actual: window,
        }),
      );
    const { compared, differences } = compareWindows([...batchSide, ...realtimeSide], served);
    return {
      comparison: { compared, differences: [...differences, ...wrongSide] },
      missingSide: batchSide.length === 0 ? "batch" : realtimeSide.length === 0 ? "real-time" : undefined,
    };
  }

  /** Lets the clock pass until every window up to `lastEndMs` is closed and stored. */
  async #drain(lastEndMs: number): Promise<number> {
    const platform = this.#platform;
    this.#say("draining: the clock passes until every window is closed");
    platform.clock.releaseAll();
    for (;;) {
      const throughMs = await platform.realtimeThroughMs();
      if (throughMs >= lastEndMs) return throughMs;
      await pause();
    }
  }

  /** The batch layer answers up to what Capture has completed, less the late tolerance: lets the clock pass, then runs. */
  async #finalBatch(finalMs: number): Promise<BatchOutcome> {
    const platform = this.#platform;
    const neededMs = finalMs + this.#lateToleranceMs;
    while ((await platform.capturedThroughMs("telemetry")) < neededMs) await pause();
    const outcome = await platform.runBatch();
    if (outcome.batchHighWatermarkMs < finalMs) {
      throw new Error(
        `the batch view ends at ${new Date(outcome.batchHighWatermarkMs).toISOString()}, before the final watermark ${new Date(finalMs).toISOString()}`,
      );
    }
    return outcome;
  }

  async #realtimeWindows(): Promise<ViewWindow[]> {
    const windows: ViewWindow[] = [];
    const container = this.#platform.container("realtime-views");
    for await (const row of readViewRows(container, this.#job.name, this.#job.version))
      windows.push(windowOfRow(row));
    return windows;
  }

  /** Every served window up to a moment, of all series that occur among the windows. */
  #served(among: readonly ViewWindow[], toMs: number): Promise<ServedWindow[]> {
    const firstMs = among.reduce((least, { start }) => Math.min(least, Date.parse(start)), toMs);
    return fetchAllServed(
      this.#platform.servingOrigin,
      this.#job.name,
      this.#job.version,
      seriesOf(among),
      new Date(firstMs - longestWindowMs).toISOString(),
      new Date(toMs).toISOString(),
    );
  }

  async #expectedFromLog(capturedThroughMs: number): Promise<Expected> {
    const [counted, captured] = [new WindowSums(), new WindowSums()];
    const late = new Set<string>();
    const fates = await decideFates(
      readHubLog(this.#platform.log, "telemetry"),
      this.#lateToleranceMs,
      this.#workFolder("log"),
      (stored) => {
        if (stored.counted) counted.add(stored.event);
        else late.add(stored.event.eventId);
        if (stored.keptEnqueuedMs <= capturedThroughMs) captured.add(stored.event);
      },
    );
    return { fates, counted, captured, late };
  }

  /** From what was sent, not from what the log has: the merged answer must not depend on the platform's own records. */
  async #expectedFromSent(finalMs: number): Promise<ViewWindow[]> {
    const sums = new WindowSums();
    await decideFates(
      asLogged(this.#options.ledgers),
      this.#lateToleranceMs,
      this.#workFolder("sent"),
      ({ event }) => sums.add(event),
    );
    return closedBy(sums.windows(), finalMs);
  }

  /** Events that the job named as dropped, and that no copy brought in time. */
  #namedLate(late: ReadonlySet<string>): number {
    const named = new Set<string>();
    for (const path of this.#platform.diagnosticsPaths) {
      for (const { eventId, action } of readDiagnostics(path)) {
        if (action === "dropped" && eventId !== null && late.has(eventId)) named.add(eventId);
      }
    }
    return named.size;
  }

  /** Counts each sent message's fate where it ended: the lake's silver table and the quarantine, by id. */
  async #account(fates: FateTotals, batch: BatchOutcome): Promise<RunReport["accounting"]> {
    const accounts = new MessageAccounts(this.#workFolder("accounts"));
    for await (const { messageId } of this.#options.ledgers.messages()) accounts.note(messageId, "sent");
    for await (const { messageId, fate } of batch.fates()) {
      // Quarantined is what the function has put there, not what the batch layer refused too.
      if (fate !== "quarantined") accounts.note(messageId, fate);
    }
    for await (const { messageId } of this.#quarantine<{ messageId: string }>("SELECT c.messageId FROM c")) {
      accounts.note(messageId, "quarantined");
    }
    const account = accounts.close();
    return {
      ...account,
      double: account.double + Math.abs(batch.stored - fates.stored),
      redelivered: fates.redelivered,
      refused: this.#platform.refused,
    };
  }

  async *#quarantine<T = { readonly body: string; readonly reason: string }>(
    text: string,
  ): AsyncGenerator<T> {
    const query = this.#platform.container("quarantine").items.query<T>(text, { maxItemCount: 1000 });
    while (query.hasMoreResults()) yield* (await query.fetchNext()).resources ?? [];
  }

  #workFolder(name: string): string {
    return join(this.#platform.workFolder, name);
  }
}

async function* asLogged(ledgers: SentLedgers): AsyncGenerator<LoggedMessage> {
  let sequence = 0n;
  for await (const { messageId, at, body } of ledgers.messages()) {
    yield { messageId, body, enqueuedMs: Date.parse(at), partition: 0, sequence: sequence++ };
  }
}

/** End of the last window that an event sent can be in. */
function lastEndOf({ endMs }: SentSummary): number {
  return Math.ceil(endMs / minuteMs) * minuteMs + longestWindowMs;
}

function summary({ compared, differences }: WindowComparison) {
  return { compared, different: differences.length };
}

/** Rejects when the promise does, and never resolves. */
function onlyFailure(promise: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    promise.catch(reject);
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pollMs));
}
