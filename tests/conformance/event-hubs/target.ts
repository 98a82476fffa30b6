import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EventHubsServer, startEventHubs } from "../../../local/event-hubs";
import { wallClock } from "../../../local/process/clock";

/**
 * What the suite speaks to. EVENT_HUBS_CONNECTION_STRING points it at another endpoint (Microsoft's emulator, a namespace of
 * one's own), which must have the hub EVENT_HUBS_NAME (default `conformance`) with four partitions and a group `readers`.
 */
export interface Target {
  readonly connectionString: string;
  readonly hub: string;
  readonly group: string;
  readonly partitions: number;
  readonly remote: boolean;
  close(): Promise<void>;
}

export async function openTarget(): Promise<Target> {
  const remote = process.env["EVENT_HUBS_CONNECTION_STRING"];
  const hub = process.env["EVENT_HUBS_NAME"] ?? "conformance";
  const shape = { hub, group: "readers", partitions: 4 };
  if (remote !== undefined) {
    return { ...shape, connectionString: remote, remote: true, close: async () => {} };
  }
  const folder = mkdtempSync(join(tmpdir(), "event-hubs-"));
  const server: EventHubsServer = await startEventHubs({
    dataDir: folder,
    clock: wallClock(),
    hubs: [{ name: hub, partitions: shape.partitions, retentionHours: 24, consumerGroups: [shape.group] }],
  });
  return {
    ...shape,
    connectionString: server.connectionString,
    remote: false,
    close: async () => {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Retry options that fail fast instead of waiting for a service to come back. */
export const impatient = {
  retryOptions: { maxRetries: 0, retryDelayInMs: 50, maxRetryDelayInMs: 50, timeoutInMs: 10_000 },
} as const;
