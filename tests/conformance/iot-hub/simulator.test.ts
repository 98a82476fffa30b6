import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { topology } from "../../../contracts";
import {
  connectLog,
  type EventHubsServer,
  hubsOfTopology,
  type LogRecord,
  type PlatformLogClient,
  startEventHubs,
} from "../../../local/event-hubs";
import { type IotHubServer, startIotHub } from "../../../local/iot-hub";
import { ManualClock } from "../../../local/process/clock";
import { createSchedule, type LedgerLine, type ScheduleOptions } from "../../../local/simulator";
import { Simulator, type SimulatorOptions } from "../../../local/simulator/simulator";

const startMs = Date.parse("2026-01-05T08:00:00Z");
const groupKey = Buffer.alloc(32, 3).toString("base64");
const schedule: ScheduleOptions = {
  seed: 11,
  rate: 60,
  forSeconds: 4,
  speed: 10,
  devices: 12,
  mqttDevices: 3,
  startMs,
  faults: { late: 0.05, duplicate: 0.05, outOfOrder: 0.05, malformed: 0.03, invalid: 0.03 },
};

let folder: string;
let clock: ManualClock;
let hubs: EventHubsServer;
let log: PlatformLogClient;
let iot: IotHubServer;

async function startHubs(port = 0, internalPort = 0): Promise<EventHubsServer> {
  return await startEventHubs({
    dataDir: join(folder, "event-hubs"),
    clock,
    hubs: hubsOfTopology(),
    port,
    internalPort,
    internalToken: "token",
    keys: [{ name: "RootManageSharedAccessKey", key: "a2V5" }] as never,
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "simulator-"));
  clock = new ManualClock(startMs);
  hubs = await startHubs();
  log = connectLog({ port: hubs.internalPort, token: hubs.internalToken });
  iot = await startIotHub({
    folder: join(folder, "iot-hub"),
    port: 0,
    clock,
    log,
    routes: topology.iotHub.routes,
    groupKey,
    serviceKey: groupKey,
    devices: createSchedule(schedule).mqttDeviceIds,
  });
});
afterEach(async () => {
  await iot.close();
  await log.close();
  await hubs.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A clock that runs as fast as the simulator releases it. */
function simulator(source: SimulatorOptions["source"] = { kind: "schedule", schedule }): Simulator {
  return new Simulator(
    {
      eventHubsConnectionString: hubs.connectionString,
      hub: "telemetry",
      iotHub: { hostName: iot.hostName, caFile: iot.caFile, groupKey },
      source,
      log: { port: hubs.internalPort, token: hubs.internalToken },
      ledgerPath: join(folder, "sent.ndjson"),
      unattended: true,
    },
    clock,
    {
      release: (untilMs) => {
        if (untilMs > clock.now()) clock.advance(untilMs - clock.now());
      },
      jump: (toMs) => clock.advance(toMs - clock.now()),
      progress: () => {},
      retry: () => {},
    },
  );
}

async function stored(): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = [];
  for (let partition = 0; partition < (await log.partitionCount("telemetry")); partition += 1) {
    for (let next = 0n; ; ) {
      const batch = await log.read({
        hub: "telemetry",
        partition,
        fromSequence: next,
        maxRecords: 500,
        waitMs: 0,
      });
      records.push(...batch.records);
      next = batch.nextSequence;
      if (batch.endOfLog) break;
    }
  }
  return records;
}

function ledger(): readonly LedgerLine[] {
  return readFileSync(join(folder, "sent.ndjson"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as LedgerLine);
}

const planned = () => [...createSchedule(schedule).ticks()].flatMap(({ messages }) => messages);

function toLedger({ messageId, sendAtMs, via, fault, body }: ReturnType<typeof planned>[number]): LedgerLine {
  return { messageId, at: new Date(sendAtMs).toISOString(), via, fault, body };
}

describe("Simulator over the real servers", () => {
  it("stores exactly what the schedule fixes, on time or late as planned", async () => {
    const result = await simulator().run();
    const messages = planned();
    expect(result.sent).toBe(messages.length);
    expect(ledger()).toEqual(messages.map(toLedger));
    const records = await stored();
    expect(records.map(({ messageId }) => messageId).sort()).toEqual(
      messages.map(({ messageId }) => messageId).sort(),
    );
    const byId = new Map(messages.map((message) => [message.messageId, message]));
    for (const record of records) {
      const message = byId.get(record.messageId!)!;
      expect(Buffer.from(record.body).toString()).toBe(message.body);
      expect(record.partitionKey).toBe(message.deviceId);
      expect("iothub-connection-device-id" in record.annotations()).toBe(message.via === "mqtt");
      const behindMs = record.enqueuedMs - message.sendAtMs;
      expect(behindMs).toBeGreaterThanOrEqual(0);
      expect(behindMs).toBeLessThan(3000);
    }
    expect(new Set(messages.map(({ via }) => via))).toEqual(new Set(["mqtt", "amqp"]));
  });

  it("goes on where the ledger ends after a stop in the middle", async () => {
    const first = simulator();
    const ended = first.run().catch(() => {});
    while ((first.ledger?.counts.sent ?? 0) < 60) await new Promise((resolve) => setImmediate(resolve));
    await first.close();
    await ended;
    const before = ledger().length;
    expect(before).toBeLessThan(planned().length);
    const result = await simulator().run();
    expect(result.sent).toBe(planned().length);
    expect(ledger()).toEqual(planned().map(toLedger));
    const ids = (await stored()).map(({ messageId }) => messageId);
    expect(new Set(ids)).toEqual(new Set(planned().map(({ messageId }) => messageId)));
  });

  it("loses nothing when the servers restart", async () => {
    const running = simulator();
    const ended = running.run();
    while ((running.ledger?.counts.sent ?? 0) < 60) await new Promise((resolve) => setImmediate(resolve));
    const { port, internalPort } = hubs;
    await hubs.close();
    hubs = await startHubs(port, internalPort);
    const iotPort = iot.port;
    await iot.close();
    iot = await startIotHub({
      folder: join(folder, "iot-hub"),
      port: iotPort,
      clock,
      log,
      routes: topology.iotHub.routes,
      groupKey,
      serviceKey: groupKey,
      devices: [],
    });
    await ended;
    expect(ledger()).toEqual(planned().map(toLedger));
    const ids = (await stored()).map(({ messageId }) => messageId);
    expect(new Set(ids)).toEqual(new Set(planned().map(({ messageId }) => messageId)));
  });

  it("sends a foreign file with the clock at each row's time, and its broken rows too", async () => {
    const dataFile = join(folder, "data.csv");
    const mapFile = join(folder, "map.json");
    writeFileSync(
      dataFile,
      [
        "t,d,v",
        "1767650000,press-1,20",
        "1767600001,press-2,21",
        "1767600000,press-1,hot",
        "1767600001,press-2,21",
      ].join("\n"),
    );
    writeFileSync(
      mapFile,
      JSON.stringify({
        source: "plant",
        time: { column: "t", format: "unix-s" },
        fields: {
          deviceId: "d",
          factoryId: { value: "f" },
          lineId: { value: "l" },
          temperature: "v",
          vibration: { value: 1 },
          pressure: { value: 100 },
          powerKw: { value: 2 },
          units: { value: 0 },
          defects: { value: 0 },
        },
      }),
    );
    const result = await simulator({
      kind: "file",
      file: { dataFile, mapFile, workFolder: join(folder, "work"), rate: 1000 },
    }).run();
    expect(result).toMatchObject({ sent: 4, endMs: 1767650000_000 });
    const records = [...(await stored())].sort((left, right) => left.enqueuedMs - right.enqueuedMs);
    expect(records.map(({ enqueuedMs }) => enqueuedMs)).toEqual([
      1767600001_000, 1767600001_000, 1767600001_000, 1767650000_000,
    ]);
    const bodies = records.map(({ body }) => JSON.parse(Buffer.from(body).toString()) as { line?: number });
    expect(bodies.filter(({ line }) => line !== undefined)).toEqual([
      expect.objectContaining({ line: 4, source: "plant", row: "1767600000,press-1,hot" }),
    ]);
    expect(ledger().map(({ fault }) => fault)).toEqual(["invalid", null, null, null]);
  });
});
