import { checkFactoryTelemetry, type FactoryTelemetry } from "../../contracts";

/** A message as one place of the platform has it. */
export interface LoggedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly enqueuedMs: number;
  readonly partition: number;
  readonly sequence: bigint;
}

/** What must become of the messages of a log, by the rules of architecture.md 4.1. */
export interface Fates {
  /** Distinct valid events, with the log entry that is kept; key is eventId. */
  readonly stored: ReadonlyMap<string, { readonly event: FactoryTelemetry; readonly message: LoggedMessage }>;
  /** Message ids of valid copies of a stored event. */
  readonly duplicates: ReadonlySet<string>;
  /** Message ids of refused messages. */
  readonly quarantined: ReadonlySet<string>;
  /** Log entries beyond the first of a message id: a client's own retry. */
  readonly redelivered: number;
  /** Stored events of which some copy came within the late tolerance; by eventId. */
  readonly counted: ReadonlySet<string>;
  /** Stored events that no copy brought in time; by eventId. */
  readonly late: ReadonlySet<string>;
}

const earlyToleranceMs = 5 * 60_000;

function before(a: LoggedMessage, b: LoggedMessage): boolean {
  if (a.enqueuedMs !== b.enqueuedMs) return a.enqueuedMs < b.enqueuedMs;
  if (a.partition !== b.partition) return a.partition < b.partition;
  return a.sequence < b.sequence;
}

/** Decides each message's fate from the log alone. */
export async function fatesOf(
  messages: AsyncIterable<LoggedMessage> | Iterable<LoggedMessage>,
  lateToleranceMs: number,
): Promise<Fates> {
  const stored = new Map<string, { event: FactoryTelemetry; message: LoggedMessage }>();
  const duplicates = new Set<string>();
  const quarantined = new Set<string>();
  const counted = new Set<string>();
  const seen = new Set<string>();
  let redelivered = 0;
  for await (const message of messages) {
    const again = seen.has(message.messageId);
    seen.add(message.messageId);
    if (again) redelivered += 1;
    const validity = checkFactoryTelemetry(message.body);
    if (!validity.valid) {
      quarantined.add(message.messageId);
      continue;
    }
    const { event } = validity;
    const known = stored.get(event.eventId);
    if (known === undefined) stored.set(event.eventId, { event, message });
    else if (before(message, known.message)) {
      stored.set(event.eventId, { event, message });
      if (known.message.messageId !== message.messageId) duplicates.add(known.message.messageId);
    } else if (known.message.messageId !== message.messageId) duplicates.add(message.messageId);
    const delayMs = message.enqueuedMs - Date.parse(event.eventTime);
    if (delayMs <= lateToleranceMs && delayMs >= -earlyToleranceMs) counted.add(event.eventId);
  }
  for (const { message } of stored.values()) duplicates.delete(message.messageId);
  const late = new Set([...stored.keys()].filter((eventId) => !counted.has(eventId)));
  return { stored, duplicates, quarantined, redelivered, counted, late };
}
