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

  const once = async (deviceId: string): Promise<void> => {
    const eventTime = new Date().toISOString();
    const sentMs = performance.now();
    await producer.sendBatch([{ body: reading(deviceId, eventTime) }], { partitionKey: deviceId });
    while (performance.now() < sentMs + patienceMs) {
      const { resource } = await container.item(deviceId, deviceId).read<{ eventTime: string }>();
      if (resource !== undefined && resource.eventTime >= eventTime) {
        latenciesMs.push(performance.now() - sentMs);
        return;
      }
      await pause(lookIntervalMs);
    }
    missing += 1;
  };

  const probe = async (number: number): Promise<void> => {
    const deviceId = `probe-${number}`;
    const running: Promise<void>[] = [];
    const startMs = performance.now() + (number * probeIntervalMs) / probes;
    for (let n = 0; n * probeIntervalMs < seconds * 1000; n++) {
      await pause(Math.max(0, startMs + n * probeIntervalMs - performance.now()));
      // A send or a look that fails under load is a reading whose state nobody saw.
      running.push(
        once(deviceId).catch(() => {
          missing += 1;
        }),
      );
    }
    await Promise.all(running);
  };

  // The SDKs open their connections with the first call; that is not a reading's latency.
  for (let number = 0; number < probes; number++) await once(`probe-${number}`);
  latenciesMs.length = 0;
  await Promise.all(Array.from({ length: probes }, (_, number) => probe(number)));
  await producer.close();
  cosmos.dispose();
  return { latenciesMs, missing };
}

function reading(deviceId: string, eventTime: string): Record<string, unknown> {
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
