import { EventHubsError } from "../errors";
import { AmqpReader, type AmqpValue, Described } from "./decode";
import { AmqpWriter, described, type Encodable, list } from "./encode";

/** Descriptors of performatives, SASL frames and delivery states (OASIS AMQP 1.0 parts 2, 3 and 5). */
export const codes = {
  open: 0x10,
  begin: 0x11,
  attach: 0x12,
  flow: 0x13,
  transfer: 0x14,
  disposition: 0x15,
  detach: 0x16,
  end: 0x17,
  close: 0x18,
  error: 0x1d,
  accepted: 0x24,
  rejected: 0x25,
  released: 0x26,
  source: 0x28,
  target: 0x29,
  saslMechanisms: 0x40,
  saslInit: 0x41,
  saslOutcome: 0x44,
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
  sequence: 0x76,
  value: 0x77,
  footer: 0x78,
} as const;

export const frameTypeAmqp = 0;
export const frameTypeSasl = 1;
const headerBytes = 8;

/** One frame as it came; `body` is a view of the received bytes. */
export interface Frame {
  readonly type: number;
  readonly channel: number;
  readonly body: Buffer;
}

/** Makes the bytes of a frame with a performative and, behind it, a payload. */
export function encodeFrame(
  type: number,
  channel: number,
  code: number,
  fields: readonly Encodable[],
  payload?: Uint8Array,
): Buffer {
  const writer = new AmqpWriter(headerBytes).write(described(code, list(fields)));
  if (payload !== undefined) writer.raw(payload);
  const bytes = writer.bytes();
  bytes.writeUInt32BE(bytes.length, 0);
  bytes[4] = 2;
  bytes[5] = type;
  bytes.writeUInt16BE(channel, 6);
  return bytes;
}

/** The frame that keeps an idle connection open. */
export const emptyFrame: Buffer = Buffer.from([0, 0, 0, 8, 2, 0, 0, 0]);

/** Cuts a byte stream into frames; big frames are put together once, not once a chunk. */
export class FrameCutter {
  readonly #maxFrameBytes: number;
  #chunks: Buffer[] = [];
  #held = 0;
  #needed = headerBytes;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Bytes that no frame has used; empties the cutter. */
  rest(): Buffer {
    const rest = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#held = 0;
    this.#needed = headerBytes;
    return rest;
  }

  /**
   * Hands every complete frame to `take`, which may return false to stop (the bytes behind stay held).
   * @throws {EventHubsError} amqp:connection:framing-error for a frame beyond the limit or shorter than its header.
   */
  push(chunk: Buffer, take: (frame: Frame) => boolean): void {
    if (chunk.length > 0) this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#needed) return;
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    let at = 0;
    let going = true;
    this.#needed = headerBytes;
    while (going && bytes.length - at >= headerBytes) {
      const size = bytes.readUInt32BE(at);
      const bodyAt = (bytes[at + 4] as number) * 4;
      if (size > this.#maxFrameBytes || bodyAt < headerBytes || bodyAt > size) {
        throw new EventHubsError("amqp:connection:framing-error", `a frame of ${size} bytes is not allowed`);
      }
      if (bytes.length - at < size) {
        this.#needed = size;
        break;
      }
      going = take({
        type: bytes[at + 5] as number,
        channel: bytes.readUInt16BE(at + 6),
        body: bytes.subarray(at + bodyAt, at + size),
      });
      at += size;
    }
    this.#chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#held = bytes.length - at;
  }
}

/** A performative and the payload behind it. */
export interface Performative {
  readonly code: number;
  readonly fields: readonly AmqpValue[];
  readonly payload: Buffer;
}

/** @throws {EventHubsError} amqp:decode-error when the frame holds no performative. */
export function readPerformative(body: Buffer): Performative {
  const reader = new AmqpReader(body);
  const value = reader.read();
  if (!(value instanceof Described) || typeof value.descriptor !== "number" || !Array.isArray(value.value)) {
    throw new EventHubsError("amqp:decode-error", "the frame holds no performative");
  }
  return { code: value.descriptor, fields: value.value, payload: body.subarray(reader.position) };
}
