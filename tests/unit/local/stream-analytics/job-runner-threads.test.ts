import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OperationInput } from "@azure/cosmos";
import type { StreamJob } from "../../../../contracts";
import { ManualClock } from "../../../../local/process/clock";
import { builtModule } from "../../../support/build-dist";
import { MemoryLog } from "./memory-log";

// Worker threads run compiled modules.
const { JobRunner, ViewOutput, readDiagnostics } = require(
  builtModule("local/stream-analytics/index.js"),
) as typeof import("../../../../local/stream-analytics");
const { compilePlan } = require(builtModule("asa/index.js")) as typeof import("../../../../asa");
type Runner = Awaited<ReturnType<typeof JobRunner.start>>;

jest.setTimeout(60_000);

const startMs = Date.parse("2026-01-05T08:00:00Z");
const partitions = 4;
const query = `SELECT CONCAT(CAST(PartitionId AS nvarchar(max)), '~', deviceId, '~', CAST(System.Timestamp() AS nvarchar(max))) AS id,
  deviceId AS partitionKey, COUNT(*) AS n, SUM(CAST(value AS bigint)) AS total
INTO counts FROM telemetry TIMESTAMP BY eventTime PARTITION BY PartitionId
GROUP BY PartitionId, deviceId, TumblingWindow(minute, 1)`;
const definition = {
  name: "counts",
  version: "v1",
  folder: "",
  inputs: [{ alias: "telemetry", hub: "telemetry", consumerGroup: "counts" }],
  outputs: [{ alias: "counts", container: "counts", documentId: "id", partitionKey: "partitionKey" }],
} as unknown as StreamJob;

/** A container in memory that hears nothing of a process that is dead. */
class MemoryContainer {
  alive = true;
  readonly rows: Map<string, Record<string, unknown>>;

  constructor(rows: Map<string, Record<string, unknown>>) {
    this.rows = rows;
  }

  async bulk(operations: OperationInput[]) {
    await new Promise((resolve) => setImmediate(resolve));
    return operations.map((operation) => {
      const { asOf, ...row } = (operation as unknown as { resourceBody: Record<string, unknown> })
        .resourceBody;
      if (this.alive) this.rows.set(row["id"] as string, row);
      return { statusCode: 200, requestCharge: 0 };
    });
  }
}

/** Leaves the processor to the threads. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 2));

describe("a live job on worker threads", () => {
  const folder = mkdtempSync(join(tmpdir(), "job-threads-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const failures: string[] = [];

  const start = (
    log: MemoryLog,
    container: MemoryContainer,
    dataDir: string,
    workers: number,
    text = query,
  ) =>
    JobRunner.start({
      definition,
      plan: compilePlan(text),
      policies: { lateToleranceTicks: 100_000_000n, outOfOrderToleranceTicks: 50_000_000n, policy: "drop" },
      threads: { workers, source: { query: text, compile: {}, functions: [] } },
      log,
      outputs: { counts: new ViewOutput({ container: container as never, onRetry: () => {} }) },
      clock: new ManualClock(startMs),
      dataDir,
      onFailed: (error) => failures.push(error.message),
      onRetry: (error) => failures.push(error.message),
      checkpointIntervalMs: 5,
    });

  const add = (log: MemoryLog, n: number) => {
    const late = n % 23 === 0 ? 15_000 : (n * 7919) % 9000;
    const atMs = startMs + n * 400;
    const body = { deviceId: `d-${n % 9}`, eventTime: new Date(atMs - late).toISOString(), value: n };
    log.add(n % partitions, `m-${n}`, n % 97 === 0 ? "{" : JSON.stringify(body), atMs);
  };

  const drain = async (runner: Runner, log: MemoryLog) => {
    log.nowMs = startMs + 3_600_000;
    while ((runner.watermarkMs ?? 0) < startMs + 3_500_000) await turn();
    await runner.storedThroughMs();
  };

  it.each([
    ["by partitions", 2, [1, 0, 3]],
    ["as a whole", 0, [2, 1]],
  ])(
    "stores the same rows, begun %s, though it is killed and started with other numbers of workers",
    async (_, first, others) => {
      const log = new MemoryLog(partitions, startMs);
      const rows = new Map<string, Record<string, unknown>>();
      let dataDir = mkdtempSync(join(folder, "data-"));
      let container = new MemoryContainer(rows);
      let runner = await start(log, container, dataDir, first);
      let n = 0;
      for (const workers of others) {
        for (const end = n + 500; n < end; n++) add(log, n);
        while (runner.read < 300) await turn();
        for (let waited = 0; waited < 60; waited++) await turn();
        // What is on disk now is what a kill leaves.
        const copy = mkdtempSync(join(folder, "killed-"));
        cpSync(dataDir, copy, { recursive: true });
        container.alive = false;
        await runner.stop();
        dataDir = copy;
        container = new MemoryContainer(rows);
        runner = await start(log, container, dataDir, workers);
      }
      await drain(runner, log);
      await runner.stop();

      const expected = new Map<string, Record<string, unknown>>();
      const wholeDir = mkdtempSync(join(folder, "whole-"));
      const whole = await start(log, new MemoryContainer(expected), wholeDir, 0);
      await drain(whole, log);
      await whole.stop();

      expect(failures).toEqual([]);
      expect(expected.size).toBeGreaterThan(50);
      expect([...rows.values()].sort(byId)).toEqual([...expected.values()].sort(byId));
      const named = (dir: string) =>
        readDiagnostics(join(dir, "diagnostics.ndjson"))
          .map(({ partition, sequence, kind }) => `${partition}/${sequence}/${kind}`)
          .sort();
      expect(named(dataDir)).toEqual(named(wholeDir));
      expect(named(wholeDir).length).toBeGreaterThan(10);
    },
  );

  it("runs a query in one thread whose partitions cannot run on their own", async () => {
    const log = new MemoryLog(partitions, startMs);
    for (let n = 1; n < 20; n++) add(log, n);
    const rows = new Map<string, Record<string, unknown>>();
    const text = query
      .replace("PARTITION BY PartitionId\n", "\n")
      .replace("BY PartitionId, deviceId,", "BY deviceId,")
      .replace("CAST(PartitionId AS nvarchar(max))", "'all'");
    const runner = await start(log, new MemoryContainer(rows), mkdtempSync(join(folder, "data-")), 2, text);
    await drain(runner, log);
    await runner.stop();
    expect([...rows.values()].reduce((sum, row) => sum + (row["n"] as number), 0)).toBe(19);
  });

  it("tells the first error of a query once", async () => {
    failures.length = 0;
    const log = new MemoryLog(partitions, startMs);
    for (let n = 1; n < 40; n++) add(log, n);
    const text = query.replace("CAST(value AS bigint)", "CAST(deviceId AS bigint)");
    const runner = await start(
      log,
      new MemoryContainer(new Map()),
      mkdtempSync(join(folder, "data-")),
      2,
      text,
    );
    log.nowMs = startMs + 3_600_000;
    while (failures.length === 0) await turn();
    await runner.stop();
    expect(failures).toEqual([expect.stringContaining("Cannot cast")]);
  });
});

function byId(a: Record<string, unknown>, b: Record<string, unknown>): number {
  return (a["id"] as string) < (b["id"] as string) ? -1 : 1;
}
