import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  connectLog,
  type EventHubsOptions,
  type EventHubsServer,
  type HubOptions,
  type LogRecord,
  type PlatformLogClient,
  partitionOfKey,
  startEventHubs,
  storedClockMs,
} from "../../../../local/event-hubs";
import { encodeEvent } from "../../../../local/event-hubs/log-client";
import { LogConnection } from "../../../../local/event-hubs/log-connection";
import { ManualClock } from "../../../../local/process/clock";

const startMs = Date.UTC(2026, 0, 1);
const hub: HubOptions = {
  name: "telemetry",
  partitions: 4,
  retentionHours: 1,
  consumerGroups: ["analytics"],
};
const text = (value: string) => Buffer.from(value);

let folder: string;
let clock: ManualClock;
let server: EventHubsServer;
let client: PlatformLogClient;

async function start(options: Partial<EventHubsOptions> = {}): Promise<void> {
  server = await startEventHubs({ dataDir: folder, clock, hubs: [hub], internalToken: "token", ...options });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "event-hubs-"));
  clock = new ManualClock(startMs);
  await start();
  client = connectLog({ port: server.internalPort, token: "token" });
});

afterEach(async () => {
  await client.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function readAll(partition: number, from = 0n): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (let next = from; ; ) {
    const batch = await client.read({
      hub: "telemetry",
      partition,
      fromSequence: next,
      maxRecords: 7,
      waitMs: 0,
    });
    records.push(...batch.records);
    next = batch.nextSequence;
    if (batch.endOfLog) return records;
  }
}

const bodies = (records: readonly LogRecord[]) =>
  records.map((record) => Buffer.from(record.body).toString());

describe("log client", () => {
  it("keeps key, id, properties and annotations and chooses the partition by key", async () => {
    expect(await client.partitionCount("telemetry")).toBe(4);
    await client.append("telemetry", [
      {
        body: text("one"),
        partitionKey: "device-1",
        messageId: "m1",
        properties: { a: "text", b: 7, c: 1.5, d: true },
        annotations: { "iothub-connection-device-id": "device-1", "iothub-enqueuedtime": 12 },
      },
    ]);
    const [record] = await readAll(partitionOfKey("device-1", 4));
    expect(record).toMatchObject({
      sequence: 0n,
      enqueuedMs: startMs,
      partitionKey: "device-1",
      messageId: "m1",
    });
    expect(record?.properties()).toEqual({ a: "text", b: 7, c: 1.5, d: true });
    expect(record?.annotations()).toMatchObject({
      "iothub-connection-device-id": "device-1",
      "iothub-enqueuedtime": 12,
      "x-opt-partition-key": "device-1",
      "x-opt-offset": record?.offset,
    });
    expect(Math.abs((record?.appendedWallMs ?? 0) - Date.now())).toBeLessThan(10_000);
  });

  it("never returns more records than asked and says where to go on", async () => {
    await client.append(
      "telemetry",
      Array.from({ length: 20 }, (_, n) => ({ body: text(`${n}`) })),
      2,
    );
    const batch = await client.read({
      hub: "telemetry",
      partition: 2,
      fromSequence: 3n,
      maxRecords: 5,
      waitMs: 0,
    });
    expect(bodies(batch.records)).toEqual(["3", "4", "5", "6", "7"]);
    expect(batch).toMatchObject({ nextSequence: 8n, endOfLog: false });
    expect(bodies(await readAll(2))).toEqual(Array.from({ length: 20 }, (_, n) => `${n}`));
  });

  it("waits for the next event and wakes with it", async () => {
    const waiting = client.read({
      hub: "telemetry",
      partition: 1,
      fromSequence: 0n,
      maxRecords: 5,
      waitMs: 20_000,
    });
    await client.append("telemetry", [{ body: text("late") }], 1);
    expect(bodies((await waiting).records)).toEqual(["late"]);
  });

  it("refuses what it cannot do in clear words", async () => {
    const read = (name: string, partition: number, fromSequence: bigint) =>
      client.read({ hub: name, partition, fromSequence, maxRecords: 1, waitMs: 0 });
    await expect(read("nothing", 0, 0n)).rejects.toMatchObject({ code: "amqp:not-found" });
    await expect(read("telemetry", 9, 0n)).rejects.toMatchObject({
      code: "com.microsoft:argument-out-of-range",
    });
    await expect(read("telemetry", 0, 1n)).rejects.toMatchObject({ code: "com.microsoft:argument-error" });
    const stranger = connectLog({ port: server.internalPort, token: "wrong" });
    await expect(stranger.partitionCount("telemetry")).rejects.toMatchObject({
      code: "amqp:unauthorized-access",
    });
    await stranger.close();
  });

  it("counts reads of a consumer group as its progress", async () => {
    await client.append(
      "telemetry",
      Array.from({ length: 10 }, (_, n) => ({ body: text(`${n}`) })),
      0,
    );
    await client.read({
      hub: "telemetry",
      partition: 0,
      fromSequence: 0n,
      maxRecords: 4,
      waitMs: 0,
      consumerGroup: "analytics",
    });
    expect(server.stats().gauges["backlog.telemetry.analytics"]).toBe(6);
    expect(server.stats().counters).toMatchObject({
      "in.events.telemetry": 10,
      "out.events.telemetry.analytics": 4,
    });
  });

  it("waits out a restart of the server: nothing lost, nothing twice", async () => {
    const port = server.internalPort;
    const sent: string[] = [];
    const append = async (n: number) => {
      sent.push(`${n}`);
      await client.append("telemetry", [{ body: text(`${n}`) }], 3);
    };
    for (let n = 0; n < 20; n++) await append(n);
    const reading = client.read({
      hub: "telemetry",
      partition: 3,
      fromSequence: 20n,
      maxRecords: 1,
      waitMs: 60_000,
    });
    await server.close();
    const sending = [20, 21, 22].map(append);
    await start({ internalPort: port });
    await Promise.all(sending);
    expect((await reading).records).toHaveLength(1);
    await append(23);
    const stored = bodies(await readAll(3));
    expect(new Set(stored).size).toBe(stored.length);
    expect(stored).toEqual(sent);
  });

  it("does not append a repeated request twice, not even after a restart", async () => {
    const request = (sequence: number, body: string) => {
      const head = Buffer.alloc(18);
      head.writeBigInt64BE(77n, 0);
      head.writeUInt32BE(sequence, 8);
      head.writeInt32BE(0, 12);
      head.writeUInt16BE(9, 16);
      const event = encodeEvent({ body: text(body) });
      const length = Buffer.alloc(4);
      length.writeUInt32BE(event.length, 0);
      return [head, text("telemetry"), length, event];
    };
    const raw = new LogConnection(server.internalPort, "token");
    await Promise.all([
      raw.request(4, request(1, "a")),
      raw.request(4, request(1, "a")),
      raw.request(4, request(2, "b")),
    ]);
    await raw.close();
    const port = server.internalPort;
    await server.close();
    await start({ internalPort: port });
    const again = new LogConnection(port, "token");
    await again.request(4, request(2, "b"));
    await again.request(4, request(3, "c"));
    await again.close();
    expect(bodies(await readAll(0))).toEqual(["a", "b", "c"]);
  });
});

describe("enqueued times", () => {
  it("follow the platform clock and never fall behind what a reader was told", async () => {
    clock.advance(5000);
    const told = await client.read({
      hub: "telemetry",
      partition: 0,
      fromSequence: 0n,
      maxRecords: 1,
      waitMs: 0,
    });
    expect(told).toMatchObject({ endOfLog: true, serverClockMs: startMs + 5000, nextSequence: 0n });
    const port = server.internalPort;
    await server.close();
    clock = new ManualClock(startMs);
    await start({ internalPort: port });
    expect(server.lastEnqueuedMs()).toBe(startMs + 5000);
    expect(storedClockMs(folder)).toBe(startMs + 5000);
    await client.append("telemetry", [{ body: text("x") }], 3);
    expect((await readAll(3))[0]?.enqueuedMs).toBe(startMs + 5000);
    clock.advance(9000);
    await client.append("telemetry", [{ body: text("y") }], 3);
    expect((await readAll(3))[1]?.enqueuedMs).toBe(startMs + 9000);
    expect(storedClockMs(folder)).toBeGreaterThanOrEqual(startMs + 9000);
    expect(storedClockMs(join(folder, "nothing"))).toBe(0);
  });

  it("hold the promise of an end of log while appends are under way", async () => {
    const violations: string[] = [];
    let appending = true;
    const sending = (async () => {
      for (let n = 0; n < 300; n++) {
        clock.advance(1);
        await client.append("telemetry", [{ body: text(`${n}`) }], 1);
      }
      appending = false;
    })();
    let next = 0n;
    let floor = 0;
    const reader = connectLog({ port: server.internalPort, token: "token" });
    while (appending || next < 300n) {
      const batch = await reader.read({
        hub: "telemetry",
        partition: 1,
        fromSequence: next,
        maxRecords: 50,
        waitMs: 5,
      });
      for (const record of batch.records) {
        if (record.enqueuedMs < floor) violations.push(`${record.sequence}: ${record.enqueuedMs} < ${floor}`);
      }
      floor = Math.max(floor, batch.serverClockMs);
      next = batch.nextSequence;
    }
    await sending;
    await reader.close();
    expect(violations).toEqual([]);
  });
});

describe("retention", () => {
  it("removes what is older than the hub keeps, once every holder has let go", async () => {
    const port = server.internalPort;
    await server.close();
    await start({
      internalPort: port,
      segmentBytes: 2048,
      hubs: [{ ...hub, retentionHolders: ["capture"] }],
    });
    for (let n = 0; n < 60; n++) await client.append("telemetry", [{ body: text(`old ${n}`) }], 0);
    clock.advance(2 * 3_600_000);
    for (let n = 0; n < 20; n++) await client.append("telemetry", [{ body: text(`new ${n}`) }], 0);
    await server.retain();
    expect((await client.state("telemetry", 0)).beginSequence).toBe(0n);
    await client.release("telemetry", "capture", 0, 30n);
    await server.retain();
    const { beginSequence } = await client.state("telemetry", 0);
    expect(beginSequence).toBeGreaterThan(0n);
    expect(beginSequence).toBeLessThanOrEqual(30n);
    await client.release("telemetry", "capture", 0, 80n);
    await server.retain();
    const left = bodies(await readAll(0));
    expect(left.filter((body) => body.startsWith("new"))).toHaveLength(20);
    expect(left.length).toBeLessThan(40);
  });
});

describe("startEventHubs", () => {
  it("says that its port is taken", async () => {
    const other = mkdtempSync(join(tmpdir(), "event-hubs-"));
    await expect(
      startEventHubs({ dataDir: other, clock, hubs: [hub], port: server.port }),
    ).rejects.toMatchObject({ code: "LOCAL_PORT_IN_USE", hint: expect.stringContaining("--port-base") });
    rmSync(other, { recursive: true, force: true });
  });

  it("refuses a topology with fewer partitions than the log has", async () => {
    const port = server.internalPort;
    await server.close();
    await expect(start({ hubs: [{ ...hub, partitions: 2 }] })).rejects.toMatchObject({
      code: "LOCAL_CHILD_FAILED",
    });
    await start({ internalPort: port });
  });
});
