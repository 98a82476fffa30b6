import { checkFactoryTelemetry, type Validity } from "../../../contracts";

/** A message of the telemetry hub with its place in the log. */
export interface TelemetryMessage {
  readonly body: Uint8Array;
  readonly hub: string;
  readonly partition: string;
  readonly sequence: number;
  /** ISO 8601 UTC. */
  readonly enqueuedTime: string;
  readonly messageId: string | null;
}

export type BodyText = { readonly encoding: "utf8" | "base64"; readonly text: string };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The body as text, or undefined when it is not UTF-8. */
export function textOf(body: Uint8Array): string | undefined {
  try {
    return decoder.decode(body);
  } catch {
    return undefined;
  }
}

/** Decides on a message; bytes that are not UTF-8 are malformed. */
export function checkMessage(message: Pick<TelemetryMessage, "body">): Validity {
  const text = textOf(message.body);
  return text === undefined
    ? { valid: false, reason: "MALFORMED", detail: "the message is not UTF-8" }
    : checkFactoryTelemetry(text);
}
