import { EventHubsError } from "./errors";

/**
 * The platform's own log protocol: frames of u32 length (of what follows), u8 type, u32 request id, and a body. Control
 * bodies are JSON; reads answer and appends carry bytes. A connection begins with `hello`.
 */
export const frameTypes = {
  hello: 1,
  partitions: 2,
  read: 3,
  append: 4,
  release: 5,
  state: 6,
  answer: 16,
  batch: 17,
  failed: 18,
} as const;

export const wireHeaderBytes = 9;
export const maxWireBytes = 64 * 1024 * 1024;

export interface WireFrame {
  readonly type: number;
  readonly id: number;
  readonly body: Buffer;
}

export function encodeWire(type: number, id: number, parts: readonly Uint8Array[]): Buffer {
  let length = wireHeaderBytes;
  for (const part of parts) length += part.length;
  const bytes = Buffer.allocUnsafe(length);
  bytes.writeUInt32BE(length - 4, 0);
  bytes[4] = type;
  bytes.writeUInt32BE(id, 5);
  let at = wireHeaderBytes;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function encodeJson(type: number, id: number, value: unknown): Buffer {
  return encodeWire(type, id, [Buffer.from(JSON.stringify(value))]);
}

/** @throws {EventHubsError} amqp:decode-error */
export function decodeJson(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Falls through to the one error below.
  }
  throw new EventHubsError("amqp:decode-error", "the frame's body is no JSON object");
}

/** Cuts a byte stream into frames. */
export class WireCutter {
  #chunks: Buffer[] = [];
  #held = 0;
  #needed = wireHeaderBytes;

  /** @throws {EventHubsError} amqp:connection:framing-error */
  push(chunk: Buffer, take: (frame: WireFrame) => void): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#needed) return;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    let at = 0;
    this.#needed = wireHeaderBytes;
    while (bytes.length - at >= wireHeaderBytes) {
      const length = bytes.readUInt32BE(at) + 4;
      if (length < wireHeaderBytes || length > maxWireBytes) {
        throw new EventHubsError(
          "amqp:connection:framing-error",
          `a frame of ${length} bytes is not allowed`,
        );
      }
      if (bytes.length - at < length) {
        this.#needed = length;
        break;
      }
      take({
        type: bytes[at + 4] as number,
        id: bytes.readUInt32BE(at + 5),
        body: bytes.subarray(at + wireHeaderBytes, at + length),
      });
      at += length;
    }
    this.#chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#held = bytes.length - at;
  }
}

/** Head of an append's body: 0 i64 client id, 8 u32 client sequence, 12 i32 partition (-1: by key), 16 u16 hub bytes. */
export const appendHeadBytes = 18;

/** Head of a batch's body: 0 f64 next sequence, 8 f64 server clock, 16 u8 end of log, 17 u32 runs. */
export const batchHeadBytes = 21;

/** Head of a run in a batch: 0 f64 first sequence, 8 f64 enqueued ms, 16 f64 appended wall ms, 24 u32 count, 28 u32 bytes. */
export const runHeadBytes = 32;
