import { errors } from "../cosmos-error";
import type { Container } from "./container";
import type { HistoryEntry } from "./item";
import type { PartitionKeyPart } from "./partition-key";

/** Which changes a reader asks for. */
export interface FeedRequest {
  /** The log sequence number that was read last; changes after it are returned. */
  readonly after: number;
  /** Only changes at or after this second. */
  readonly sinceSeconds: number | undefined;
  readonly includes: (parts: readonly PartitionKeyPart[], partition: string) => boolean;
  readonly maxItems: number;
}

export interface FeedPage {
  /** Changes as JSON, in order. */
  readonly texts: readonly string[];
  /** Where the next page starts. */
  readonly lsn: number;
}

/**
 * Reads the latest version of each item that changed, in the order of changes. Changes of one commit are never split
 * over pages, so that a page may be a little longer than asked.
 */
export function readLatestVersions(container: Container, request: FeedRequest): FeedPage {
  const { feed } = container;
  const texts: string[] = [];
  let lsn = request.after;
  let at = firstAfter(feed, request.after);
  for (; at < feed.length; at++) {
    const item = feed[at] as (typeof feed)[number];
    if (texts.length >= request.maxItems && item.lsn !== lsn) return { texts, lsn };
    lsn = item.lsn;
    if (!item.live || !request.includes(item.parts, item.partition)) continue;
    if (request.sinceSeconds !== undefined && item.ts < request.sinceSeconds) continue;
    texts.push(`${item.text.slice(0, -1)},"_lsn":${item.lsn}}`);
  }
  return { texts, lsn: container.lsn };
}

/** Reads every version and deletion within the container's retention. @throws CosmosError 400 without a policy */
export function readAllVersions(container: Container, request: FeedRequest): FeedPage {
  const { history, settings } = container;
  if (settings.historySeconds === undefined) {
    throw errors.badRequest(
      "Full-Fidelity Feed is not enabled: the container has no change feed policy with a retention.",
    );
  }
  const texts: string[] = [];
  let lsn = request.after;
  for (let at = firstAfter(history, request.after); at < history.length; at++) {
    const entry = history[at] as HistoryEntry;
    if (texts.length >= request.maxItems && entry.lsn !== lsn) return { texts, lsn };
    lsn = entry.lsn;
    const late = request.sinceSeconds !== undefined && entry.ts < request.sinceSeconds;
    if (!late && request.includes(entry.parts, "")) texts.push(encodeEntry(entry, container));
  }
  return { texts, lsn: container.lsn };
}

function firstAfter(entries: readonly { readonly lsn: number }[], lsn: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle] as { lsn: number }).lsn > lsn) high = middle;
    else low = middle + 1;
  }
  return low;
}

function encodeEntry(entry: HistoryEntry, container: Container): string {
  const deleted = entry.operation === "delete";
  const { paths } = container.settings.partitionKey;
  return JSON.stringify({
    current: entry.current ?? {},
    ...(entry.previous !== undefined && { previous: entry.previous }),
    metadata: {
      operationType: entry.operation,
      lsn: entry.lsn,
      crts: entry.ts,
      ...(entry.previousLsn !== undefined && { previousImageLSN: entry.previousLsn }),
      ...(deleted && {
        timeToLiveExpired: entry.expired,
        id: entry.id,
        partitionKey: Object.fromEntries(
          paths.map((path, index) => [path.slice(1), entry.parts[index] ?? null]),
        ),
      }),
    },
  });
}
