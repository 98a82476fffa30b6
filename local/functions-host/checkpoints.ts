import { join } from "node:path";
import { readJsonFile, replaceFile } from "./durable-file";

const writeIntervalMs = 100;

/**
 * Positions of one function in its hub, one per partition: the sequence number to read next. Held in a file that is replaced in one
 * step, at most every 100 ms of wall time; what a killed process had not written yet is read, and handled, again.
 */
export class CheckpointFile {
  readonly path: string;
  readonly #positions = new Map<number, bigint>();
  #timer: NodeJS.Timeout | undefined;

  constructor(dataFolder: string, functionName: string, hub: string, consumerGroup: string) {
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

  /** Writes what is not on disk yet. */
  flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const entries = [...this.#positions].sort(([a], [b]) => a - b);
    replaceFile(this.path, JSON.stringify(Object.fromEntries(entries.map(([p, next]) => [p, String(next)]))));
  }
}
