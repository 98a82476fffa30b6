import type { ObjectValue } from "../sql";
import type { PartitionKeyPart } from "./partition-key";

/** One version of an item. Versions are never changed; a write makes another one. */
export interface StoredItem {
  readonly id: string;
  /** With the system properties `_rid`, `_self`, `_etag`, `_attachments` and `_ts`. */
  readonly body: ObjectValue;
  /** The body as JSON. */
  readonly text: string;
  readonly parts: readonly PartitionKeyPart[];
  readonly partition: string;
  readonly etag: string;
  /** Place among the items of its container by first creation; kept over versions. */
  readonly ordinal: number;
  readonly lsn: number;
  /** Seconds since 1970. */
  readonly ts: number;
  /** First second at which the item is gone; Infinity without a time to live. */
  expiresAt: number;
  /** False once another version or a deletion has taken its place. */
  live: boolean;
}

/** Items of one partition key, in the order of their creation. */
export interface Partition {
  readonly text: string;
  readonly parts: readonly PartitionKeyPart[];
  readonly items: Map<string, StoredItem>;
  effectiveKey?: string;
}

/** One entry of the all-versions-and-deletes feed. */
export interface HistoryEntry {
  readonly lsn: number;
  readonly ts: number;
  readonly operation: "create" | "replace" | "delete";
  readonly id: string;
  readonly parts: readonly PartitionKeyPart[];
  readonly current: ObjectValue | undefined;
  readonly previous: ObjectValue | undefined;
  readonly previousLsn: number | undefined;
  readonly expired: boolean;
}
