import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CosmosClient } from "@azure/cosmos";
import type { FactoryTelemetry } from "../../contracts";
import { hubNamed, topology } from "../../contracts";
import { recomputeFactoryAggregates } from "../../local/accounting/recompute";
import { type Batch, type BatchResult, startBatch } from "../../local/batch";
import { type CosmosServer, emulatorKey, startCosmos, topologyDatabases } from "../../local/cosmos";
import { type StorageServer, startStorage } from "../../local/storage";
import { type CapturedMessage, storeCaptured } from "./capture-files";

jest.setTimeout(240_000);

const partitions = hubNamed("telemetry").partitions.local;
const intervalMs = 300_000;
const startMs = Date.parse("2026-01-05T08:00:00Z");

function event(
  id: string,
  atMs: number,
  partition: number,
  more: Partial<FactoryTelemetry> = {},
): FactoryTelemetry {
  return {
    eventId: id,
    schemaVersion: 1,
    eventTime: new Date(atMs).toISOString(),
    deviceId: `press-${partition}`,
    factoryId: "fab-01",
    lineId: partition % 2 === 0 ? "line-01" : "line-02",
    temperature: 60.1 + (atMs % 7) / 10,
    vibration: 2.3,
    pressure: 500.7,
    powerKw: 18.2,
    units: 1,
    defects: 0,
    ...more,
  };
}

/** Events every seven seconds and one exactly on each minute. */
function readings(partition: number, fromMs: number): FactoryTelemetry[] {
  const times = [
    ...Array.from({ length: 42 }, (_, index) => fromMs + 1 + index * 7_000),
    ...[0, 1, 2, 3, 4].map((minute) => fromMs + minute * 60_000),
  ].sort((a, b) => a - b);
  return times.map((atMs) => event(`e-${partition}-${atMs}`, atMs, partition));
}

describe("startBatch", () => {
  let folder: string;
  let storage: StorageServer;
  let cosmos: CosmosServer;
  let client: CosmosClient;
  let batch: Batch;
  const log: string[] = [];
  const sequences = new Map<number, number>();
  const kept = new Map<string, FactoryTelemetry>();

  const messages = (partition: number, bodies: readonly { body: string; atMs: number; id: string }[]) =>
    bodies.map(({ body, atMs, id }): CapturedMessage => {
      const sequence = sequences.get(partition) ?? 0;
      sequences.set(partition, sequence + 1);
      return { sequence, enqueuedMs: atMs, messageId: id, body };
    });

  const message = (reading: FactoryTelemetry, delayMs = 500, id = `m-${reading.eventId}`) => ({
    body: JSON.stringify(reading),
    atMs: Date.parse(reading.eventTime) + delayMs,
    id,
  });

  const rows = async () => {
    const { resources } = await client
      .database(topology.cosmos.database)
      .container("batch-views")
      .items.query<Record<string, string | number>>("SELECT * FROM c")
      .fetchAll();
    return resources;
  };

  const expectViews = async ({ generation, batchHighWatermark }: BatchResult) => {
    const expected = recomputeFactoryAggregates(kept.values()).filter(
      ({ end }) => Date.parse(end) <= Date.parse(batchHighWatermark as string),
    );
    const found = await rows();
    expect(new Set(found.map((row) => row["generation"]))).toEqual(new Set([generation]));
    expect(found).toHaveLength(expected.length);
    const byId = new Map(found.map((row) => [row["id"], row]));
    for (const window of expected) {
      const endSeconds = Date.parse(window.end) / 1000;
      const row = byId.get(`${window.grain}~${window.key}~${window.window}~${endSeconds}~${generation}`);
      expect(row).toMatchObject({
        partitionKey: `factory-aggregates~v1~${window.key}`,
        windowStart: window.start.replace("Z", "0000Z"),
        windowEnd: window.end.replace("Z", "0000Z"),
        count: window.values["count"],
        temperatureMin: window.values["temperatureMin"],
        temperatureMax: window.values["temperatureMax"],
        unitsSum: window.values["unitsSum"],
      });
      for (const name of ["temperatureSum", "pressureSum", "powerKwSum", "vibrationSum"]) {
        const wanted = window.values[name] as number;
        expect(Math.abs((row?.[name] as number) - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(1, wanted));
      }
    }
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "batch-run-"));
    storage = await startStorage({ port: 0, dataFolder: join(folder, "storage") });
    cosmos = await startCosmos({ dataDir: join(folder, "cosmos"), databases: topologyDatabases() });
    client = new CosmosClient({ endpoint: cosmos.endpoint, key: emulatorKey });
    batch = startBatch({
      storageEndpoint: `127.0.0.1:${storage.port}`,
      storageKey: /AccountKey=([^;]+)/.exec(storage.connectionString)?.[1] as string,
      cosmosEndpoint: cosmos.endpoint,
      cosmosKey: emulatorKey,
      onLog: (line) => log.push(line),
    });
  });

  afterAll(async () => {
    await batch?.close();
    client?.dispose();
    await cosmos?.close();
    await storage?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("answers without a generation while nothing is captured", async () => {
    expect(await batch.run({ asOfMs: startMs })).toEqual({
      generation: null,
      batchHighWatermark: null,
      inputThrough: null,
      rows: 0,
      conflicts: 0,
      counts: { bronze: 0, stored: 0, duplicates: 0, quarantined: 0, undecided: 0 },
    });
  });

  it("publishes the closed windows of the captured events and accounts for each message", async () => {
    for (let partition = 0; partition < partitions; partition++) {
      const events = readings(partition, startMs);
      for (const reading of events) kept.set(reading.eventId, reading);
      const [first] = events as [FactoryTelemetry];
      await storeCaptured(
        storage.connectionString,
        partition,
        startMs,
        messages(partition, [
          ...events.map((reading) => message(reading)),
          message(first, 1_000, `copy-${partition}`),
          message({ ...first, temperature: 1 }, 2_000, `conflict-${partition}`),
          { body: '{"eventId":', atMs: startMs + 3_000, id: `bad-${partition}` },
        ]),
      );
    }
    const steps: string[] = [];
    const result = await batch.run({ asOfMs: startMs + intervalMs }, ({ title }) => steps.push(title));
    expect(result).toMatchObject({
      generation: 1,
      batchHighWatermark: "2026-01-05T08:04:00.0000000Z",
      conflicts: partitions,
      counts: {
        bronze: 50 * partitions,
        stored: 47 * partitions,
        duplicates: 2 * partitions,
        quarantined: partitions,
        undecided: 0,
      },
    });
    expect(steps).toContain("silver: check and deduplicate messages");
    await expectViews(result);
  });

  it("changes nothing when it is run again", async () => {
    const again = await batch.run({ asOfMs: startMs + intervalMs });
    expect(again).toMatchObject({ generation: 1, rows: 0, counts: { bronze: 50 * partitions } });
    await expectViews(again);
  });

  it("adds late events to their windows, in a run whose process is killed in the middle", async () => {
    for (let partition = 0; partition < partitions; partition++) {
      const late = event(`late-${partition}`, startMs + 90_000, partition);
      const events = readings(partition, startMs + intervalMs);
      for (const reading of [late, ...events]) kept.set(reading.eventId, reading);
      await storeCaptured(
        storage.connectionString,
        partition,
        startMs + intervalMs,
        messages(partition, [message(late, intervalMs), ...events.map((reading) => message(reading))]),
      );
    }
    let killed = false;
    const result = await batch.run({ asOfMs: startMs + 2 * intervalMs }, ({ notebook }) => {
      if (notebook !== "gold" || killed) return;
      killed = true;
      process.kill(batch.pid as number, "SIGKILL");
    });
    expect(killed).toBe(true);
    expect(result).toMatchObject({
      generation: 2,
      batchHighWatermark: "2026-01-05T08:09:00.0000000Z",
      counts: { bronze: 98 * partitions, stored: 95 * partitions, undecided: 0 },
    });
    await expectViews(result);
  });

  it("gives the same views when everything is computed again from the captured files", async () => {
    const result = await batch.run({ asOfMs: startMs + 2 * intervalMs, rebuild: true });
    expect(result).toMatchObject({
      generation: 3,
      counts: { bronze: 98 * partitions, stored: 95 * partitions },
    });
    await expectViews(result);
  });
});
