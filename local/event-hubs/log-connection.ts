import { connect, type Socket } from "node:net";
import { EventHubsError, type EventHubsErrorCode } from "./errors";
import { decodeJson, encodeJson, encodeWire, frameTypes, WireCutter, type WireFrame } from "./log-wire";

interface Outstanding {
  readonly bytes: Buffer;
  readonly resolve: (body: Buffer) => void;
  readonly reject: (error: Error) => void;
}

const retryDelaysMs = [20, 50, 100, 200, 500];

/** One connection to the log server that comes back by itself and then repeats what was not answered, in order. */
export class LogConnection {
  readonly #port: number;
  readonly #token: string;
  readonly #outstanding = new Map<number, Outstanding>();
  #socket: Socket | undefined;
  #ready = false;
  #closed = false;
  #attempt = 0;
  #nextId = 1;
  #retry: NodeJS.Timeout | undefined;

  constructor(port: number, token: string) {
    this.#port = port;
    this.#token = token;
  }

  /** Sends a request with a JSON body and returns the JSON answer. */
  async ask(type: number, request: unknown): Promise<Readonly<Record<string, unknown>>> {
    return decodeJson(await this.request(type, [Buffer.from(JSON.stringify(request))]));
  }

  request(type: number, parts: readonly Uint8Array[]): Promise<Buffer> {
    if (this.#closed) return Promise.reject(closedError());
    const id = this.#nextId;
    this.#nextId = (id + 1) >>> 0;
    const bytes = encodeWire(type, id, parts);
    return new Promise((resolve, reject) => {
      this.#outstanding.set(id, { bytes, resolve, reject });
      if (this.#ready) this.#socket?.write(bytes);
      else if (this.#socket === undefined && this.#retry === undefined) this.#connect();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#failAll(closedError());
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined || socket.destroyed) return;
    await new Promise((resolve) => {
      socket.once("close", resolve);
      socket.destroy();
    });
  }

  #connect(): void {
    this.#retry = undefined;
    const socket = connect({ host: "127.0.0.1", port: this.#port });
    const cutter = new WireCutter();
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("connect", () => socket.write(encodeJson(frameTypes.hello, 0, { token: this.#token })));
    socket.on("data", (chunk) => {
      try {
        cutter.push(chunk, (frame) => this.#take(frame));
      } catch {
        socket.destroy();
      }
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#ready = false;
      this.#reconnect();
    });
  }

  #reconnect(): void {
    if (this.#closed || this.#outstanding.size === 0) return;
    const delay = retryDelaysMs[Math.min(this.#attempt++, retryDelaysMs.length - 1)] as number;
    this.#retry = setTimeout(() => this.#connect(), delay);
  }

  #take({ type, id, body }: WireFrame): void {
    if (id === 0) {
      if (type === frameTypes.failed) this.#refused(failureOf(body));
      else this.#greeted();
      return;
    }
    const outstanding = this.#outstanding.get(id);
    if (outstanding === undefined) return;
    this.#outstanding.delete(id);
    if (type === frameTypes.failed) outstanding.reject(failureOf(body));
    else outstanding.resolve(body);
  }

  #greeted(): void {
    this.#ready = true;
    this.#attempt = 0;
    for (const { bytes } of this.#outstanding.values()) this.#socket?.write(bytes);
  }

  /** The server does not want this client: asking again would not help. */
  #refused(error: EventHubsError): void {
    this.#failAll(error);
    this.#socket?.destroy();
  }

  #failAll(error: Error): void {
    const outstanding = [...this.#outstanding.values()];
    this.#outstanding.clear();
    for (const { reject } of outstanding) reject(error);
  }
}

function closedError(): EventHubsError {
  return new EventHubsError("amqp:not-allowed", "the log client is closed");
}

function failureOf(body: Buffer): EventHubsError {
  const { code, message, hint } = decodeJson(body);
  return new EventHubsError(
    code as EventHubsErrorCode,
    String(message),
    typeof hint === "string" ? { hint } : {},
  );
}
