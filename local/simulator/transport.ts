import type { OutgoingMessage } from "./message";

/** Carries messages to the platform; keeps trying until the signal ends it. */
export interface Transport {
  /**
   * Sends the messages and resolves once all are acknowledged. A failed attempt is repeated with the same message ids.
   * Rejects only with the signal's reason or with an error that no repetition can cure.
   */
  send(messages: readonly OutgoingMessage[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface TransportEvents {
  /** So many messages are sent once more, as their first attempt was not acknowledged. */
  readonly onRetry: (messages: number, error: unknown) => void;
  /** Wall time from handing over to acknowledgement, ms. */
  readonly onAcknowledged: (latencyMs: number, messages: number) => void;
}

const firstRetryMs = 50;
const longestRetryMs = 1000;

/** Resolves after the delay; rejects when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
  });
}

/** Repeats the attempt until it succeeds, with growing pauses of a second at most. */
export async function untilSent(
  attempt: () => Promise<void>,
  onFailure: (error: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let delayMs = firstRetryMs; ; delayMs = Math.min(longestRetryMs, delayMs * 2)) {
    signal.throwIfAborted();
    try {
      await attempt();
      return;
    } catch (error) {
      signal.throwIfAborted();
      onFailure(error);
      await pause(delayMs, signal);
    }
  }
}

/** Rejects when the promise takes longer; the promise itself goes on and its outcome is dropped. */
export function within<T>(ms: number, promise: Promise<T>, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
