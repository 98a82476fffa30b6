import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { OperationInput } from "@azure/cosmos";
import { compareWindows, type FactoryTelemetry } from "../../../../contracts";
import { decideFates, type LoggedMessage } from "../../../../local/accounting/fates";
import { WindowSums } from "../../../../local/accounting/recompute";
import { ManualClock } from "../../../../local/process/clock";
import { type ViewRow, windowOfRow } from "../../../../local/run/view-reader";
import {
  JobRunner,
  type LoadedJob,
  loadJob,
  readDiagnostics,
  ViewOutput,
} from "../../../../local/stream-analytics";
import { MemoryLog } from "./memory-log";

const startMs = Date.parse("2026-01-05T08:00:00Z");
const partitions = 3;

/** A small generator of numbers, so that a seed fixes a case. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Eight minutes of six devices with late, doubled and malformed messages, in the order of the log. */
function messagesOf(seed: number): LoggedMessage[] {
  const next = random(seed);
  const messages: { messageId: string; body: string; enqueuedMs: number; partition: number }[] = [];
  for (let n = 0; n < 600; n++) {
    const device = Math.floor(next() * 6);
    const atMs = startMs + Math.floor(next() * 480_000);
    const event: FactoryTelemetry = {
      eventId: `e-${n}`,
      schemaVersion: 1,
      eventTime: new Date(next() < 0.1 ? Math.ceil(atMs / 60_000) * 60_000 : atMs).toISOString(),
      deviceId: `d-${device}`,
      factoryId: `f-${device % 2}`,
      lineId: "l-1",
      temperature: next() * 100,
      vibration: next(),
      pressure: 500,
      powerKw: 10,
      units: Math.floor(next() * 5),
      defects: 0,
    };
    const delayMs = next() < 0.1 ? 10_000 + next() * 30_000 : next() * 9_000;
    const body = next() < 0.03 ? "not json" : JSON.stringify(event);
    const message = {
      messageId: `m-${n}`,
      body,
      enqueuedMs: Math.floor(Date.parse(event.eventTime) + delayMs),
      partition: device % partitions,
    };
    messages.push(message);
    if (next() < 0.1) {
      messages.push({
        ...message,
        messageId: `m-${n}-copy`,
        enqueuedMs: message.enqueuedMs + Math.floor(next() * 20_000),
      });
    }
  }
  return messages
    .toSorted((a, b) => a.enqueuedMs - b.enqueuedMs)
    .map((message, n) => ({ ...message, sequence: BigInt(n) }));
}

type Mode = "flaky" | "away" | "dead";

/** A container in memory, as one process sees it: it fails now and then, is away, or hears nothing of a dead process. */
class MemoryContainer {
  readonly rows: Map<string, ViewRow>;
  mode: Mode;
  attempts = 0;
  readonly #next = random(1);

  constructor(rows = new Map<string, ViewRow>(), mode: Mode = "flaky") {
    this.rows = rows;
    this.mode = mode;
  }

  async bulk(operations: OperationInput[]) {
    await new Promise((resolve) => setImmediate(resolve));
    this.attempts += 1;
    if (this.mode === "away" || (this.mode === "flaky" && this.#next() < 0.15))
      throw new Error("connection refused");
    return operations.map((operation) => {
      if (this.mode === "dead") return { statusCode: 200, requestCharge: 0 };
      if (this.#next() < 0.1) return { statusCode: 429, requestCharge: 0 };
      const { resourceBody } = operation as unknown as { resourceBody: ViewRow };
      this.rows.set(resourceBody.id, resourceBody);
      return { statusCode: 200, requestCharge: 0 };
    });
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe("JobRunner", () => {
  let folder: string;
  let job: LoadedJob;

  beforeAll(async () => {
    job = await loadJob(resolve(__dirname, "../../../.."), "factory-aggregates", "v1");
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "job-runner-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const start = (log: MemoryLog, container: MemoryContainer, dataDir: string) =>
    JobRunner.start({
      ...job,
      log,
      outputs: {
        [job.definition.outputs[0]!.alias]: new ViewOutput({
          container: container as never,
          onRetry: () => {},
          retryDelayMs: 0,
        }),
      },
      clock: new ManualClock(startMs),
      dataDir,
      onFailed: (error) => {
        throw error;
      },
      onRetry: () => {},
      checkpointIntervalMs: 1,
    });

  /** Keeps a copy of what is on disk at this moment, as a kill would leave it; nothing that comes later is heard. */
  const kill = async (runner: JobRunner, container: MemoryContainer, dataDir: string) => {
    const copy = mkdtempSync(join(folder, "killed-"));
    cpSync(dataDir, copy, { recursive: true });
    container.mode = "dead";
    await runner.stop();
    return copy;
  };

  const drain = async (runner: JobRunner, log: MemoryLog) => {
    log.nowMs = startMs + 1_200_000;
    await until(() => (runner.watermarkMs ?? 0) >= startMs + 1_100_000);
    expect(await runner.storedThroughMs()).toBeGreaterThanOrEqual(startMs + 1_100_000);
    await runner.stop();
  };

  /** Returns the ids of the events that no copy brought in time. */
  const expectComplete = async (messages: readonly LoggedMessage[], rows: ReadonlyMap<string, ViewRow>) => {
    const counted = new WindowSums();
    const late: string[] = [];
    await decideFates(messages, 10_000, join(folder, "work"), (stored) => {
      if (stored.counted) counted.add(stored.event);
      else late.push(stored.event.eventId);
    });
    const found = compareWindows(counted.windows(), [...rows.values()].map(windowOfRow));
    expect(found.compared).toBeGreaterThan(100);
    expect(found.differences).toEqual([]);
    return late;
  };

  it.each([1, 2, 3])(
    "stores the rows that the log says, however often it is killed (case %i)",
    async (seed) => {
      const messages = messagesOf(seed);
      const log = new MemoryLog(partitions, startMs);
      const rows = new Map<string, ViewRow>();
      const next = random(seed + 100);
      let container = new MemoryContainer(rows);
      let dataDir = mkdtempSync(join(folder, "data-"));
      let runner = await start(log, container, dataDir);
      let kills = 0;
      for (const [n, message] of messages.entries()) {
        log.add(message.partition, message.messageId, message.body, message.enqueuedMs);
        if (next() < 0.01) {
          // Somewhere on the way from the log to the container.
          const turns = Math.floor(next() * 40);
          for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
          kills += 1;
          dataDir = await kill(runner, container, dataDir);
          container = new MemoryContainer(rows);
          runner = await start(log, container, dataDir);
        } else if (n % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      expect(kills).toBeGreaterThan(1);
      await drain(runner, log);
      const late = await expectComplete(messages, rows);
      const named = readDiagnostics(join(dataDir, "diagnostics.ndjson")).filter(
        ({ action }) => action === "dropped",
      );
      const ids = new Set(named.map(({ eventId }) => eventId));
      expect(late.length).toBeGreaterThan(10);
      expect(late.filter((eventId) => !ids.has(eventId))).toEqual([]);
      const places = named.map(({ partition, sequence, kind }) => `${partition}/${sequence}/${kind}`);
      expect(new Set(places).size).toBe(places.length);
    },
    60_000,
  );

  it("tells of no window as stored that an event may still come to", async () => {
    const log = new MemoryLog(partitions, startMs);
    const nowMs = startMs + 190_000;
    const messages = messagesOf(4).filter(({ enqueuedMs }) => enqueuedMs <= nowMs);
    for (const { partition, messageId, body, enqueuedMs } of messages)
      log.add(partition, messageId, body, enqueuedMs);
    log.nowMs = nowMs;
    const rows = new Map<string, ViewRow>();
    const runner = await start(log, new MemoryContainer(rows), mkdtempSync(join(folder, "data-")));
    await until(() => runner.watermarkMs === startMs + 180_000);
    const throughMs = (await runner.storedThroughMs()) ?? 0;
    await runner.stop();
    const counted = new WindowSums();
    await decideFates(messages, 10_000, join(folder, "work"), (stored) => {
      if (stored.counted) counted.add(stored.event);
    });
    const closed = [...counted.windows()].filter(({ end }) => Date.parse(end) <= throughMs);
    const stored = [...rows.values()].map(windowOfRow).filter(({ end }) => Date.parse(end) <= throughMs);
    const { compared, differences } = compareWindows(closed, stored);
    expect(throughMs).toBe(startMs + 179_999);
    expect(compared).toBeGreaterThan(20);
    expect(differences).toEqual([]);
  });

  it("moves its checkpoint only behind rows that are stored", async () => {
    const log = new MemoryLog(partitions, startMs);
    const messages = messagesOf(9);
    for (const { partition, messageId, body, enqueuedMs } of messages)
      log.add(partition, messageId, body, enqueuedMs);
    const container = new MemoryContainer(new Map(), "away");
    const dataDir = mkdtempSync(join(folder, "data-"));
    const runner = await start(log, container, dataDir);
    await until(() => runner.read === messages.length && container.attempts > 20);
    expect(runner.outputBacklog).toBeGreaterThan(0);
    const copy = await kill(runner, container, dataDir);
    const rows = new Map<string, ViewRow>();
    await drain(await start(log, new MemoryContainer(rows), copy), log);
    await expectComplete(messages, rows);
  }, 60_000);

  it("names a damaged checkpoint", async () => {
    const log = new MemoryLog(partitions, startMs);
    const dataDir = mkdtempSync(join(folder, "data-"));
    const runner = await start(log, new MemoryContainer(), dataDir);
    await runner.stop();
    const path = join(dataDir, "checkpoint.bin");
    const bytes = readFileSync(path);
    bytes[bytes.length - 40]! ^= 1;
    writeFileSync(path, bytes);
    await expect(start(log, new MemoryContainer(), dataDir)).rejects.toMatchObject({
      code: "LOCAL_DATA_DAMAGED",
      message: `checkpoint ${path} is damaged`,
      hint: expect.stringContaining("remove it"),
    });
  });
});
