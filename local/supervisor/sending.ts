import type { ProcessEvent } from "../process/child";
import { LocalError, type LocalErrorCode, localErrors } from "../process/errors";
import type { ClockOwner } from "./clock-owner";

/** What the sender did; times are event time. */
export interface SentSummary {
  /** Messages acknowledged. */
  readonly sent: number;
  readonly redelivered: number;
  /** Event time of the last tick. */
  readonly endMs: number;
}

export interface SendingOptions {
  readonly clock: ClockOwner;
  /** Start of the clock, ms since 1970. */
  readonly startMs: number;
  /** Wall seconds of a simulated run, to tell how far the sender is; null when there is no end. */
  readonly sendSeconds: number | null;
}

/** The members of the sender's events; each kind carries those it needs. */
interface SenderEvent extends SentSummary {
  readonly untilMs: number;
  readonly toMs: number;
  readonly share: number;
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
}

/** How far the sender is, and the clock's side of it: the clock passes when the sender says so. */
export class Sending {
  readonly #options: SendingOptions;
  readonly #waiters: { readonly share: number; readonly wake: () => void }[] = [];
  #share = 0;
  #end: { resolve: (sent: SentSummary) => void; reject: (error: Error) => void } | undefined;

  constructor(options: SendingOptions) {
    this.#options = options;
  }

  /** Resolves when everything is sent and acknowledged; rejects when the sender gives up. */
  ended(): Promise<SentSummary> {
    return new Promise((resolve, reject) => {
      this.#end = { resolve, reject };
    });
  }

  /** Resolves once that share of what is to be sent is sent. */
  reached(share: number): Promise<void> {
    if (this.#share >= share) return Promise.resolve();
    return new Promise((wake) => this.#waiters.push({ share, wake }));
  }

  /** Takes an event of the sender; returns whether it was one. */
  take({ kind, data }: ProcessEvent): boolean {
    const { clock } = this.#options;
    const value = data as SenderEvent;
    switch (kind) {
      case "clock.release":
        clock.release(value.untilMs);
        this.#released(value.untilMs);
        return true;
      case "clock.jump":
        clock.jump(value.toMs);
        return true;
      case "sender.progress":
        this.#set(value.share);
        return true;
      case "sender.done":
        this.#set(1);
        this.#end?.resolve(value);
        return true;
      case "sender.failed":
        this.#end?.reject(failureOf(value));
        return true;
      default:
        return false;
    }
  }

  #released(untilMs: number): void {
    const { sendSeconds, startMs, clock } = this.#options;
    if (sendSeconds !== null) this.#set((untilMs - startMs) / (sendSeconds * clock.speed * 1000));
  }

  #set(share: number): void {
    this.#share = Math.max(this.#share, share);
    const due = this.#waiters.filter((waiter) => waiter.share <= this.#share);
    for (const waiter of due) {
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
      waiter.wake();
    }
  }
}

function failureOf({ code, message, detail, hint }: SenderEvent): LocalError {
  return new LocalError(code in localErrors ? (code as LocalErrorCode) : "LOCAL_RUN_INCOMPLETE", message, {
    ...(detail !== undefined && { detail }),
    ...(hint !== undefined && { hint }),
  });
}
