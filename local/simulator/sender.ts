import { setMaxListeners } from "node:events";
import type { ClockGate } from "./clock-gate";
import type { Ledger } from "./ledger";
import type { OutgoingMessage, Tick, Via } from "./message";
import type { Transport } from "./transport";

export interface SenderOptions {
  readonly ticks: Iterable<Tick> | AsyncIterable<Tick>;
  readonly transports: Readonly<Record<Via, Transport>>;
  readonly gate: ClockGate;
  readonly ledger: Ledger;
  /** How far, in event time, the clock may run past the oldest tick that is not acknowledged. */
  readonly slackMs: number;
  /** Called before a tick is handed over, to pace a file by wall time. */
  readonly pace?: (messages: number, signal: AbortSignal) => Promise<void>;
  /** Ticks in progress at most. @default 8 */
  readonly ticksInFlight?: number;
}

interface InFlight {
  readonly tick: Tick;
  readonly messages: readonly OutgoingMessage[];
  done: boolean;
}

/**
 * Sends tick after tick, each not before the clock has reached it. Several ticks may be in progress, but the clock is
 * released only to the oldest unfinished tick and a slack, so that an on-time message has an enqueued time less than one
 * tick and the slack after its event time, however slow the machine. The ledger gets acknowledged messages in the order
 * of the ticks. Messages that an earlier run has noted are skipped.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #flying: InFlight[] = [];
  /** Aborts when the caller's signal does, and when a message cannot be sent. */
  readonly #ended = new AbortController();
  #wake: (() => void) | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
    // Every message in progress listens.
    setMaxListeners(0, this.#ended.signal);
  }

  /** Resolves when everything is acknowledged and noted; rejects when the signal aborts or a message cannot be sent. */
  async run(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const stop = () => this.#end(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    try {
      await this.#sendAll();
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async #sendAll(): Promise<void> {
    const { ledger, gate, pace, slackMs, ticksInFlight = 8 } = this.#options;
    const { signal } = this.#ended;
    let toSkip = ledger.resumeAt;
    for await (const tick of this.#options.ticks) {
      let { messages } = tick;
      if (toSkip > 0) {
        const skipped = Math.min(toSkip, messages.length);
        toSkip -= skipped;
        if (skipped > 0 && toSkip === 0) ledger.checkResume(messages[skipped - 1]!.messageId);
        messages = messages.slice(skipped);
        if (messages.length === 0) continue;
      }
      while (this.#flying.length >= ticksInFlight) await this.#progress();
      if (this.#flying.length === 0) gate.release(tick.atMs + slackMs);
      await gate.reach(tick.atMs, signal);
      if (messages.length > 0) await pace?.(messages.length, signal);
      this.#launch({ tick, messages, done: false });
    }
    if (toSkip > 0) ledger.checkResume("");
    while (this.#flying.length > 0) await this.#progress();
  }

  #end(reason: unknown): void {
    this.#ended.abort(reason);
    this.#wake?.();
  }

  #launch(flight: InFlight): void {
    this.#flying.push(flight);
    const { transports } = this.#options;
    const { signal } = this.#ended;
    const byVia: Record<Via, OutgoingMessage[]> = { mqtt: [], amqp: [] };
    for (const message of flight.messages) byVia[message.via].push(message);
    const sends = (["mqtt", "amqp"] as const)
      .filter((via) => byVia[via].length > 0)
      .map((via) => transports[via].send(byVia[via], signal));
    Promise.all(sends)
      .then(() => this.#landed(flight))
      .catch((error: unknown) => this.#end(error));
  }

  #landed(flight: InFlight): void {
    flight.done = true;
    const { ledger, gate, slackMs } = this.#options;
    let last: Tick | undefined;
    while (this.#flying[0]?.done) {
      const { messages, tick } = this.#flying.shift()!;
      ledger.append(messages);
      last = tick;
    }
    if (last !== undefined) gate.release((this.#flying[0]?.tick.atMs ?? last.atMs) + slackMs);
    this.#wake?.();
  }

  async #progress(): Promise<void> {
    const { signal } = this.#ended;
    signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
    signal.throwIfAborted();
  }
}
