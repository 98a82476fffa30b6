import type { LogAppend, LogClient } from "../event-hubs/log-api";

interface Waiting {
  readonly event: LogAppend;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface AppendQueueOptions {
  readonly log: Pick<LogClient, "append">;
  readonly hub: string;
  /** Told about each failed attempt; the queue goes on trying. */
  readonly onRetry: (error: unknown) => void;
  /** Told the wall time of each successful append, ms. */
  readonly onAppended: (latencyMs: number, events: number) => void;
  /** Wall time between attempts. @default 200 */
  readonly retryDelayMs?: number;
}

const batchEvents = 500;
const batchBytes = 1024 * 1024;

/**
 * Carries events into one hub's log in their order, many to an append. A promise resolves when its event is durable;
 * an append that fails is tried again until the queue closes, so that a restart of the broker only costs time.
 */
export class AppendQueue {
  readonly #options: AppendQueueOptions;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: AppendQueueOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#waiting.length;
  }

  append(event: LogAppend): Promise<void> {
    if (this.#closed) return Promise.reject(new Error("the hub is closing"));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ event, bytes: event.body.length + 512, resolve, reject });
      this.#running ??= Promise.resolve().then(() => this.#run());
    });
  }

  /** Finishes the append in progress and refuses the rest, which their senders send again. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      if (await this.#store(batch)) for (const { resolve } of batch) resolve();
      else for (const { reject } of batch) reject(new Error("the hub is closing"));
    }
    this.#running = undefined;
  }

  #take(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && count < batchEvents) {
      bytes += this.#waiting[count]!.bytes;
      if (count > 0 && bytes > batchBytes) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #store(batch: readonly Waiting[]): Promise<boolean> {
    const events = batch.map(({ event }) => event);
    for (let attempt = 0; attempt === 0 || !this.#closed; attempt += 1) {
      const startedMs = performance.now();
      try {
        await this.#options.log.append(this.#options.hub, events);
        this.#options.onAppended(performance.now() - startedMs, events.length);
        return true;
      } catch (error) {
        this.#options.onRetry(error);
        await new Promise((resolve) => setTimeout(resolve, this.#options.retryDelayMs ?? 200));
      }
    }
    return false;
  }
}
