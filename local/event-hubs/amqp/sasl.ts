import { EventHubsError } from "../errors";
import { symbols, ubyte } from "./encode";
import { textAt } from "./fields";
import { codes, encodeFrame, frameTypeSasl, type Performative } from "./frames";

/** Mechanisms that the service offers; the first three leave the proof to `$cbs`. */
export const saslMechanisms = ["MSSBCBS", "ANONYMOUS", "EXTERNAL", "PLAIN"] as const;

export const saslHeader: Buffer = Buffer.from([0x41, 0x4d, 0x51, 0x50, 3, 1, 0, 0]);
export const amqpHeader: Buffer = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 1, 0, 0]);

export function mechanismsFrame(): Buffer {
  return encodeFrame(frameTypeSasl, 0, codes.saslMechanisms, [symbols(saslMechanisms)]);
}

/** Outcome 0 lets the client go on, 1 says that its user name or password is wrong. */
export function outcomeFrame(outcome: 0 | 1): Buffer {
  return encodeFrame(frameTypeSasl, 0, codes.saslOutcome, [ubyte(outcome)]);
}

/** What a client's sasl-init says: nothing, or a key by name. */
export interface SaslChoice {
  readonly mechanism: string;
  readonly plain?: { readonly userName: string; readonly password: string };
}

/** @throws {EventHubsError} amqp:decode-error when the frame is no sasl-init. */
export function readSaslInit(performative: Performative): SaslChoice {
  if (performative.code !== codes.saslInit) {
    throw new EventHubsError("amqp:decode-error", "the frame is no sasl-init");
  }
  const mechanism = textAt(performative.fields, 0) ?? "";
  if (mechanism !== "PLAIN") return { mechanism };
  const response = performative.fields[1];
  const parts = Buffer.isBuffer(response) ? response.toString("utf8").split("\0") : [];
  return { mechanism, plain: { userName: parts[1] ?? "", password: parts[2] ?? "" } };
}
