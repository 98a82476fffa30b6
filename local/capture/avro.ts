import { Type } from "avsc";
import type { LogRecord } from "../event-hubs";

/** The schema of the service's captured files. */
export const captureSchema = {
  type: "record",
  name: "EventData",
  namespace: "Microsoft.ServiceBus.Messaging",
  fields: [
    { name: "SequenceNumber", type: "long" },
    { name: "Offset", type: "string" },
    { name: "EnqueuedTimeUtc", type: "string" },
    { name: "SystemProperties", type: { type: "map", values: ["long", "double", "string", "bytes"] } },
    { name: "Properties", type: { type: "map", values: ["long", "double", "string", "bytes", "null"] } },
    { name: "Body", type: ["null", "bytes"] },
  ],
} as const;

const eventType = Type.forSchema(captureSchema as never, { wrapUnions: true });
const longType = Type.forSchema("long");
const headerType = Type.forSchema({
  type: "record",
  name: "Header",
  fields: [
    { name: "magic", type: { type: "fixed", name: "Magic", size: 4 } },
    { name: "meta", type: { type: "map", values: "bytes" } },
    { name: "sync", type: { type: "fixed", name: "Sync", size: 16 } },
  ],
});

type Wrapped = { long: number } | { double: number } | { string: string } | { bytes: Buffer } | null;

/** The service's text of an enqueued time: `M/d/yyyy h:mm:ss tt`, UTC. */
export function enqueuedText(ms: number): string {
  const time = new Date(ms);
  const hour = time.getUTCHours();
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${time.getUTCMonth() + 1}/${time.getUTCDate()}/${time.getUTCFullYear()}`;
  return `${date} ${hour % 12 || 12}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())} ${hour < 12 ? "AM" : "PM"}`;
}

function wrap(value: unknown): Wrapped {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return Number.isSafeInteger(value) ? { long: value } : { double: value };
  if (value instanceof Date) return { long: value.getTime() };
  if (Buffer.isBuffer(value)) return { bytes: value };
  return { string: typeof value === "object" ? JSON.stringify(value) : String(value) };
}

function wrapAll(values: Readonly<Record<string, unknown>>, keepNull: boolean): Record<string, Wrapped> {
  const wrapped: Record<string, Wrapped> = {};
  for (const [key, value] of Object.entries(values)) {
    const entry = wrap(value);
    if (entry !== null || keepNull) wrapped[key] = entry;
  }
  return wrapped;
}

/** Encodes one event as a datum of the schema. `SystemProperties` holds the annotations and the message id. */
export function encodeCaptured(record: LogRecord): Buffer {
  const system: Record<string, unknown> = { ...record.annotations() };
  if (record.messageId !== null) system["message-id"] = record.messageId;
  return eventType.toBuffer({
    SequenceNumber: Number(record.sequence),
    Offset: record.offset,
    EnqueuedTimeUtc: enqueuedText(record.enqueuedMs),
    SystemProperties: wrapAll(system, false),
    Properties: wrapAll(record.properties(), true),
    Body: { bytes: Buffer.from(record.body.buffer, record.body.byteOffset, record.body.byteLength) },
  });
}

/** The head of an Avro object container file, without compression. */
export function containerHeader(sync: Buffer): Buffer {
  return headerType.toBuffer({
    magic: Buffer.from("Obj\u0001", "latin1"),
    meta: {
      "avro.schema": Buffer.from(JSON.stringify(captureSchema)),
      "avro.codec": Buffer.from("null"),
    },
    sync,
  });
}

/** One block of a container file. */
export function containerBlock(data: readonly Buffer[], sync: Buffer): Buffer {
  const bytes = data.reduce((sum, datum) => sum + datum.length, 0);
  return Buffer.concat([longType.toBuffer(data.length), longType.toBuffer(bytes), ...data, sync]);
}
