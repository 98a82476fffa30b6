import { checkFactoryTelemetry } from "../../../contracts";
import { Problem } from "./problem";
import type { QuarantinedMessage, ReplayRecord } from "./quarantine";

/** A quarantined message with the version that a replacement has to name. */
export interface StoredQuarantine {
  readonly message: QuarantinedMessage;
  readonly etag: string;
}

/** Where quarantined messages are read and marked. */
export interface QuarantineStore {
  find(source: string, id: string): Promise<StoredQuarantine | undefined>;
  /** Sets the replay record if the etag still holds; returns the new state, or undefined when it lost a race. */
  mark(stored: StoredQuarantine, replay: ReplayRecord): Promise<StoredQuarantine | undefined>;
}

/** Puts a message back on the hub it came through. */
export interface TelemetrySender {
  send(message: {
    readonly body: string;
    readonly partitionKey: string;
    readonly messageId: string;
  }): Promise<void>;
}

export interface ReplayRequest {
  readonly source: string;
  readonly id: string;
  /** The body to send in place of the refused one. */
  readonly correctedBody?: string | undefined;
}

export interface ReplayAnswer {
  readonly id: string;
  readonly source: string;
  readonly replay: ReplayRecord;
  /** False when an earlier request had sent the message already. */
  readonly sentNow: boolean;
}

const maxRounds = 10;

/**
 * Sends a quarantined message to its hub again and marks it, once: the intent is stored before the message is sent, so that
 * two requests cannot send different bodies, and a request after a crash sends the same message under the same id.
 * @throws Problem when the message is unknown, would be refused again, or was replayed with another body.
 */
export function replayQuarantined(
  store: QuarantineStore,
  sender: TelemetrySender,
  now: () => string,
): (request: ReplayRequest) => Promise<ReplayAnswer> {
  return async (request) => {
    for (let round = 0; round < maxRounds; round++) {
      const stored = await store.find(request.source, request.id);
      if (stored === undefined) {
        throw new Problem("unknown-message", `"${request.id}" of ${request.source} is not in quarantine`);
      }
      const { message } = stored;
      const body = bodyToSend(message, request.correctedBody);
      const answer = (replay: ReplayRecord, sentNow: boolean) => ({
        id: message.id,
        source: message.source,
        replay,
        sentNow,
      });
      if (message.replay?.state === "sent") return answer(message.replay, false);

      const partitionKey = deviceOf(body);
      const messageId = `replay~${message.id}`;
      const claimed =
        message.replay === undefined
          ? await store.mark(stored, { state: "claimed", messageId, body, at: now() })
          : stored;
      if (claimed === undefined) continue;
      await sender.send({ body, partitionKey, messageId });
      const sent: ReplayRecord = { state: "sent", messageId, body, at: now() };
      if ((await store.mark(claimed, sent)) !== undefined) return answer(sent, true);
    }
    throw new Problem("unavailable", `the replay of "${request.id}" lost ${maxRounds} races in a row`);
  };
}

function bodyToSend(message: QuarantinedMessage, correctedBody: string | undefined): string {
  const earlier = message.replay?.body;
  if (earlier !== undefined) {
    if (correctedBody !== undefined && correctedBody !== earlier) {
      throw new Problem("replay-conflict", `"${message.id}" was replayed with another body before`);
    }
    return earlier;
  }
  if (correctedBody !== undefined) return correctedBody;
  if (message.bodyEncoding === "base64") {
    throw new Problem("still-invalid", "the message is not UTF-8: send a corrected body", {
      reason: message.reason,
    });
  }
  return message.body;
}

function deviceOf(body: string): string {
  const validity = checkFactoryTelemetry(body);
  if (!validity.valid) {
    throw new Problem("still-invalid", `${validity.detail}: send a corrected body`, {
      reason: validity.reason,
      field: validity.field ?? null,
    });
  }
  return validity.event.deviceId;
}
