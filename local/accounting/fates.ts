import { checkFactoryTelemetry, type FactoryTelemetry } from "../../contracts";
import { Buckets } from "./buckets";

/** A message as one place of the platform has it. */
export interface LoggedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly enqueuedMs: number;
  readonly partition: number;
  readonly sequence: bigint;
}

/** A distinct valid event. */
export interface StoredEvent {
  readonly event: FactoryTelemetry;
  /** Enqueued time of the copy that is kept: the first one. */
  readonly keptEnqueuedMs: number;
  /** Whether some copy came within the late tolerance. */
  readonly counted: boolean;
}

/** What must become of the messages of a log, by the rules in docs/architecture.md; numbers of distinct ids. */
export interface FateTotals {
  /** Distinct valid events. */
  readonly stored: number;
  /** Messages that are valid copies of a stored event. */
  readonly duplicates: number;
  readonly quarantined: number;
  /** Log entries beyond the first of a message id: a client's own retry. */
  readonly redelivered: number;
  /** Stored events of which some copy came within the late tolerance. */
  readonly counted: number;
  /** Stored events that no copy brought in time. */
  readonly late: number;
}

const earlyToleranceMs = 5 * 60_000;

/** A message without its text; `event` is null for a refused one. */
interface Entry {
  readonly id: string;
  readonly at: number;
  readonly partition: number;
  readonly sequence: number;
  readonly event: FactoryTelemetry | null;
}

function before(a: Entry, b: Entry): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.partition !== b.partition) return a.partition < b.partition;
  return a.sequence < b.sequence;
}

/**
 * Decides each message's fate from the log alone, one bucket of events at a time: any number of messages passes.
 *
 * @param workFolder for what does not fit in memory; made and removed
 * @param onStored called once for each stored event
 */
export async function decideFates(
  messages: AsyncIterable<LoggedMessage> | Iterable<LoggedMessage>,
  lateToleranceMs: number,
  workFolder: string,
  onStored: (stored: StoredEvent) => void,
): Promise<FateTotals> {
  const buckets = new Buckets<Entry>(workFolder);
  try {
    for await (const { messageId, body, enqueuedMs, partition, sequence } of messages) {
      const validity = checkFactoryTelemetry(body);
      const event = validity.valid ? validity.event : null;
      // A client's retry has the text of the first attempt, and so its bucket.
      buckets.add(event?.eventId ?? messageId, {
        id: messageId,
        at: enqueuedMs,
        partition,
        sequence: Number(sequence),
        event,
      });
    }
    const totals = { stored: 0, duplicates: 0, quarantined: 0, redelivered: 0, counted: 0, late: 0 };
    for (const bucket of buckets) decideBucket(bucket, lateToleranceMs, totals, onStored);
    return totals;
  } finally {
    buckets.remove();
  }
}

function decideBucket(
  entries: readonly Entry[],
  lateToleranceMs: number,
  totals: { -readonly [K in keyof FateTotals]: number },
  onStored: (stored: StoredEvent) => void,
): void {
  const kept = new Map<string, Entry & { readonly event: FactoryTelemetry }>();
  const counted = new Set<string>();
  const valid = new Set<string>();
  const refused = new Set<string>();
  const seen = new Set<string>();
  for (const entry of entries) {
    const { id, at, event } = entry;
    seen.add(id);
    if (event === null) {
      refused.add(id);
      continue;
    }
    valid.add(id);
    const known = kept.get(event.eventId);
    if (known === undefined || before(entry, known)) kept.set(event.eventId, { ...entry, event });
    const delayMs = at - Date.parse(event.eventTime);
    if (delayMs <= lateToleranceMs && delayMs >= -earlyToleranceMs) counted.add(event.eventId);
  }
  totals.stored += kept.size;
  totals.duplicates += valid.size - kept.size;
  totals.quarantined += refused.size;
  totals.redelivered += entries.length - seen.size;
  totals.counted += counted.size;
  totals.late += kept.size - counted.size;
  for (const [eventId, { event, at }] of kept) {
    onStored({ event, keptEnqueuedMs: at, counted: counted.has(eventId) });
  }
}
