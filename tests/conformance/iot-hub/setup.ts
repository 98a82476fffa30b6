import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "azure-iot-device";
import { Mqtt } from "azure-iot-device-mqtt";
import type { LogAppend, LogClient } from "../../../local/event-hubs/log-api";
import { type IotHubServer, type IotHubServerOptions, startIotHub } from "../../../local/iot-hub";
import { ManualClock } from "../../../local/process/clock";

export const startMs = Date.parse("2026-01-05T08:00:00Z");
export const groupKey = Buffer.alloc(32, 7).toString("base64");
export const serviceKey = Buffer.alloc(32, 9).toString("base64");

/** A log in memory that can be made to fail or to wait. */
export class MemoryLog implements Pick<LogClient, "append"> {
  readonly events: LogAppend[] = [];
  failures = 0;
  gate: Promise<void> | undefined;

  async append(_hub: string, events: readonly LogAppend[]): Promise<void> {
    await this.gate;
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error("the broker is away");
    }
    this.events.push(...events);
  }
}

export interface Bench {
  readonly folder: string;
  readonly log: MemoryLog;
  readonly clock: ManualClock;
  readonly refused: string[];
  server: IotHubServer;
  device(deviceId: string, key?: string): Promise<Client>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startBench(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), "iot-hub-"));
  const log = new MemoryLog();
  const clock = new ManualClock(startMs);
  const refused: string[] = [];
  const clients = new Set<Client>();
  const options = (port: number): IotHubServerOptions => ({
    folder,
    port,
    clock,
    log,
    routes: [{ name: "telemetry", source: "DeviceMessages", condition: "true", hub: "telemetry" }],
    groupKey,
    serviceKey,
    devices: ["press-0001", "press-0002"],
    onRefused: (what, deviceId, detail) => refused.push(`${what} ${deviceId}: ${detail}`),
  });
  const bench: Bench = {
    folder,
    log,
    clock,
    refused,
    server: await startIotHub(options(0)),
    async device(deviceId, key) {
      const known = bench.server.hub.store.get(deviceId)?.primaryKey ?? serviceKey;
      const client = Client.fromConnectionString(
        `HostName=${bench.server.hostName};DeviceId=${deviceId};SharedAccessKey=${key ?? known}`,
        Mqtt,
      );
      clients.add(client);
      client.on("error", () => {});
      await client.setOptions({ ca: readFileSync(bench.server.caFile, "utf8") } as never);
      return client;
    },
    async restart() {
      const { port } = bench.server;
      await bench.server.close();
      bench.server = await startIotHub(options(port));
    },
    async close() {
      await Promise.all([...clients].map((client) => client.close().catch(() => {})));
      await bench.server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return bench;
}
