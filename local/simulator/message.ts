/** Protocol by which a message is sent. */
export type Via = "mqtt" | "amqp";

/** What is wrong with a simulated message. */
export type Fault = "late" | "duplicate" | "outOfOrder" | "malformed" | "invalid";

/** All kinds of faults, in the order of the options that ask for them. */
export const faults: readonly Fault[] = ["late", "duplicate", "outOfOrder", "malformed", "invalid"];

/** One message, fixed before it is sent. */
export interface OutgoingMessage {
  /** Same in every attempt to send it. */
  readonly messageId: string;
  /** Platform clock, ms: not sent before. */
  readonly sendAtMs: number;
  readonly via: Via;
  readonly fault: Fault | null;
  /** The partition key. */
  readonly deviceId: string;
  /** The exact text sent. */
  readonly body: string;
  /** Application properties. */
  readonly properties?: Readonly<Record<string, string | number>>;
}

/** What is sent when the platform clock has reached `atMs`; ticks come in order of `atMs`. */
export interface Tick {
  readonly atMs: number;
  readonly messages: readonly OutgoingMessage[];
}
