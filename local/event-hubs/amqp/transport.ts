import type { Socket } from "node:net";
import { emptyFrame } from "./frames";

/** Above this many unsent bytes a connection takes no more deliveries. */
const highWaterBytes = 8 * 1024 * 1024;
const joinBelowBytes = 16 * 1024;

/** Writes of one connection: gathered a tick, with back-pressure and heartbeats. */
export class Transport {
  readonly #socket: Socket;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #scheduled = false;
  #heartbeat: NodeJS.Timeout | undefined;
  #wroteSinceBeat = false;
  #writable: () => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("drain", () => this.#writable());
  }

  /** Called when room for more deliveries is there again. */
  onWritable(callback: () => void): void {
    this.#writable = callback;
  }

  /** True while the peer does not take what it was sent. */
  get full(): boolean {
    return this.#queuedBytes + this.#socket.writableLength > highWaterBytes;
  }

  write(bytes: Buffer): void {
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(() => this.flush());
  }

  flush(): void {
    this.#scheduled = false;
    const queue = this.#queue;
    if (queue.length === 0) return;
    this.#queue = [];
    const total = this.#queuedBytes;
    this.#queuedBytes = 0;
    this.#wroteSinceBeat = true;
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    if (queue.length === 1) this.#socket.write(queue[0] as Buffer);
    else if (total <= joinBelowBytes) this.#socket.write(Buffer.concat(queue, total));
    else {
      this.#socket.cork();
      for (const bytes of queue) this.#socket.write(bytes);
      this.#socket.uncork();
    }
  }

  /** Sends an empty frame whenever half of the peer's idle time-out passes without another write. */
  startHeartbeat(peerIdleTimeoutMs: number): void {
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(
      () => {
        if (!this.#wroteSinceBeat) this.write(emptyFrame);
        this.#wroteSinceBeat = false;
      },
      Math.max(50, Math.floor(peerIdleTimeoutMs / 3)),
    );
    this.#heartbeat.unref();
  }

  /** Sends what is queued and ends the connection. */
  end(): void {
    clearInterval(this.#heartbeat);
    this.flush();
    this.#socket.end();
  }

  destroy(): void {
    clearInterval(this.#heartbeat);
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#socket.destroy();
  }
}
