import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import {
  compareWindows,
  type FactoryTelemetry,
  jobNamed,
  type StreamJob,
  type ViewWindow,
  type WindowComparison,
} from "../../contracts";
import { type Fates, fatesOf, type LoggedMessage } from "../accounting/fates";
import { recomputeFactoryAggregates } from "../accounting/recompute";
import { readSentLedger } from "../accounting/sent-ledger";
import { readDiagnostics } from "../stream-analytics";
import type { BatchOutcome, Platform } from "../supervisor/platform";
import { readHubLog } from "./log-messages";
import { failuresOf, type RunReport } from "./report";
import { fetchAllServed, readViewRows, type ServedWindow, seriesOf, windowOfRow } from "./view-reader";

const minuteMs = 60_000;
/** Longest window of the job; a sent event is in windows that end up to this much after it. */
const longestWindowMs = 5 * minuteMs;

export interface UnattendedOptions {
  readonly outDir: string;
  readonly onProgress: (text: string) => void;
}

interface Cut {
  readonly batchHighWatermarkMs: number;
  /** The batch run saw exactly the messages that were enqueued before this moment. */
  readonly capturedThroughMs: number;
  readonly realtimeThroughMs: number;
  readonly served: readonly ServedWindow[];
}

/**
 * One unattended run over a started platform: send, batch at about half, drain by the clock, compare, batch, compare,
 * write the results. Nothing is flushed by hand on the way of an event.
 */
export class UnattendedRun {
  readonly #platform: Platform;
  readonly #options: UnattendedOptions;
  readonly #job: StreamJob = jobNamed("factory-aggregates", "v1");

  constructor(platform: Platform, options: UnattendedOptions) {
    this.#platform = platform;
    this.#options = options;
  }

  async run(): Promise<RunReport> {
    const platform = this.#platform;
    const startedWallMs = Date.now();
    const sending = platform.startSender();
    await platform.senderAt(0.5);
    this.#say("half is sent: running the batch layer");
    const cut = await this.#cut();
    const sent = await sending;
    const sendingSeconds = (Date.now() - startedWallMs) / 1000;
    this.#say(`all is sent: ${sent.sent} messages in ${sendingSeconds.toFixed(1)} s; draining`);

    const lastEndMs = Math.ceil(sent.endMs / minuteMs) * minuteMs + longestWindowMs;
    const realtimeThroughMs = await this.#drain(lastEndMs);
    this.#say("drained: reading the log and comparing the real-time view");
    const messages = await collect(readHubLog(platform.log, "telemetry"));
    const fates = await fatesOf(messages, this.#job.lateToleranceSeconds * 1000);
    const realtimeRows = await this.#realtimeWindows();
    const finalMs = Math.min(lastEndMs, Math.floor(realtimeThroughMs / minuteMs) * minuteMs);
    const realtime = compareWindows(
      closedBy(recomputeFactoryAggregates(eventsOf(fates, fates.counted)), finalMs),
      closedBy(realtimeRows, finalMs),
    );
    const cutComparison = await this.#compareCut(cut, messages, fates);

    this.#say("running the batch layer over everything");
    const last = await this.#finalBatch(finalMs);
    const mergedWindows = await this.#served(
      recomputeFactoryAggregates(eventsOf(fates)),
      realtimeRows,
      platform.startMs - longestWindowMs,
      finalMs,
    );
    const merged = compareWindows(await this.#expectedFromSent(finalMs), mergedWindows);

    const accounting = await this.#account(fates, last);
    const counted = realtimeRows
      .filter(({ grain, window }) => grain === "device" && window === "1m")
      .reduce((sum, { values }) => sum + (values["count"] ?? 0), 0);
    const report = {
      accounting,
      speed: { counted, late: this.#namedLate(fates) },
      windows: { realtime: summary(realtime), cut: summary(cutComparison), merged: summary(merged) },
      latencyMs: Object.fromEntries(
        [...platform.meters.histograms()].map(([path, histogram]) => [path, histogram.summary()]),
      ),
      eventsPerSecond: Math.round(sent.sent / sendingSeconds),
      peakMemoryMb: platform.peakMemoryMb,
      seconds: Number(((Date.now() - startedWallMs) / 1000).toFixed(1)),
      restarts: platform.restarts(),
    };
    const complete: RunReport = { ...report, failures: failuresOf(report) };
    await this.#write(complete, mergedWindows, { realtime, cut: cutComparison, merged });
    return complete;
  }

  #say(text: string): void {
    this.#options.onProgress(text);
  }

  /** Takes the half-time answer: the batch's side and the real-time side, as the serving API merges them. */
  async #cut(): Promise<Cut> {
    const platform = this.#platform;
    const outcome = await platform.runBatch();
    const realtimeThroughMs = await platform.realtimeThroughMs();
    const rows = await this.#realtimeWindows();
    const throughMs = Math.floor(realtimeThroughMs / minuteMs) * minuteMs;
    const served = await this.#served(rows, rows, platform.startMs - longestWindowMs, throughMs);
    return {
      batchHighWatermarkMs: outcome.batchHighWatermarkMs,
      capturedThroughMs: outcome.capturedThroughMs,
      realtimeThroughMs: throughMs,
      served,
    };
  }

  async #compareCut(cut: Cut, messages: readonly LoggedMessage[], fates: Fates): Promise<WindowComparison> {
    const captured = await fatesOf(
      messages.filter(({ enqueuedMs }) => enqueuedMs < cut.capturedThroughMs),
      this.#job.lateToleranceSeconds * 1000,
    );
    const batchSide = recomputeFactoryAggregates(eventsOf(captured)).filter(
      ({ end }) => Date.parse(end) <= cut.batchHighWatermarkMs,
    );
    const realtimeSide = recomputeFactoryAggregates(eventsOf(fates, fates.counted)).filter(
      ({ end }) => Date.parse(end) > cut.batchHighWatermarkMs && Date.parse(end) <= cut.realtimeThroughMs,
    );
    if (batchSide.length === 0 || realtimeSide.length === 0) {
      throw new Error(
        `the cut at ${new Date(cut.batchHighWatermarkMs).toISOString()} has ${batchSide.length} batch and ${realtimeSide.length} real-time windows; both sides must be present`,
      );
    }
    const wrongSide = cut.served.filter(
      ({ source, end }) => (source === "batch") !== Date.parse(end) <= cut.batchHighWatermarkMs,
    );
    const comparison = compareWindows([...batchSide, ...realtimeSide], cut.served);
    return {
      compared: comparison.compared,
      differences: [
        ...comparison.differences,
        ...wrongSide.map((window) => ({
          identity: `${window.key} ${window.end}`,
          kind: "unexpected" as const,
          actual: window,
        })),
      ],
    };
  }

  /** Lets the clock pass until every window up to `lastEndMs` is closed and stored. */
  async #drain(lastEndMs: number): Promise<number> {
    const platform = this.#platform;
    platform.clock.releaseAll();
    for (;;) {
      const throughMs = await platform.realtimeThroughMs();
      if (throughMs >= lastEndMs) return throughMs;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** The batch layer answers up to what Capture has completed, less the late tolerance: lets the clock pass, then runs. */
  async #finalBatch(finalMs: number): Promise<BatchOutcome> {
    const platform = this.#platform;
    const neededMs = finalMs + this.#job.lateToleranceSeconds * 1000;
    while ((await platform.capturedThroughMs("telemetry")) < neededMs) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
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

  #served(
    expected: readonly ViewWindow[],
    known: readonly ViewWindow[],
    fromMs: number,
    toMs: number,
  ): Promise<ServedWindow[]> {
    return fetchAllServed(
      this.#platform.servingOrigin,
      this.#job.name,
      this.#job.version,
      seriesOf([...expected, ...known]),
      new Date(fromMs).toISOString(),
      new Date(toMs).toISOString(),
    );
  }

  /** From what was sent, not from what the log has: the merged answer must not depend on the platform's own records. */
  async #expectedFromSent(finalMs: number): Promise<ViewWindow[]> {
    const asLogged = async function* (ledger: string): AsyncGenerator<LoggedMessage> {
      let sequence = 0n;
      for await (const message of readSentLedger(ledger)) {
        yield {
          messageId: message.messageId,
          body: message.body,
          enqueuedMs: Date.parse(message.at),
          partition: 0,
          sequence: sequence++,
        };
      }
    };
    const sent = await fatesOf(asLogged(this.#platform.ledgerPath), this.#job.lateToleranceSeconds * 1000);
    return closedBy(recomputeFactoryAggregates(eventsOf(sent)), finalMs);
  }

  /** Events that the job named as dropped, and that no copy brought in time. */
  #namedLate(fates: Fates): number {
    const named = new Set<string>();
    for (const path of this.#platform.diagnosticsPaths) {
      for (const { eventId, action } of readDiagnostics(path)) {
        if (
          action === "dropped" &&
          eventId !== null &&
          fates.stored.has(eventId) &&
          !fates.counted.has(eventId)
        ) {
          named.add(eventId);
        }
      }
    }
    return named.size;
  }

  /** Counts each sent message's fate where it ended: the lake's silver table and the quarantine, by id. */
  async #account(fates: Fates, batch: BatchOutcome): Promise<RunReport["accounting"]> {
    const platform = this.#platform;
    const sent = new Set<string>();
    for await (const { messageId } of readSentLedger(platform.ledgerPath)) sent.add(messageId);
    const places = new Map<string, string[]>();
    const place = (messageId: string, fate: string) => {
      const known = places.get(messageId);
      if (known === undefined) places.set(messageId, [fate]);
      else if (!known.includes(fate)) known.push(fate);
    };
    for await (const { messageId, fate } of batch.fates()) {
      if (fate !== "quarantined") place(messageId, fate);
    }
    const query = platform
      .container("quarantine")
      .items.query<{ messageId: string }>("SELECT c.messageId FROM c", { maxItemCount: 5000 });
    while (query.hasMoreResults()) {
      for (const { messageId } of (await query.fetchNext()).resources ?? []) place(messageId, "quarantined");
    }
    let [stored, quarantined, duplicates, lost, double] = [0, 0, 0, 0, 0];
    for (const messageId of sent) {
      const fate = places.get(messageId);
      if (fate === undefined) lost += 1;
      else {
        if (fate.length > 1) double += 1;
        if (fate[0] === "stored") stored += 1;
        else if (fate[0] === "duplicate") duplicates += 1;
        else quarantined += 1;
      }
    }
    double += batch.stored - new Set(fates.stored.keys()).size;
    return {
      sent: sent.size,
      stored,
      quarantined,
      duplicates,
      lost,
      double: Math.abs(double),
      redelivered: fates.redelivered,
      refused: platform.refused,
    };
  }

  async #write(
    report: RunReport,
    merged: readonly ServedWindow[],
    comparisons: Readonly<Record<string, WindowComparison>>,
  ): Promise<void> {
    const { outDir } = this.#options;
    await mkdir(outDir, { recursive: true });
    await copyFile(this.#platform.ledgerPath, join(outDir, "sent.ndjson"));
    await writeLines(
      join(outDir, "views.ndjson"),
      merged
        .toSorted(
          (a, b) =>
            a.grain.localeCompare(b.grain) ||
            a.key.localeCompare(b.key) ||
            a.window.localeCompare(b.window) ||
            Date.parse(a.end) - Date.parse(b.end),
        )
        .map((window) => ({
          job: this.#job.name,
          version: window.version,
          grain: window.grain,
          key: window.key,
          window: window.window,
          start: window.start,
          end: window.end,
          values: window.values,
          source: window.source,
          asOf: window.asOf,
        })),
    );
    const query = this.#platform
      .container("quarantine")
      .items.query<{ body: string; reason: string }>("SELECT * FROM c", { maxItemCount: 5000 });
    const quarantine: { body: string; reason: string }[] = [];
    while (query.hasMoreResults()) {
      for (const { body, reason } of (await query.fetchNext()).resources ?? [])
        quarantine.push({ body, reason });
    }
    await writeLines(join(outDir, "quarantine.ndjson"), quarantine);
    await writeLines(
      join(outDir, "differences.ndjson"),
      Object.entries(comparisons).flatMap(([comparison, { differences }]) =>
        differences.slice(0, 1000).map((difference) => ({ comparison, ...difference })),
      ),
    );
    await writeFile(join(outDir, "report.json"), `${JSON.stringify(report, undefined, 2)}\n`);
  }
}

function summary({ compared, differences }: WindowComparison) {
  return { compared, different: differences.length };
}

function closedBy(windows: readonly ViewWindow[], throughMs: number): ViewWindow[] {
  return windows.filter(({ end }) => Date.parse(end) <= throughMs);
}

function* eventsOf(fates: Fates, among?: ReadonlySet<string>): Generator<FactoryTelemetry> {
  for (const [eventId, { event }] of fates.stored) if (among === undefined || among.has(eventId)) yield event;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function writeLines(path: string, values: Iterable<unknown>): Promise<void> {
  const stream = createWriteStream(path);
  for (const value of values) {
    if (!stream.write(`${JSON.stringify(value)}\n`)) await once(stream, "drain");
  }
  stream.end();
  await finished(stream);
}
