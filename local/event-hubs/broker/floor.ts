import { closeSync, existsSync, openSync, readSync, writeSync } from "node:fs";

/**
 * A moment that enqueued times may not fall behind any more because a reader was told so. It is on disk before the
 * answer leaves, so that the promise outlives the process.
 */
export class PromiseFloor {
  readonly #file: number;
  readonly #bytes = Buffer.alloc(8);
  #ms: number;

  constructor(path: string) {
    const exists = existsSync(path);
    this.#file = openSync(path, exists ? "r+" : "w+");
    this.#ms = readSync(this.#file, this.#bytes, 0, 8, 0) === 8 ? this.#bytes.readDoubleBE(0) : 0;
  }

  get ms(): number {
    return this.#ms;
  }

  raise(ms: number): void {
    if (ms <= this.#ms) return;
    this.#bytes.writeDoubleBE(ms, 0);
    writeSync(this.#file, this.#bytes, 0, 8, 0);
    this.#ms = ms;
  }

  close(): void {
    closeSync(this.#file);
  }
}
