import { EventHubProducerClient } from "@azure/event-hubs";
import { credentialFor } from "../config/credential";
import type { Connection } from "../config/settings";

/** One event to send. */
export interface HubEvent {
  readonly body: string;
  readonly partitionKey: string;
  readonly messageId: string;
  readonly contentType?: string;
}

/** Sends events to one hub; resolves when the hub has them all. */
export interface HubSender {
  send(events: readonly HubEvent[]): Promise<void>;
  close(): Promise<void>;
}

const maxConcurrentBatches = 8;
/** For a few batches that are sent at once. */
const sendDeadlineMs = 5_000;

/**
 * Opens a sender. Events of one partition key keep their order; a batch that does not fit is split. A client whose send fails, or
 * does not end, is replaced: after a broken connection a link can wait for ever. The caller repeats what failed.
 */
export function openHubSender(connection: Connection, hub: string): HubSender {
  let client = openClient(connection, hub);
  return {
    async send(events) {
      const current = client;
      try {
        await sendAll(current, hub, events);
      } catch (error) {
        if (client === current) {
          client = openClient(connection, hub);
          current.close().catch(() => {});
        }
        throw error;
      }
    },
    close: () => client.close(),
  };
}

function openClient(connection: Connection, hub: string): EventHubProducerClient {
  return connection.kind === "connectionString"
    ? new EventHubProducerClient(connection.connectionString, hub, {
        retryOptions: { retryDelayInMs: 300, maxRetries: 3 },
      })
    : new EventHubProducerClient(connection.address, hub, credentialFor(connection.clientId));
}

async function sendAll(
  client: EventHubProducerClient,
  hub: string,
  events: readonly HubEvent[],
): Promise<void> {
  const groups = [...byPartitionKey(events)];
  for (let start = 0; start < groups.length; start += maxConcurrentBatches) {
    const some = groups.slice(start, start + maxConcurrentBatches);
    const sending = some.map(([partitionKey, group]) => sendGroup(client, partitionKey, group));
    await withDeadline(Promise.all(sending), hub);
  }
}

async function withDeadline(work: Promise<unknown>, hub: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`hub ${hub} did not take the events within ${sendDeadlineMs} ms`);
      reject(Object.assign(error, { code: "ServiceCommunicationError" }));
    }, sendDeadlineMs);
  });
  try {
    await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function byPartitionKey(events: readonly HubEvent[]): Map<string, HubEvent[]> {
  const groups = new Map<string, HubEvent[]>();
  for (const event of events) {
    const group = groups.get(event.partitionKey);
    if (group === undefined) groups.set(event.partitionKey, [event]);
    else group.push(event);
  }
  return groups;
}

async function sendGroup(
  client: EventHubProducerClient,
  partitionKey: string,
  events: readonly HubEvent[],
): Promise<void> {
  let batch = await client.createBatch({ partitionKey });
  for (const { body, messageId, contentType = "application/json" } of events) {
    const event = { body: Buffer.from(body), messageId, contentType };
    if (batch.tryAdd(event)) continue;
    if (batch.count === 0) throw new Error(`event "${messageId}" is larger than the hub takes`);
    await client.sendBatch(batch);
    batch = await client.createBatch({ partitionKey });
    if (!batch.tryAdd(event)) throw new Error(`event "${messageId}" is larger than the hub takes`);
  }
  if (batch.count > 0) await client.sendBatch(batch);
}
