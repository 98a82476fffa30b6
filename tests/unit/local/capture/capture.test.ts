import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import { Type } from "avsc";
import {
  type CaptureServer,
  capturedRange,
  captureSchema,
  listCaptured,
  partitionPrefix,
  startCapture,
} from "../../../../local/capture";
import { enqueuedText } from "../../../../local/capture/avro";
import {
  connectLog,
  type EventHubsServer,
  type PlatformLogClient,
  startEventHubs,
} from "../../../../local/event-hubs";
import { ManualClock } from "../../../../local/process/clock";
import { type StorageServer, startStorage } from "../../../../local/storage";

const startMs = Date.UTC(2026, 0, 1, 9, 58, 30);
const minute = 60_000;

let storage: StorageServer;
let folder: string;
let clock: ManualClock;
let hubs: EventHubsServer;
let log: PlatformLogClient;
let capture: CaptureServer | undefined;
let container: ContainerClient;
let namespace: string;
let runs = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "capture-"));
  storage = await startStorage({ port: 0, dataFolder: join(folder, "blobs"), containers: ["capture"] });
  container = BlobServiceClient.fromConnectionString(storage.connectionString).getContainerClient("capture");
}, 60_000);

afterAll(async () => {
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  runs++;
  namespace = `ns${runs}`;
  clock = new ManualClock(startMs);
  hubs = await startEventHubs({
    dataDir: join(folder, `hubs${runs}`),
    clock,
    hubs: [
      {
        name: "telemetry",
        partitions: 2,
        retentionHours: 24,
        consumerGroups: [],
        retentionHolders: ["capture"],
        retentionBytes: 1,
      },
    ],
    internalToken: "token",
    segmentBytes: 4096,
  });
  log = connectLog({ port: hubs.internalPort, token: "token" });
});

afterEach(async () => {
  await capture?.close();
  capture = undefined;
  await log.close();
  await hubs.close();
});

async function begin(
  options: { readonly settleMs?: number; readonly sizeLimitBytes?: number } = {},
): Promise<CaptureServer> {
  capture = await startCapture({
    log: { port: hubs.internalPort, token: "token" },
    blobConnectionString: storage.connectionString,
    namespace,
    hubs: [
      {
        name: "telemetry",
        partitions: 2,
        container: "capture",
        intervalSeconds: 300,
        sizeLimitBytes: options.sizeLimitBytes ?? 1_000_000,
      },
    ],
    settleMs: options.settleMs ?? 1,
  });
  return capture;
}

async function end(): Promise<void> {
  await capture?.close();
  capture = undefined;
}

const path = (partition: number) => ({ namespace, hub: "telemetry", partition });
const send = (partition: number, ...bodies: string[]) =>
  log.append(
    "telemetry",
    bodies.map((body) => ({
      body: Buffer.from(body),
      messageId: `id-${body}`,
      partitionKey: "k",
      properties: { n: 1 },
    })),
    partition,
  );

/** Waits until every partition's files reach the moment, by what the lake says. */
async function completedThrough(ms: number): Promise<void> {
  for (;;) {
    const progress = capture?.progress() ?? [];
    if (progress.every(({ completedThroughMs }) => (completedThroughMs ?? 0) >= ms)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface Row {
  readonly SequenceNumber: number;
  readonly Offset: string;
  readonly EnqueuedTimeUtc: string;
  readonly SystemProperties: Readonly<Record<string, unknown>>;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly Body: unknown;
}

/** Reads a file with avsc's own container decoder. */
async function rowsOf(name: string): Promise<Row[]> {
  const { streams } = await import("avsc");
  const bytes = await container.getBlobClient(name).downloadToBuffer();
  const decoder = new streams.BlockDecoder({
    parseHook: (schema) => Type.forSchema(schema, { wrapUnions: true }),
  });
  const rows: Row[] = [];
  decoder.on("data", (row: Row) => rows.push(row));
  const done = new Promise((resolve, reject) => decoder.on("end", resolve).on("error", reject));
  decoder.end(bytes);
  await done;
  return rows;
}

async function captured(
  partition: number,
): Promise<{ name: string; bodies: string[]; sequences: number[] }[]> {
  const files = await listCaptured(container, path(partition));
  return Promise.all(
    files.map(async ({ name }) => {
      const rows = await rowsOf(name);
      return {
        name: name.slice(partitionPrefix(path(partition)).length),
        bodies: rows.map((row) => (row.Body as { bytes: Buffer }).bytes.toString()),
        sequences: rows.map((row) => row.SequenceNumber),
      };
    }),
  );
}

describe("enqueuedText", () => {
  it.each([
    [Date.UTC(2026, 0, 1, 0, 0, 0), "1/1/2026 12:00:00 AM"],
    [Date.UTC(2026, 11, 31, 12, 5, 9, 999), "12/31/2026 12:05:09 PM"],
    [Date.UTC(2026, 9, 2, 23, 59, 59), "10/2/2026 11:59:59 PM"],
  ])("writes %s as the service does", (ms, text) => {
    expect(enqueuedText(ms)).toBe(text);
  });
});

describe("startCapture", () => {
  it("writes each interval's events in the service's schema and path, with start < time <= end", async () => {
    await send(0, "a", "b");
    clock.advance(90_000);
    await send(0, "on the boundary");
    clock.advance(1);
    await send(0, "behind it");
    await begin();
    clock.advance(10 * minute);
    await completedThrough(Date.UTC(2026, 0, 1, 10, 10));
    expect(await captured(0)).toEqual([
      { name: "2026/01/01/09/55/00.avro", bodies: ["a", "b", "on the boundary"], sequences: [0, 1, 2] },
      { name: "2026/01/01/10/00/00.avro", bodies: ["behind it"], sequences: [3] },
      { name: "2026/01/01/10/05/00.avro", bodies: [], sequences: [] },
    ]);
    const [first] = await rowsOf(`${partitionPrefix(path(0))}2026/01/01/09/55/00.avro`);
    expect(first).toEqual({
      SequenceNumber: 0,
      Offset: expect.stringMatching(/^\d+$/),
      EnqueuedTimeUtc: "1/1/2026 9:58:30 AM",
      SystemProperties: {
        "x-opt-sequence-number": { long: 0 },
        "x-opt-enqueued-time": { long: startMs },
        "x-opt-offset": { string: first?.Offset },
        "x-opt-partition-key": { string: "k" },
        "message-id": { string: "id-a" },
      },
      Properties: { n: { long: 1 } },
      Body: { bytes: Buffer.from("a") },
    });
    expect(captureSchema.fields.map((field) => field.name)).toEqual(Object.keys(first ?? {}));
  });

  it("writes empty files so that progress shows, and tells its range from the lake alone", async () => {
    await send(0, "a");
    await begin();
    clock.advance(5 * minute);
    const end10 = Date.UTC(2026, 0, 1, 10, 0);
    await completedThrough(end10);
    expect(await captured(1)).toEqual([{ name: "2026/01/01/09/55/00.avro", bodies: [], sequences: [] }]);
    expect(await capturedRange(container, path(0))).toEqual({ completedThroughMs: end10, nextSequence: 1n });
    expect(await capturedRange(container, path(1))).toEqual({ completedThroughMs: end10, nextSequence: 0n });
    expect(await capturedRange(container, { ...path(0), hub: "other" })).toBeUndefined();
  });

  it("closes a file early when it has grown too large, between two seconds", async () => {
    await begin({ sizeLimitBytes: 2000 });
    for (let n = 0; n < 40; n++) {
      await send(0, `event ${n}`);
      clock.advance(300);
    }
    clock.advance(5 * minute);
    await completedThrough(Date.UTC(2026, 0, 1, 10, 0));
    const files = await captured(0);
    expect(files.length).toBeGreaterThan(3);
    expect(files.flatMap((file) => file.sequences)).toEqual(Array.from({ length: 40 }, (_, n) => n));
  });

  it("covers a long time without events by one file", async () => {
    await send(0, "a");
    await begin();
    clock.advance(5 * minute);
    await completedThrough(Date.UTC(2026, 0, 1, 10, 0));
    clock.advance(24 * 60 * minute);
    await completedThrough(Date.UTC(2026, 0, 2, 10, 0));
    expect((await captured(0)).map((file) => file.name)).toEqual([
      "2026/01/01/09/55/00.avro",
      "2026/01/02/09/55/00.avro",
    ]);
  });

  it("goes on behind the last file after a restart", async () => {
    await begin();
    await send(0, "a");
    clock.advance(5 * minute);
    await completedThrough(Date.UTC(2026, 0, 1, 10, 0));
    await send(0, "b");
    await end();
    await send(0, "c");
    await begin();
    clock.advance(5 * minute);
    await completedThrough(Date.UTC(2026, 0, 1, 10, 5));
    expect((await captured(0)).map((file) => file.bodies)).toEqual([["a"], ["b", "c"]]);
  });

  it("writes a file again that the blob server lost", async () => {
    await begin({ settleMs: 60_000 });
    for (let n = 0; n < 3; n++) {
      await send(0, `event ${n}`);
      clock.advance(5 * minute);
      await completedThrough(Date.UTC(2026, 0, 1, 10, 5 * n));
    }
    await end();
    const before = await captured(0);
    const lost = `${partitionPrefix(path(0))}${before[1]?.name}`;
    await container.deleteBlob(lost);
    expect(await capturedRange(container, path(0))).toMatchObject({ nextSequence: 1n });
    await begin({ settleMs: 60_000 });
    await completedThrough(Date.UTC(2026, 0, 1, 10, 10));
    expect(await captured(0)).toEqual(before);
  });

  it.each([0, 1])(
    "tells that all files are present only when those from number %i on are there again",
    async (from) => {
      const running = await begin({ settleMs: 60_000 });
      for (const n of [0, 1]) {
        await send(0, `event ${n}`);
        clock.advance(5 * minute);
        await completedThrough(Date.UTC(2026, 0, 1, 10, 5 * n));
      }
      await running.present();
      const before = await captured(0);
      const files = await listCaptured(container, path(0));
      for (const file of files.slice(from)) await container.deleteBlob(file.name);
      await running.present();
      expect((await captured(0)).flatMap((file) => file.bodies)).toEqual(
        before.flatMap((file) => file.bodies),
      );
      expect(await capturedRange(container, path(0))).toMatchObject({ nextSequence: 2n });
    },
  );

  it("notices while running that an unsettled file is gone", async () => {
    await begin({ settleMs: 300 });
    await send(0, "a");
    clock.advance(5 * minute);
    await completedThrough(Date.UTC(2026, 0, 1, 10, 0));
    const [file] = await listCaptured(container, path(0));
    await container.deleteBlob(file?.name ?? "");
    for (;;) {
      const [again] = await listCaptured(container, path(0));
      if (again !== undefined) {
        expect(again).toMatchObject({ name: file?.name, nextSequence: 1n });
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });

  it("holds the hub's log until a file was read back, then lets it go", async () => {
    await begin({ settleMs: 60_000 });
    for (let n = 0; n < 60; n++) await send(0, `event ${n}`);
    clock.advance(5 * minute);
    await completedThrough(Date.UTC(2026, 0, 1, 10, 0));
    await hubs.retain();
    expect((await log.state("telemetry", 0)).beginSequence).toBe(0n);
    await end();
    await begin({ settleMs: 1 });
    for (;;) {
      await hubs.retain();
      if ((await log.state("telemetry", 0)).beginSequence > 0n) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await captured(0)).flatMap((file) => file.sequences)).toHaveLength(60);
  });
});
