import { AmqpReader, type AmqpValue, codes, Described } from "../amqp";
import { EventHubsError } from "../errors";

/** Annotations that the service sets itself; a publisher's own are dropped. */
const ownedAnnotations = new Set([
  "x-opt-sequence-number",
  "x-opt-offset",
  "x-opt-enqueued-time",
  "com.microsoft:producer-epoch",
  "com.microsoft:producer-id",
  "com.microsoft:producer-sequence-number",
]);
const partitionKeyAnnotation = "x-opt-partition-key";

/** A message cut into what the log keeps: raw annotation pairs and the sections behind them. */
export interface MessageParts {
  /** Encoded key-value pairs, one buffer each or several pairs in one. */
  readonly annotations: readonly Buffer[];
  /** Keys and values in `annotations`, counted as the map counts them. */
  readonly annotationCount: number;
  readonly partitionKey: string | undefined;
  /** Properties, application properties, body and footer as sent. */
  readonly rest: Buffer;
}

function malformed(what: string): EventHubsError {
  return new EventHubsError("amqp:decode-error", `the message cannot be read: ${what}`);
}

/** Descriptor of the section that starts at the reader's position; the reader then stands on its value. */
function sectionCode(reader: AmqpReader): number {
  const { buffer, position } = reader;
  if (buffer[position] !== 0x00) throw malformed("a section has no descriptor");
  // Every encoder writes the small form; the long one is legal and rare.
  if (buffer[position + 1] === 0x53 && position + 2 < reader.end) {
    reader.position = position + 3;
    return buffer[position + 2] as number;
  }
  reader.position = position + 1;
  const descriptor = reader.read();
  if (typeof descriptor !== "number") throw malformed("a section's descriptor is no number");
  return descriptor;
}

interface AnnotationParts {
  readonly slices: Buffer[];
  count: number;
  partitionKey: string | undefined;
}

function readAnnotations(reader: AmqpReader, into: AnnotationParts): void {
  const { buffer } = reader;
  const start = reader.position;
  const code = buffer[start];
  reader.skip();
  if (code === 0x40) return;
  if (code !== 0xc1 && code !== 0xd1) throw malformed("annotations are no map");
  const wide = code === 0xd1;
  if (reader.position - start < (wide ? 9 : 3)) throw malformed("annotations are cut off");
  const count = wide ? buffer.readUInt32BE(start + 5) : (buffer[start + 2] as number);
  const inner = new AmqpReader(buffer, start + (wide ? 9 : 3), reader.position);
  if (count % 2 !== 0 || count > inner.end - inner.position) throw malformed("annotations are cut off");
  let keepFrom = inner.position;
  for (let i = 0; i < count; i += 2) {
    const pairAt = inner.position;
    const key = inner.read();
    const valueAt = inner.position;
    inner.skip();
    if (typeof key === "string" && ownedAnnotations.has(key)) {
      if (pairAt > keepFrom) into.slices.push(buffer.subarray(keepFrom, pairAt));
      keepFrom = inner.position;
    } else {
      into.count += 2;
      if (key === partitionKeyAnnotation) {
        const value = new AmqpReader(buffer, valueAt, inner.position).read();
        if (typeof value === "string") into.partitionKey = value;
      }
    }
  }
  if (inner.position > keepFrom) into.slices.push(buffer.subarray(keepFrom, inner.position));
}

/**
 * Cuts one encoded message, without decoding its body.
 * @throws {EventHubsError} amqp:decode-error when the sections are not those of a message.
 */
export function cutMessage(buffer: Buffer, start = 0, end = buffer.length): MessageParts {
  const reader = new AmqpReader(buffer, start, end);
  const annotations: AnnotationParts = { slices: [], count: 0, partitionKey: undefined };
  let restAt = -1;
  while (!reader.done) {
    const sectionAt = reader.position;
    const code = sectionCode(reader);
    if (code < codes.header || code > codes.footer) throw malformed("a section of an unknown kind");
    if (code >= codes.properties) {
      if (restAt < 0) restAt = sectionAt;
      reader.skip();
    } else {
      if (restAt >= 0) throw malformed("sections are out of order");
      if (code === codes.messageAnnotations) readAnnotations(reader, annotations);
      else reader.skip();
    }
  }
  return {
    annotations: annotations.slices,
    annotationCount: annotations.count,
    partitionKey: annotations.partitionKey,
    rest: restAt < 0 ? buffer.subarray(end, end) : buffer.subarray(restAt, end),
  };
}

/**
 * Calls `take` with the bounds of each message in a batch (message-format 0x80013700: one data section an event).
 * @throws {EventHubsError} amqp:decode-error when a section is no data section.
 */
export function eachBatched(buffer: Buffer, take: (start: number, end: number) => void): void {
  const reader = new AmqpReader(buffer);
  while (!reader.done) {
    const code = sectionCode(reader);
    if (code !== codes.data) {
      if (code < codes.header || code > codes.footer) throw malformed("a section of an unknown kind");
      reader.skip();
      continue;
    }
    const at = reader.position;
    const type = buffer[at];
    reader.skip();
    if (type === 0xa0) take(at + 2, reader.position);
    else if (type === 0xb0) take(at + 5, reader.position);
    else throw malformed("a data section holds no bytes");
  }
}

/** Text keys and values of the message annotations in front of a batch or message; empty when there are none. */
export function envelopeAnnotations(buffer: Buffer): ReadonlyMap<string, AmqpValue> {
  const reader = new AmqpReader(buffer);
  while (!reader.done) {
    const code = sectionCode(reader);
    if (code > codes.messageAnnotations) break;
    if (code === codes.messageAnnotations) return textKeys(reader.read());
    reader.skip();
  }
  return new Map();
}

/** A stored message, decoded. */
export interface DecodedMessage {
  readonly annotations: ReadonlyMap<string, AmqpValue>;
  readonly properties: readonly AmqpValue[];
  readonly applicationProperties: ReadonlyMap<string, AmqpValue>;
  /** The bytes of the data sections, or of a value that is binary or text; empty for any other body. */
  readonly body: Buffer;
}

/** Decodes a stored message. Parts that a publisher encoded wrongly come back empty; the log keeps their bytes. */
export function decodeMessage(buffer: Buffer, start: number, end: number): DecodedMessage {
  let annotations: ReadonlyMap<string, AmqpValue> = new Map();
  let properties: readonly AmqpValue[] = [];
  let applicationProperties: ReadonlyMap<string, AmqpValue> = new Map();
  const data: Buffer[] = [];
  eachSection(buffer, start, end, (code, value) => {
    if (code === codes.messageAnnotations) annotations = textKeys(value);
    else if (code === codes.properties) properties = Array.isArray(value) ? value : [];
    else if (code === codes.applicationProperties) applicationProperties = textKeys(value);
    else if (code === codes.data && Buffer.isBuffer(value)) data.push(value);
    else if (code === codes.value && Buffer.isBuffer(value)) data.push(value);
    else if (code === codes.value && typeof value === "string") data.push(Buffer.from(value, "utf8"));
  });
  const body = data.length === 1 ? (data[0] as Buffer) : Buffer.concat(data);
  return { annotations, properties, applicationProperties, body };
}

/** Calls `take` with each section's code and value; a value that does not decode is left out. */
function eachSection(
  buffer: Buffer,
  start: number,
  end: number,
  take: (code: number, value: AmqpValue) => void,
): void {
  const reader = new AmqpReader(buffer, start, end);
  while (!reader.done) {
    const code = sectionCode(reader);
    const at = reader.position;
    reader.skip();
    try {
      take(code, new AmqpReader(buffer, at, reader.position).read());
    } catch (error) {
      if (!(error instanceof EventHubsError)) throw error;
    }
  }
}

function textKeys(value: AmqpValue): ReadonlyMap<string, AmqpValue> {
  const entries = new Map<string, AmqpValue>();
  if (value instanceof Map) {
    for (const [key, entry] of value) if (typeof key === "string") entries.set(key, entry);
  }
  return entries;
}

/** Unwraps what properties hold in places: a described value counts as its value. */
export function plainValue(value: AmqpValue): unknown {
  if (value instanceof Described) return plainValue(value.value);
  if (Array.isArray(value)) return value.map(plainValue);
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, entry]) => [String(key), plainValue(entry)]));
  }
  return value;
}
