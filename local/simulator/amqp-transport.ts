import { type EventData, EventHubProducerClient } from "@azure/event-hubs";
import type { OutgoingMessage } from "./message";
import { type Transport, type TransportEvents, untilSent, within } from "./transport";

export interface AmqpTransportOptions extends TransportEvents {
  readonly connectionString: string;
  readonly hub: string;
}

const attemptTimeoutMs = 15_000;
/** Well below the service's 1 MB for one batch. */
const batchBytes = 200_000;
const batchMessages = 500;
const envelopeBytes = 200;

/** Groups the messages of each device, in their order, into batches that fit one send. */
export function batchesByDevice(
  messages: readonly OutgoingMessage[],
): readonly (readonly OutgoingMessage[])[] {
  const done: OutgoingMessage[][] = [];
  const open = new Map<string, { batch: OutgoingMessage[]; bytes: number }>();
  for (const message of messages) {
    // A UTF-16 unit has three UTF-8 bytes at most.
    const bytes = message.body.length * 3 + envelopeBytes;
    const current = open.get(message.deviceId);
    if (
      current !== undefined &&
      current.bytes + bytes <= batchBytes &&
      current.batch.length < batchMessages
    ) {
      current.batch.push(message);
      current.bytes += bytes;
    } else {
      const batch = [message];
      done.push(batch);
      open.set(message.deviceId, { batch, bytes });
    }
  }
  return done;
}

function eventOf(message: OutgoingMessage): EventData {
  return {
    body: Buffer.from(message.body),
    messageId: message.messageId,
    contentType: "application/json",
    ...(message.properties && { properties: { ...message.properties } }),
  };
}

/** Sends through the official Event Hubs producer; partition key = device id. */
export class AmqpTransport implements Transport {
  readonly #options: AmqpTransportOptions;
  #producer: EventHubProducerClient | undefined;

  constructor(options: AmqpTransportOptions) {
    this.#options = options;
  }

  async send(messages: readonly OutgoingMessage[], signal: AbortSignal): Promise<void> {
    await Promise.all(batchesByDevice(messages).map((batch) => this.#sendBatch(batch, signal)));
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    if (producer !== undefined) await within(5_000, producer.close(), "closing").catch(() => {});
  }

  async #sendBatch(batch: readonly OutgoingMessage[], signal: AbortSignal): Promise<void> {
    const events = batch.map(eventOf);
    const partitionKey = batch[0]!.deviceId;
    let startedMs = performance.now();
    let used: EventHubProducerClient | undefined;
    await untilSent(
      async () => {
        startedMs = performance.now();
        used = this.#producer ??= this.#connect();
        await within(attemptTimeoutMs, used.sendBatch(events, { partitionKey }), "a send");
      },
      (error) => {
        this.#options.onRetry(batch.length, error);
        // A fresh client reconnects at once; the failed one would wait for its own schedule.
        if (this.#producer === used) void this.close();
      },
      signal,
    );
    this.#options.onAcknowledged(performance.now() - startedMs, batch.length);
  }

  #connect(): EventHubProducerClient {
    return new EventHubProducerClient(this.#options.connectionString, this.#options.hub, {
      retryOptions: { maxRetries: 0 },
    });
  }
}
