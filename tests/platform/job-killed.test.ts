import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CosmosClient } from "@azure/cosmos";
import { type FactoryTelemetry, topology } from "../../contracts";
import { connectLog, type PlatformLogClient } from "../../local/event-hubs";
import type { FromChild, ToChild } from "../../local/process/child";
import { readDiagnostics } from "../../local/stream-analytics";
import { builtModule } from "../support/build-dist";
import { root } from "./run-platform";

jest.setTimeout(120_000);

const startMs = Date.parse("2026-01-05T08:00:00Z");
/** A window of a minute passes in a second, one of five minutes in five. */
const speed = 60;
const jobName = "factory-aggregates/v1";
const devices = 24;
const batches = 220;
const eventsOfBatch = 12;
const seed = Number(process.env["SEED"] ?? 4);

function random(from: number): () => number {
  let state = from;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A process of the platform, as its supervisor sees it. */
class Room {
  readonly #child: ChildProcess;
  readonly ready: Promise<Readonly<Record<string, string | number>>>;
  readonly exited: Promise<unknown>;
  #calls = 0;
  readonly failures: string[] = [];

  constructor(module: string, config: unknown, clock: object) {
    this.#child = fork(builtModule(module), { stdio: "ignore" });
    rooms.push(this);
    this.exited = once(this.#child, "exit");
    this.ready = new Promise((resolve, reject) => {
      this.#child.on("message", (message: FromChild) => {
        if (message.type === "ready") resolve(message.endpoints);
        if (message.type === "failed") reject(new Error(message.message));
        if (message.type === "event" && message.event.kind === "job.failed")
          this.failures.push(JSON.stringify(message.event.data));
      });
      void this.exited.then(() => reject(new Error(`${module} ended before it was ready`)));
    });
    this.ready.catch(() => {});
    this.#send({ type: "start", config, clock } as ToChild);
  }

  #send(message: ToChild): void {
    this.#child.send(message);
  }

  call(verb: string, argument: unknown): Promise<unknown> {
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      const take = (message: FromChild) => {
        if (message.type !== "answer" || message.id !== id) return;
        this.#child.off("message", take);
        if (message.error === undefined) resolve(message.value);
        else reject(new Error(message.error));
      };
      this.#child.on("message", take);
      this.#send({ type: "call", id, verb, argument });
    });
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
  }
}

const rooms: Room[] = [];

/** Events around now: some out of order, some too late, some twice, some broken. */
function batchOf(next: () => number, nowMs: number, number: number) {
  return Array.from({ length: eventsOfBatch }, (_, n) => {
    const device = Math.floor(next() * devices);
    const lateness = next() < 0.05 ? 10_000 + next() * 30_000 : next() * 9000;
    const event: FactoryTelemetry = {
      eventId: `e-${number}-${next() < 0.05 ? 0 : n}`,
      schemaVersion: 1,
      eventTime: new Date(nowMs - lateness).toISOString(),
      deviceId: `d-${device}`,
      factoryId: `f-${device % 2}`,
      lineId: `l-${device % 4}`,
      temperature: next() * 100,
      vibration: next(),
      pressure: 500,
      powerKw: 10,
      units: Math.floor(next() * 5),
      defects: 0,
    };
    const body = next() < 0.02 ? "not json" : JSON.stringify(event);
    return { body: Buffer.from(body), partitionKey: event.deviceId };
  });
}

describe("a live job that is killed under load in the middle of windows", () => {
  const folder = mkdtempSync(join(tmpdir(), "job-killed-"));
  const clock = { wallAnchorMs: Date.now(), eventAnchorMs: startMs, speed, limitMs: null };
  const nowMs = () => startMs + (Date.now() - clock.wallAnchorMs) * speed;
  const clients: CosmosClient[] = [];
  let hubs: { internalPort: number; internalToken: string };
  let log: PlatformLogClient;

  afterAll(async () => {
    await log?.close();
    for (const client of clients) client.dispose();
    for (const room of rooms) await room.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A container server of its own, and how to start the job that writes to it. */
  const viewsOf = async (name: string) => {
    const dataDir = join(folder, name);
    const cosmos = new Room("local/cosmos/main.js", { dataDir: join(dataDir, "cosmos") }, clock);
    const { endpoint, connectionString } = (await cosmos.ready) as Record<string, string>;
    const key = /AccountKey=([^;]+)/.exec(connectionString!)![1]!;
    const client = new CosmosClient({
      endpoint: endpoint!,
      key,
      connectionPolicy: { enableBackgroundEndpointRefreshing: false },
    });
    clients.push(client);
    const start = async () => {
      const config = {
        repositoryDir: root,
        dataDir: join(dataDir, "stream-analytics"),
        log: { port: hubs.internalPort, token: hubs.internalToken },
        cosmos: { endpoint, key },
        jobs: [jobName],
      };
      const job = new Room("local/stream-analytics/main.js", config, clock);
      await job.ready;
      return job;
    };
    const rows = async () => {
      const container = client.database(topology.cosmos.database).container("realtime-views");
      const { resources } = await container.items.readAll<Record<string, unknown>>().fetchAll();
      const ownOf = (document: Record<string, unknown>) =>
        Object.fromEntries(
          Object.entries(document).filter(([column]) => !column.startsWith("_") && column !== "asOf"),
        );
      return new Map(resources.map((document) => [document["id"] as string, ownOf(document)]));
    };
    const jobDir = join(dataDir, "stream-analytics", "factory-aggregates-v1");
    const dropped = () =>
      readDiagnostics(join(jobDir, "diagnostics.ndjson"))
        .map(({ partition, sequence, kind }) => `${partition}/${sequence}/${kind}`)
        .sort();
    return { start, rows, dropped, checkpoint: join(jobDir, "checkpoint.bin") };
  };

  const storedThrough = async (job: Room, atMs: number) => {
    for (;;) {
      const through = (await job.call("storedThroughMs", jobName)) as number | null;
      if (through !== null && through >= atMs) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it("gives every window that an undisturbed run gives, and names every dropped event once", async () => {
    const hubRoom = new Room("local/event-hubs/main.js", { dataDir: join(folder, "event-hubs") }, clock);
    hubs = (await hubRoom.ready) as unknown as typeof hubs;
    log = connectLog({ port: hubs.internalPort, token: hubs.internalToken });
    const disturbed = await viewsOf("disturbed");
    const next = random(seed);
    let job = await disturbed.start();
    let kills = 0;
    let fromCheckpoint = 0;
    // Events go on coming while the job is dead and while it starts again.
    let restarting: Promise<void> | undefined;
    for (let number = 0; number < batches; number++) {
      await log.append("telemetry", batchOf(next, nowMs(), number));
      const kill = next() < 0.06;
      if (kill && restarting === undefined) {
        await job.kill();
        kills++;
        if (existsSync(disturbed.checkpoint)) fromCheckpoint++;
        restarting = disturbed.start().then((started) => {
          job = started;
          restarting = undefined;
        });
      }
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    await restarting;
    const endMs = Math.ceil(nowMs() / 60_000) * 60_000 + 5 * 60_000;
    await storedThrough(job, endMs);
    await job.kill();
    expect(job.failures).toEqual([]);
    expect(kills).toBeGreaterThanOrEqual(4);
    expect(fromCheckpoint).toBeGreaterThanOrEqual(3);

    const undisturbed = await viewsOf("undisturbed");
    const whole = await undisturbed.start();
    await storedThrough(whole, endMs);
    await whole.kill();

    const [found, expected] = [await disturbed.rows(), await undisturbed.rows()];
    expect(expected.size).toBeGreaterThan(300);
    expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [id, row] of expected) expect({ id, ...found.get(id) }).toEqual({ id, ...row });
    expect(disturbed.dropped()).toEqual(undisturbed.dropped());
    expect(undisturbed.dropped().length).toBeGreaterThan(20);
  });
});
