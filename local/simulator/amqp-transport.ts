import { setMaxListeners } from "node:events";
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
/** Sends under way at most: more would use up the link's credit and make the SDK refuse. */
const sendsInFlight = 64;

interface Waiting {
  readonly message: OutgoingMessage;
  readonly signal: AbortSignal;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Takes from the queue's head what fits one send, one message at least. */
export function takeBatch<T extends { readonly message: OutgoingMessage }>(queue: T[]): readonly T[] {
  let bytes = 0;
  let count = 0;
  while (count < queue.length && count < batchMessages) {
    // A UTF-16 unit has three UTF-8 bytes at most.
    bytes += queue[count]!.message.body.length * 3 + envelopeBytes;
    if (count > 0 && bytes > batchBytes) break;
    count += 1;
  }
  return queue.splice(0, count);
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
  /** Ends the SDK's own waiting for what will never be acknowledged. */
  readonly #abandoned = new AbortController();
  #reject: (reason: Error) => void = () => {};

  constructor(connectionString: string, hub: string) {
    this.producer = new EventHubProducerClient(connectionString, hub, { retryOptions: { maxRetries: 0 } });
    this.lost = new Promise<never>((_resolve, reject) => {
      this.#reject = reject;
    });
    // Only a send in progress cares; without one the loss shows at the next send.
    this.lost.catch(() => {});
    // Every send in progress listens.
    setMaxListeners(0, this.#abandoned.signal);
    this.#watch();
  }

  send(events: EventData[], partitionKey: string): Promise<void> {
    const sent = this.producer.sendBatch(events, { partitionKey, abortSignal: this.#abandoned.signal });
    return Promise.race([sent, this.lost]);
  }

  giveUp(reason: Error): void {
    this.#reject(reason);
    this.#abandoned.abort(reason);
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

/**
 * Sends through the official Event Hubs producer; partition key = device id. Each device has one send under way at most,
 * so that its messages keep their order; what comes meanwhile goes together in its next send.
 */
export class AmqpTransport implements Transport {
  readonly #options: AmqpTransportOptions;
  readonly #queues = new Map<string, Waiting[]>();
  /** Devices that have messages and no send under way. */
  readonly #ready: string[] = [];
  #sending = 0;
  #pumping: Promise<void> | undefined;
  #opened: OpenedProducer | undefined;

  constructor(options: AmqpTransportOptions) {
    this.#options = options;
  }

  async send(messages: readonly OutgoingMessage[], signal: AbortSignal): Promise<void> {
    await Promise.all(messages.map((message) => this.#enqueue(message, signal)));
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened === undefined) return;
    opened.giveUp(new Error("the producer is closed"));
    await within(5_000, opened.producer.close(), "closing").catch(() => {});
  }

  #enqueue(message: OutgoingMessage, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { message, signal, resolve, reject };
      const queue = this.#queues.get(message.deviceId);
      if (queue !== undefined) {
        queue.push(waiting);
        return;
      }
      this.#queues.set(message.deviceId, [waiting]);
      this.#ready.push(message.deviceId);
      // After the caller's loop, so that messages handed over together go together.
      this.#pumping ??= Promise.resolve().then(() => this.#pump());
    });
  }

  #pump(): void {
    this.#pumping = undefined;
    while (this.#sending < sendsInFlight) {
      const deviceId = this.#ready.shift();
      if (deviceId === undefined) return;
      this.#sending += 1;
      void this.#sendNext(deviceId);
    }
  }

  async #sendNext(deviceId: string): Promise<void> {
    const queue = this.#queues.get(deviceId)!;
    const batch = takeBatch(queue);
    try {
      await this.#sendBatch(
        batch.map(({ message }) => message),
        batch[0]!.signal,
      );
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    if (queue.length > 0) this.#ready.push(deviceId);
    else this.#queues.delete(deviceId);
    this.#sending -= 1;
    this.#pump();
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
        await within(attemptTimeoutMs, used.send(events, partitionKey), "a send");
      },
      (error) => {
        this.#options.onRetry(batch.length, error);
        // A fresh client reconnects at once; the failed one would wait for its own schedule.
        const busy = (error as { code?: unknown }).code === "SenderBusyError";
        if (!busy && this.#opened === used) void this.close();
      },
      signal,
    );
    this.#options.onAcknowledged(performance.now() - startedMs, batch.length);
  }
}
