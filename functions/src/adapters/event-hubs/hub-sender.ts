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

/** Opens a sender. Events of one partition key keep their order; a batch that does not fit is split. */
export function openHubSender(connection: Connection, hub: string): HubSender {
  const client =
    connection.kind === "connectionString"
      ? new EventHubProducerClient(connection.connectionString, hub, {
          retryOptions: { retryDelayInMs: 500, maxRetries: 5 },
        })
      : new EventHubProducerClient(connection.address, hub, credentialFor(connection.clientId));
  return {
    async send(events) {
      const groups = [...byPartitionKey(events)];
      for (let start = 0; start < groups.length; start += maxConcurrentBatches) {
        const some = groups.slice(start, start + maxConcurrentBatches);
        await Promise.all(some.map(([partitionKey, group]) => sendGroup(client, partitionKey, group)));
      }
    },
    close: () => client.close(),
  };
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
