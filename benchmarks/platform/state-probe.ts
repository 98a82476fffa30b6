import { randomUUID } from "node:crypto";
import { CosmosClient } from "@azure/cosmos";
import { EventHubProducerClient } from "@azure/event-hubs";
import { topology } from "../../contracts";
import { type LivePlatform, pause } from "./live-platform";

/** Wall milliseconds between two readings of one probe, and between two looks at its state. */
const probeIntervalMs = 100;
const lookIntervalMs = 5;
const probes = 4;
const patienceMs = 10_000;

/** Latencies of the probes' readings, ms from the call that sends to the state that is seen. */
export interface ProbeResult {
  readonly latenciesMs: readonly number[];
  /** Readings whose state was not seen within ten seconds. */
  readonly missing: number;
}

/**
 * Measures the way of a reading from an SDK producer to the device's state in Cosmos DB, beside whatever else the platform
 * does: a few devices of its own send at fixed moments, whatever became of their earlier readings, and look at their state by
 * point reads until it is there.
 */
export async function probeDeviceState(platform: LivePlatform, seconds: number): Promise<ProbeResult> {
  const producer = new EventHubProducerClient(
    await platform.endpoint("event-hubs", "connectionString"),
    "telemetry",
  );
  const cosmos = new CosmosClient(await platform.endpoint("cosmos", "connectionString"));
  const container = cosmos.database(topology.cosmos.database).container("device-state");
  const latenciesMs: number[] = [];
  let missing = 0;

  /** Readings of a device that are on their way, oldest first. */
  interface Pending {
    readonly eventTime: string;
    readonly sentMs: number;
  }

  const send = async (deviceId: string, pending: Pending[]): Promise<void> => {
    const reading = { eventTime: new Date().toISOString(), sentMs: performance.now() };
    pending.push(reading);
    await producer.sendBatch([{ body: readingOf(deviceId, reading.eventTime) }], { partitionKey: deviceId });
  };

  /** Looks at the device's state until every reading was seen, or is older than our patience. One look sees many readings. */
  const watch = async (deviceId: string, pending: Pending[], sending: () => boolean): Promise<void> => {
    while (sending() || pending.length > 0) {
      if (pending.length > 0) {
        // A look that fails under load sees nothing.
        const state = await container
          .item(deviceId, deviceId)
          .read<{ eventTime: string }>()
          .catch(() => undefined);
        const seen = state?.resource?.eventTime ?? "";
        const nowMs = performance.now();
        while (pending.length > 0) {
          const first = pending[0]!;
          if (first.eventTime <= seen) latenciesMs.push(nowMs - first.sentMs);
          else if (nowMs > first.sentMs + patienceMs) missing += 1;
          else break;
          pending.shift();
        }
      }
      await pause(lookIntervalMs);
    }
  };

  const probe = async (number: number, count: number): Promise<void> => {
    const deviceId = `probe-${number}`;
    const pending: Pending[] = [];
    let isSending = true;
    const watching = watch(deviceId, pending, () => isSending);
    const startMs = performance.now() + (number * probeIntervalMs) / probes;
    const sends: Promise<void>[] = [];
    for (let n = 0; n < count; n++) {
      await pause(Math.max(0, startMs + n * probeIntervalMs - performance.now()));
      // A send that fails under load is a reading that nobody sees.
      sends.push(send(deviceId, pending).catch(() => {}));
    }
    await Promise.all(sends);
    isSending = false;
    await watching;
  };
  const all = (count: number) =>
    Promise.all(Array.from({ length: probes }, (_, number) => probe(number, count)));

  // The SDKs open their connections with the first call; that is not a reading's latency.
  await all(1);
  latenciesMs.length = 0;
  missing = 0;
  await all(Math.floor((seconds * 1000) / probeIntervalMs));
  await producer.close();
  cosmos.dispose();
  return { latenciesMs, missing };
}

function readingOf(deviceId: string, eventTime: string): Record<string, unknown> {
  return {
    eventId: randomUUID(),
    schemaVersion: 1,
    eventTime,
    deviceId,
    factoryId: "probe",
    lineId: "probe",
    temperature: 60,
    vibration: 2,
    pressure: 500,
    powerKw: 18,
    units: 1,
    defects: 0,
  };
}
