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

/** A producer that is given up as a whole when its connection breaks. */
class OpenedProducer {
  readonly producer: EventHubProducerClient;
  /** Rejects when the connection is lost or the producer given up. */
  readonly lost: Promise<never>;
  giveUp: (reason: Error) => void = () => {};

  constructor(connectionString: string, hub: string) {
    this.producer = new EventHubProducerClient(connectionString, hub, { retryOptions: { maxRetries: 0 } });
    this.lost = new Promise<never>((_resolve, reject) => {
      this.giveUp = reject;
    });
    // Only a send in progress cares; without one the loss shows at the next send.
    this.lost.catch(() => {});
    this.#watch();
  }

  /**
   * The SDK leaves a send that was under way when the connection broke to its timeout of a minute. Its connection tells
   * at once; should a version of the SDK hide it, the attempt's own timeout remains.
   */
  #watch(): void {
    const { _context } = this.producer as unknown as {
      readonly _context?: { readonly connection?: { on?(event: string, listener: () => void): void } };
    };
    for (const event of ["disconnected", "connection_close", "connection_error"]) {
      _context?.connection?.on?.(event, () => this.giveUp(new Error("the connection was lost")));
    }
  }
}

/** Sends through the official Event Hubs producer; partition key = device id. */
export class AmqpTransport implements Transport {
  readonly #options: AmqpTransportOptions;
  #opened: OpenedProducer | undefined;

  constructor(options: AmqpTransportOptions) {
    this.#options = options;
  }

  async send(messages: readonly OutgoingMessage[], signal: AbortSignal): Promise<void> {
    await Promise.all(batchesByDevice(messages).map((batch) => this.#sendBatch(batch, signal)));
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened === undefined) return;
    opened.giveUp(new Error("the producer is closed"));
    await within(5_000, opened.producer.close(), "closing").catch(() => {});
  }

  async #sendBatch(batch: readonly OutgoingMessage[], signal: AbortSignal): Promise<void> {
    const events = batch.map(eventOf);
    const partitionKey = batch[0]!.deviceId;
    let startedMs = performance.now();
    let used: OpenedProducer | undefined;
    await untilSent(
      async () => {
        startedMs = performance.now();
        used = this.#opened ??= new OpenedProducer(this.#options.connectionString, this.#options.hub);
        const sent = used.producer.sendBatch(events, { partitionKey });
        await within(attemptTimeoutMs, Promise.race([sent, used.lost]), "a send");
      },
      (error) => {
        this.#options.onRetry(batch.length, error);
        // A fresh client reconnects at once; the failed one would wait for its own schedule.
        if (this.#opened === used) void this.close();
      },
      signal,
    );
    this.#options.onAcknowledged(performance.now() - startedMs, batch.length);
  }
}
