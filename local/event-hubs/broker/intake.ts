/** What a connection sent and the disk has not taken yet; above the limit the connection is not read. */
export class Intake {
  readonly #pause: () => void;
  readonly #resume: () => void;
  readonly #maxBytes: number;
  #bytes = 0;
  #paused = false;

  constructor(maxBytes: number, pause: () => void, resume: () => void) {
    this.#maxBytes = maxBytes;
    this.#pause = pause;
    this.#resume = resume;
  }

  enter(bytes: number): void {
    this.#bytes += bytes;
    if (this.#paused || this.#bytes <= this.#maxBytes) return;
    this.#paused = true;
    this.#pause();
  }

  leave(bytes: number): void {
    this.#bytes -= bytes;
    if (!this.#paused || this.#bytes > this.#maxBytes / 2) return;
    this.#paused = false;
    this.#resume();
  }
}
