import { connectLog } from "../event-hubs";
import { pause } from "./transport";

const pollMs = 2;

/** Watches the broker's platform clock through its internal port. */
export class ServerClock {
  readonly #log: ReturnType<typeof connectLog>;
  readonly #hub: string;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(log: { readonly port: number; readonly token: string }, hub: string) {
    this.#log = connectLog(log);
    this.#hub = hub;
  }

  /** Resolves once the broker stamps events with that moment or a later one. */
  async reached(atMs: number, signal: AbortSignal): Promise<void> {
    while (this.#lastMs < atMs) {
      signal.throwIfAborted();
      // Any read tells the time; the oldest event is always readable.
      const { serverClockMs } = await this.#log.read({
        hub: this.#hub,
        partition: 0,
        fromSequence: 0n,
        maxRecords: 1,
        waitMs: 0,
      });
      this.#lastMs = serverClockMs;
      if (this.#lastMs < atMs) await pause(pollMs, signal);
    }
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}
