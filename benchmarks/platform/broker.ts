import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventHubConsumerClient, EventHubProducerClient, earliestEventPosition } from "@azure/event-hubs";
import { connectLog, type LogAppend, startEventHubs } from "../../local/event-hubs";
import { wallClock } from "../../local/process/clock";

/** One way of events into or out of the Event Hubs server. */
export interface BrokerMeasure {
  readonly way: string;
  readonly eventsPerSecond: number;
  /** Of client and server, which share the process. */
  readonly cpuMicrosecondsPerEvent: number;
}

const total = 200_000;
const sdkTotal = 100_000;
const partitions = 4;
const batchSize = 500;
const body = Buffer.from(JSON.stringify({ text: "x".repeat(187) }));

async function measure(way: string, action: () => Promise<number>): Promise<BrokerMeasure> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const events = await action();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { way, eventsPerSecond: events / seconds, cpuMicrosecondsPerEvent: (user + system) / events };
}

/**
 * Rates of ingest and delivery of the Event Hubs server with 200-byte bodies: through the log client and through the
 * official SDK, server and client in one process.
 */
export async function measureBroker(): Promise<readonly BrokerMeasure[]> {
  const measures: BrokerMeasure[] = [];
  const timed = async (way: string, action: () => Promise<number>) => {
    measures.push(await measure(way, action));
  };
  const folder = mkdtempSync(join(tmpdir(), "event-hubs-"));
  const server = await startEventHubs({
    dataDir: folder,
    clock: wallClock(),
    hubs: ["log", "sdk"].map((name) => ({ name, partitions, retentionHours: 24, consumerGroups: [] })),
  });
  const log = connectLog({ port: server.internalPort, token: server.internalToken });
  const batch: LogAppend[] = Array.from({ length: batchSize }, (_, n) => ({
    body,
    partitionKey: `device-${n % 50}`,
  }));
  await timed("append by log client", async () => {
    let sent = 0;
    const lane = async () => {
      while (sent < total) {
        sent += batchSize;
        await log.append("log", batch);
      }
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
    return sent;
  });
  await timed("read by log client", async () => {
    const counts = await Promise.all(
      Array.from({ length: partitions }, async (_, partition) => {
        let count = 0;
        for (let next = 0n; ; ) {
          const read = await log.read({
            hub: "log",
            partition,
            fromSequence: next,
            maxRecords: 5000,
            waitMs: 0,
          });
          for (const record of read.records) count += record.body.length > 0 ? 1 : 0;
          next = read.nextSequence;
          if (read.endOfLog) return count;
        }
      }),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  });

  const producer = new EventHubProducerClient(server.connectionString, "sdk");
  const events = Array.from({ length: batchSize }, () => ({ body }));
  await timed("send by @azure/event-hubs", async () => {
    let sent = 0;
    const lane = async (partitionId: string) => {
      while (sent < sdkTotal) {
        sent += batchSize;
        await producer.sendBatch(events, { partitionId });
      }
    };
    await Promise.all(Array.from({ length: partitions }, (_, id) => lane(String(id))));
    return sent;
  });
  const consumer = new EventHubConsumerClient("$Default", server.connectionString, "sdk");
  await timed(
    "receive by @azure/event-hubs",
    () =>
      new Promise((resolve, reject) => {
        let received = 0;
        consumer.subscribe(
          {
            processEvents: async (got) => {
              received += got.length;
              if (received >= sdkTotal) resolve(received);
            },
            processError: async (error) => reject(error),
          },
          { startPosition: earliestEventPosition, maxBatchSize: 1000, skipParsingBodyAsJson: true },
        );
      }),
  );
  await consumer.close();
  await producer.close();
  await log.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
  return measures;
}
