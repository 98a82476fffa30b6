import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { EventHubProducerClient } from "@azure/event-hubs";
import { connectLog, type LogRecord } from "../../../local/event-hubs";
import type { FromChild, ToChild } from "../../../local/process/child";

const root = resolve(__dirname, "../../..");
const program = join(root, "dist/local/event-hubs/main.js");
const startMs = Date.UTC(2026, 0, 1);

interface Endpoints {
  readonly port: number;
  readonly internalPort: number;
  readonly connectionString: string;
}

let folder: string;
let child: ChildProcess | undefined;

beforeAll(() => {
  if (!existsSync(program)) {
    spawnSync(
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"],
      { cwd: root },
    );
  }
  folder = mkdtempSync(join(tmpdir(), "event-hubs-"));
});

afterAll(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

function start(ports: { readonly port?: number; readonly internalPort?: number }): Promise<Endpoints> {
  const started = fork(program, { stdio: "ignore" });
  child = started;
  const message: ToChild = {
    type: "start",
    clock: { wallAnchorMs: Date.now(), eventAnchorMs: startMs, speed: 10, limitMs: null },
    config: {
      dataDir: folder,
      internalToken: "token",
      keys: [{ name: "RootManageSharedAccessKey", key: "key" }],
      segmentBytes: 65_536,
      hubs: [{ name: "telemetry", partitions: 2, retentionHours: 24, consumerGroups: [] }],
      ...ports,
    },
  };
  return new Promise((resolve, reject) => {
    started.on("message", (answer: FromChild) => {
      if (answer.type === "ready") resolve(answer.endpoints as unknown as Endpoints);
      if (answer.type === "failed") reject(new Error(answer.message));
    });
    started.send(message);
  });
}

async function kill(): Promise<void> {
  const ended = new Promise((resolve) => child?.once("exit", resolve));
  child?.kill("SIGKILL");
  await ended;
}

describe("kill -9 of the Event Hubs process", () => {
  it("loses nothing that was acknowledged, and appends nothing of the log client twice", async () => {
    const endpoints = await start({});
    const log = connectLog({ port: endpoints.internalPort, token: "token" });
    const acknowledged: string[] = [];
    let sending = true;
    const clientLoop = (async () => {
      for (let n = 0; sending; n++) {
        const ids = Array.from({ length: 5 }, (_, i) => `log-${n}-${i}`);
        await log.append(
          "telemetry",
          ids.map((id) => ({ body: Buffer.from(id), partitionKey: id, messageId: id })),
        );
        acknowledged.push(...ids);
      }
    })();
    const producer = new EventHubProducerClient(endpoints.connectionString, "telemetry", {
      retryOptions: { maxRetries: 50, retryDelayInMs: 50, maxRetryDelayInMs: 100, timeoutInMs: 1500 },
    });
    const sdkLoop = (async () => {
      for (let n = 0; sending; n++) {
        const id = `sdk-${n}`;
        await producer.sendBatch([{ body: id, messageId: id }], { partitionKey: id });
        acknowledged.push(id);
      }
    })();
    for (let round = 1; round <= 3; round++) {
      const goal = acknowledged.length + 300;
      while (acknowledged.length < goal) await new Promise((resolve) => setTimeout(resolve, 5));
      await kill();
      await start({ port: endpoints.port, internalPort: endpoints.internalPort });
    }
    sending = false;
    await Promise.all([clientLoop, sdkLoop]);

    const stored: LogRecord[] = [];
    for (const partition of [0, 1]) {
      let lastMs = 0;
      for (let next = 0n; ; ) {
        const batch = await log.read({
          hub: "telemetry",
          partition,
          fromSequence: next,
          maxRecords: 500,
          waitMs: 0,
        });
        for (const record of batch.records) {
          expect(record.sequence).toBe(next++);
          expect(record.enqueuedMs).toBeGreaterThanOrEqual(lastMs);
          lastMs = record.enqueuedMs;
          stored.push(record);
        }
        if (batch.endOfLog) break;
      }
    }
    const ids = stored.map((record) => record.messageId ?? "");
    const known = new Set(ids);
    expect(acknowledged.filter((id) => !known.has(id))).toEqual([]);
    const fromLog = ids.filter((id) => id.startsWith("log-"));
    expect(new Set(fromLog).size).toBe(fromLog.length);
    await producer.close();
    await log.close();
  }, 60_000);
});
