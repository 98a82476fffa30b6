import { join } from "node:path";
import { readJsonFile, replaceFile } from "./durable-file";

const writeIntervalMs = 100;
const retryMs = 1000;

/**
 * Positions of one function in its hub, one per partition: the sequence number to read next. Held in a file that is replaced in one
 * step, at most every 100 ms of wall time; what a killed process had not written yet is read, and handled, again.
 */
export class CheckpointFile {
  readonly path: string;
  readonly #positions = new Map<number, bigint>();
  readonly #onProblem: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param onProblem told when the file cannot be written, on a full disk for one; it is tried again */
  constructor(
    dataFolder: string,
    functionName: string,
    hub: string,
    consumerGroup: string,
    onProblem: (error: unknown) => void,
  ) {
    this.#onProblem = onProblem;
    this.path = join(
      dataFolder,
      "checkpoints",
      `${functionName}~${hub}~${consumerGroup.replace("$", "")}.json`,
    );
    const stored = (readJsonFile(this.path) ?? {}) as Readonly<Record<string, string>>;
    for (const [partition, position] of Object.entries(stored)) {
      this.#positions.set(Number(partition), BigInt(position));
    }
  }

  /** The sequence number to read next; undefined before the first checkpoint. */
  get(partition: number): bigint | undefined {
    return this.#positions.get(partition);
  }

  /** Everything before `nextSequence` is handled. */
  set(partition: number, nextSequence: bigint): void {
    this.#positions.set(partition, nextSequence);
    this.#timer ??= setTimeout(() => this.flush(), writeIntervalMs);
  }

  /** Writes what is not on disk yet; what cannot be written is tried again until `close`. */
  flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const entries = [...this.#positions].sort(([a], [b]) => a - b);
    const text = JSON.stringify(Object.fromEntries(entries.map(([p, next]) => [p, String(next)])));
    try {
      replaceFile(this.path, text);
    } catch (error) {
      this.#onProblem(error);
      this.#timer = setTimeout(() => this.flush(), retryMs);
    }
  }

  /** Writes a last time: after a close on a full disk some events are read, and handled, again. */
  close(): void {
    this.flush();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
