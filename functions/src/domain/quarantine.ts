import type { InvalidReason } from "../../../contracts";
import { checkMessage, type TelemetryMessage, textOf } from "./telemetry-message";

/** What a replay of a quarantined message has done so far. */
export interface ReplayRecord {
  /** `claimed` before the message is sent, `sent` once the hub has it. */
  readonly state: "claimed" | "sent";
  readonly messageId: string;
  readonly body: string;
  readonly at: string;
}

/** A refused message, kept until somebody replays it. */
export interface QuarantinedMessage {
  readonly id: string;
  /** Partition key: the hub that the message came through. */
  readonly source: string;
  readonly reason: InvalidReason;
  readonly field: string | null;
  readonly detail: string;
  readonly body: string;
  readonly bodyEncoding: "utf8" | "base64";
  readonly hub: string;
  readonly partition: string;
  readonly sequence: number;
  readonly enqueuedTime: string;
  readonly messageId: string | null;
  readonly replay?: ReplayRecord;
}

/** Where refused messages are kept. */
export interface QuarantineSink {
  /** Keeps each message unless one of its id is there already; resolves when all are stored. */
  keep(messages: readonly QuarantinedMessage[]): Promise<void>;
}

/** Stores every message that the contract refuses; returns how many were refused. */
export function quarantineRefused(
  sink: QuarantineSink,
): (messages: readonly TelemetryMessage[]) => Promise<number> {
  return async (messages) => {
    const refused = messages.map(refusalOf).filter((document) => document !== undefined);
    if (refused.length > 0) await sink.keep(refused);
    return refused.length;
  };
}

/** The document of a refused message; undefined when the message is valid. */
export function refusalOf(message: TelemetryMessage): QuarantinedMessage | undefined {
  const validity = checkMessage(message);
  if (validity.valid) return undefined;
  const { hub, partition, sequence, enqueuedTime, messageId } = message;
  return {
    id: quarantineId(message),
    source: hub,
    reason: validity.reason,
    field: validity.field ?? null,
    detail: validity.detail,
    ...bodyOf(message.body),
    hub,
    partition,
    sequence,
    enqueuedTime,
    messageId,
  };
}

const plainId = /^[A-Za-z0-9_.:@~-]{1,200}$/;
const positionId = /^\d+-\d+$/;

/**
 * The id under which a message is kept: its message id, so that a client's retry or a replay of the log is kept once; else
 * its position. An id that Cosmos DB does not take, or that reads like a position, is written in hexadecimal.
 */
export function quarantineId(
  message: Pick<TelemetryMessage, "messageId" | "partition" | "sequence">,
): string {
  const { messageId, partition, sequence } = message;
  if (messageId === null || messageId === "") return `${partition}-${sequence}`;
  return plainId.test(messageId) && !positionId.test(messageId) ? messageId : `x${hexOf(messageId)}`;
}

function hexOf(text: string): string {
  const bytes = new TextEncoder().encode(text).subarray(0, 500);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A document may hold 2 MB as JSON, and escapes can make a text six times longer. */
const maxTextLength = 1_500_000;

function bodyOf(body: Uint8Array): Pick<QuarantinedMessage, "body" | "bodyEncoding"> {
  const text = textOf(body);
  const fits =
    text !== undefined && (body.length * 6 <= maxTextLength || JSON.stringify(text).length <= maxTextLength);
  return fits
    ? { body: text, bodyEncoding: "utf8" }
    : { body: Buffer.from(body).toString("base64"), bodyEncoding: "base64" };
}
