import { transferHeaderBytes } from "./amqp";
import { EventHubsError } from "./errors";
import type { LogRecord } from "./log-api";
import { type DecodedMessage, decodeMessage, plainValue, storedOffset } from "./message";

const partitionKeyAnnotation = "x-opt-partition-key";
const emptyMessage: DecodedMessage = {
  annotations: new Map(),
  properties: [],
  applicationProperties: new Map(),
  body: Buffer.alloc(0),
};

const ownProperty = { enumerable: true, writable: true, configurable: true };

/** A stored message as the log client hands it out: decoded once, when first asked. */
export class StoredRecord implements LogRecord {
  readonly sequence: bigint;
  readonly enqueuedMs: number;
  readonly appendedWallMs: number;
  readonly #buffer: Buffer;
  readonly #at: number;
  readonly #end: number;
  #message: DecodedMessage | undefined;

  constructor(
    sequence: bigint,
    enqueuedMs: number,
    appendedWallMs: number,
    buffer: Buffer,
    at: number,
    end: number,
  ) {
    this.sequence = sequence;
    this.enqueuedMs = enqueuedMs;
    this.appendedWallMs = appendedWallMs;
    this.#buffer = buffer;
    this.#at = at;
    this.#end = end;
  }

  get offset(): string {
    return storedOffset(this.#buffer, this.#at);
  }

  get partitionKey(): string | null {
    const key = this.#decoded.annotations.get(partitionKeyAnnotation);
    return typeof key === "string" ? key : null;
  }

  get messageId(): string | null {
    const id = this.#decoded.properties[0] ?? null;
    if (id === null) return null;
    return Buffer.isBuffer(id) ? id.toString("hex") : String(id);
  }

  get body(): Uint8Array {
    return this.#decoded.body;
  }

  properties(): Readonly<Record<string, unknown>> {
    return plain(this.#decoded.applicationProperties);
  }

  annotations(): Readonly<Record<string, unknown>> {
    return plain(this.#decoded.annotations);
  }

  get #decoded(): DecodedMessage {
    if (this.#message === undefined) {
      try {
        this.#message = decodeMessage(this.#buffer, this.#at + transferHeaderBytes, this.#end);
      } catch (error) {
        // The log takes any bytes that have the form of sections; a reader must get over those that have no more.
        if (!(error instanceof EventHubsError)) throw error;
        this.#message = emptyMessage;
      }
    }
    return this.#message;
  }
}

function plain(map: DecodedMessage["annotations"]): Readonly<Record<string, unknown>> {
  const record: Record<string, unknown> = {};
  map.forEach((value, key) => {
    // Any publisher chooses keys; this one would set the prototype.
    if (key === "__proto__") Object.defineProperty(record, key, { ...ownProperty, value: plainValue(value) });
    else record[key] = plainValue(value);
  });
  return record;
}
