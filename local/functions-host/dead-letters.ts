import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { appendLine } from "./durable-file";
import type { HostLog } from "./invoker";

const retryMs = 1000;

/** An event that a function could not handle, however often it was repeated. */
export interface DeadLetter {
  readonly function: string;
  /** Hub and partition, or the container, that the event came from. */
  readonly source: string;
  readonly sequence: string;
  readonly body: string;
  readonly bodyEncoding: "utf8" | "base64";
  readonly error: string;
  /** Wall time. */
  readonly at: string;
}

/** Keeps dead letters, one JSON line each, on disk before the event counts as handled. */
export class DeadLetterFile {
  readonly path: string;
  readonly #log: HostLog;
  readonly #signal: AbortSignal;

  constructor(dataFolder: string, log: HostLog, signal: AbortSignal) {
    this.path = join(dataFolder, "dead-letters.ndjson");
    this.#log = log;
    this.#signal = signal;
  }

  /**
   * Resolves once the letter is on disk; on a full disk its function waits.
   * @throws the signal's reason when the host stops before that
   */
  async add(letter: DeadLetter): Promise<void> {
    for (;;) {
      try {
        appendLine(this.path, JSON.stringify(letter));
        return;
      } catch (error) {
        this.#log("error", `a dead letter of ${letter.function} is not written; trying again`, {
          error: String(error),
        });
        await sleep(retryMs, undefined, { signal: this.#signal });
      }
    }
  }
}
