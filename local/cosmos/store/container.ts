import type { ObjectValue } from "../sql";
import { canonicalText } from "../sql";
import type { ContainerSettings } from "./container-settings";
import { validTtl } from "./container-settings";
import type { HistoryEntry, Partition, StoredItem } from "./item";
import { Journal } from "./journal";
import { extractPartitionKey, partitionText, pathSteps } from "./partition-key";
import { documentRids } from "./resource-id";
import { indexItem } from "./sorted-index";

/** A change as it is committed: a new version, or the end of one. */
export type Change =
  | { readonly kind: "put"; readonly item: StoredItem }
  | { readonly kind: "delete"; readonly item: StoredItem; readonly expired: boolean };

/** Changes that become visible together, under one log sequence number. */
export interface Commit {
  readonly lsn: number;
  readonly ts: number;
  readonly changes: readonly Change[];
}

/** Where a container lives: its numbers in the resource ids, its journal. */
export interface ContainerPlace {
  readonly rid: string;
  readonly databaseRid: string;
  readonly databaseNumber: number;
  readonly number: number;
  readonly journalPath: string;
}

/** The journal is rewritten when it is this large and more than twice what is alive. */
const minCompactionBytes = 8 * 1024 * 1024;
const compactionPageItems = 1_000;

type JournalRecord =
  | { readonly l: number; readonly t: number; readonly c: readonly JournalChange[] }
  | { readonly top: { readonly lsn: number; readonly ordinal: number } }
  | { readonly history: readonly HistoryEntry[] };
type JournalChange =
  | readonly [ordinal: number, body: ObjectValue]
  | readonly [partition: string, id: string, expired: 0 | 1];

/** The items of one container in memory, backed by its journal. Every method is synchronous but compaction. */
export class Container {
  readonly place: ContainerPlace;
  settings: ContainerSettings;
  readonly partitions = new Map<string, Partition>();
  /** Items in the order of creation; those that are not live any more are skipped and swept out. */
  items: StoredItem[] = [];
  /** Versions in the order of their commits; those that are not live any more are skipped and swept out. */
  feed: StoredItem[] = [];
  history: HistoryEntry[] = [];
  lsn = 0;
  nextOrdinal = 1;
  count = 0;
  liveBytes = 0;
  readonly unique = new Map<string, string>();
  readonly documentRid: (ordinal: number) => string;
  /** Bytes of a torn write that were cut off when the container was opened. */
  readonly droppedBytes: number;
  readonly #journal: Journal;
  #steps: readonly (readonly string[])[] = [];
  #uniqueSteps: readonly (readonly (readonly string[])[])[] = [];
  readonly #expiries = new Map<number, Set<StoredItem>>();
  #sweptTo = 0;
  /** Records up to here come from a rewritten journal and are no history. */
  #snapshotLsn = 0;
  #compacting: Promise<void> | undefined;

  constructor(place: ContainerPlace, settings: ContainerSettings) {
    this.place = place;
    this.settings = settings;
    this.documentRid = documentRids(place.databaseNumber, place.number);
    this.#readSteps();
    const { journal, droppedBytes } = Journal.open(place.journalPath, (payload) =>
      this.#replay(JSON.parse(payload.toString("utf8")) as JournalRecord),
    );
    this.#journal = journal;
    this.droppedBytes = droppedBytes;
    this.#restoreOrder();
  }

  get self(): string {
    return `dbs/${this.place.databaseRid}/colls/${this.place.rid}/`;
  }

  get journalBytes(): number {
    return this.#journal.size;
  }

  partitionKeyOf(body: ObjectValue): ReturnType<typeof extractPartitionKey> {
    return extractPartitionKey(this.#steps, body);
  }

  find(partition: string, id: string): StoredItem | undefined {
    return this.partitions.get(partition)?.items.get(id);
  }

  /** Texts that no other item of the partition may have; one for each unique key. */
  uniqueTexts(item: StoredItem): string[] {
    return this.#uniqueSteps.map((steps, index) => {
      const values = steps.map((names) =>
        names.reduce<unknown>(
          (value, name) => (value as Record<string, unknown> | undefined)?.[name],
          item.body,
        ),
      );
      return `${item.partition}\u0000${index}\u0000${canonicalText(values as never)}`;
    });
  }

  /** Makes commits durable, then visible. @throws CosmosError 503 when the disk refuses; nothing has changed then */
  commit(commits: readonly Commit[]): void {
    if (commits.length === 0) return;
    this.#journal.append(commits.map(encodeCommit));
    for (const commit of commits) this.#apply(commit);
    const most = 2 * this.count + 1024;
    if (this.feed.length > most) this.feed = this.feed.filter(({ live }) => live);
    if (this.items.length > most) this.items = this.items.filter(({ live }) => live);
    this.#compactWhenDue();
  }

  /** Removes what has expired by `nowSeconds`. */
  sweep(nowSeconds: number): void {
    if (nowSeconds <= this.#sweptTo) return;
    this.#sweptTo = nowSeconds;
    this.#trimHistory(nowSeconds);
    const due = [...this.#expiries.keys()].filter((second) => second <= nowSeconds).sort((a, b) => a - b);
    const commits: Commit[] = [];
    for (const second of due) {
      for (const item of this.#expiries.get(second) ?? []) {
        const lsn = this.lsn + commits.length + 1;
        if (item.live)
          commits.push({ lsn, ts: nowSeconds, changes: [{ kind: "delete", item, expired: true }] });
      }
    }
    this.commit(commits);
    for (const second of due) this.#expiries.delete(second);
  }

  /** Takes other settings over; times to live are worked out anew. */
  configure(settings: ContainerSettings): void {
    this.settings = settings;
    this.#readSteps();
    this.#expiries.clear();
    for (const partition of this.partitions.values()) {
      for (const item of partition.items.values()) {
        item.expiresAt = this.expiryOf(item.body, item.ts);
        this.#schedule(item);
      }
    }
    this.#sweptTo = 0;
  }

  /** First second at which an item written at `ts` is gone. */
  expiryOf(body: ObjectValue, ts: number): number {
    const { defaultTtlSeconds } = this.settings;
    if (defaultTtlSeconds === undefined) return Number.POSITIVE_INFINITY;
    const own = body["ttl"];
    const ttl = validTtl(own) ? own : defaultTtlSeconds;
    return ttl === -1 ? Number.POSITIVE_INFINITY : ts + ttl;
  }

  async close(): Promise<void> {
    await this.#compacting?.catch(() => {});
    this.#journal.close();
  }

  /** Rewrites the journal so that it holds the live items only. */
  async compact(): Promise<void> {
    this.#compacting ??= this.#journal.rewrite(this.#journal.size, this.#snapshotPages()).finally(() => {
      this.#compacting = undefined;
    });
    await this.#compacting;
  }

  #compactWhenDue(): void {
    const size = this.#journal.size;
    if (this.#compacting !== undefined || size < minCompactionBytes || size < 2 * this.liveBytes) return;
    // A failed rewrite leaves the old journal in place; the next commit tries again.
    this.compact().catch(() => {});
  }

  async *#snapshotPages(): AsyncGenerator<readonly string[]> {
    const items = this.feed.slice();
    const history = this.history.slice();
    yield [JSON.stringify({ top: { lsn: this.lsn, ordinal: this.nextOrdinal } })];
    if (history.length > 0) yield [JSON.stringify({ history })];
    for (let at = 0; at < items.length; at += compactionPageItems) {
      await new Promise((resume) => setImmediate(resume));
      yield items
        .slice(at, at + compactionPageItems)
        .filter(({ live }) => live)
        .map((item) => encodeCommit({ lsn: item.lsn, ts: item.ts, changes: [{ kind: "put", item }] }));
    }
  }

  #readSteps(): void {
    this.#steps = this.settings.partitionKey.paths.map(pathSteps);
    this.#uniqueSteps = this.settings.uniqueKeys.map((paths) => paths.map(pathSteps));
  }

  #replay(record: JournalRecord): void {
    if ("top" in record) {
      this.lsn = Math.max(this.lsn, record.top.lsn);
      this.nextOrdinal = Math.max(this.nextOrdinal, record.top.ordinal);
      this.#snapshotLsn = record.top.lsn;
      return;
    }
    if ("history" in record) {
      this.history.push(...record.history);
      return;
    }
    const changes = record.c.map((change): Change | undefined => {
      if (typeof change[0] === "number") {
        const [ordinal, body] = change as readonly [number, ObjectValue];
        return { kind: "put", item: this.makeItem(body, ordinal, record.l, record.t) };
      }
      const [partition, id, expired] = change as readonly [string, string, 0 | 1];
      const item = this.find(partition, id);
      return item === undefined ? undefined : { kind: "delete", item, expired: expired === 1 };
    });
    const present = changes.filter((change) => change !== undefined);
    this.#apply({ lsn: record.l, ts: record.t, changes: present }, record.l > this.#snapshotLsn);
  }

  /** Items are kept in the order of creation, but a compacted journal has them in the order of change. */
  #restoreOrder(): void {
    this.feed = this.feed.filter(({ live }) => live).sort((left, right) => left.lsn - right.lsn);
    this.items = this.feed.slice().sort((left, right) => left.ordinal - right.ordinal);
    for (const partition of this.partitions.values()) {
      const sorted = [...partition.items.values()].sort((left, right) => left.ordinal - right.ordinal);
      partition.items.clear();
      for (const item of sorted) partition.items.set(item.id, item);
    }
  }

  /** Makes a version from a body that has its system properties. */
  makeItem(body: ObjectValue, ordinal: number, lsn: number, ts: number): StoredItem {
    const parts = this.partitionKeyOf(body);
    return {
      id: body["id"] as string,
      body,
      text: JSON.stringify(body),
      parts,
      partition: partitionText(parts),
      etag: body["_etag"] as string,
      ordinal,
      lsn,
      ts,
      expiresAt: this.expiryOf(body, ts),
      live: true,
    };
  }

  #apply(commit: Commit, recordHistory = true): void {
    for (const change of commit.changes) {
      const { item } = change;
      const previous = this.find(item.partition, item.id);
      if (previous !== undefined) this.#retire(previous, change.kind === "delete");
      if (change.kind === "put") this.#insert(item);
      if (recordHistory && this.settings.historySeconds !== undefined) {
        this.history.push(historyEntry(commit, change, previous));
      }
    }
    this.lsn = Math.max(this.lsn, commit.lsn);
  }

  /** A replaced item keeps its place among the items of its partition. */
  #retire(item: StoredItem, remove: boolean): void {
    item.live = false;
    this.count--;
    this.liveBytes -= item.text.length;
    if (item.expiresAt !== Number.POSITIVE_INFINITY) this.#expiries.get(item.expiresAt)?.delete(item);
    for (const text of this.uniqueTexts(item)) this.unique.delete(text);
    if (!remove) return;
    const partition = this.partitions.get(item.partition);
    partition?.items.delete(item.id);
    if (partition?.items.size === 0) this.partitions.delete(item.partition);
  }

  #insert(item: StoredItem): void {
    let partition = this.partitions.get(item.partition);
    if (partition === undefined) {
      partition = { text: item.partition, parts: item.parts, items: new Map() };
      this.partitions.set(item.partition, partition);
    }
    partition.items.set(item.id, item);
    indexItem(partition, item);
    this.feed.push(item);
    this.#place(item);
    this.count++;
    this.liveBytes += item.text.length;
    this.nextOrdinal = Math.max(this.nextOrdinal, item.ordinal + 1);
    for (const text of this.uniqueTexts(item)) this.unique.set(text, item.id);
    this.#schedule(item);
  }

  /** New items go to the end; a new version takes the place of the old one. */
  #place(item: StoredItem): void {
    const last = this.items.at(-1);
    if (last === undefined || last.ordinal < item.ordinal) {
      this.items.push(item);
      return;
    }
    const index = this.firstItemFrom(item.ordinal);
    if (this.items[index]?.ordinal === item.ordinal) this.items[index] = item;
    else this.items.splice(index, 0, item);
  }

  /** Index in `items` of the first item with this ordinal or a later one. */
  firstItemFrom(ordinal: number): number {
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.items[middle] as StoredItem).ordinal >= ordinal) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #schedule(item: StoredItem): void {
    if (item.expiresAt === Number.POSITIVE_INFINITY) return;
    const due = this.#expiries.get(item.expiresAt);
    if (due === undefined) this.#expiries.set(item.expiresAt, new Set([item]));
    else due.add(item);
  }

  #trimHistory(nowSeconds: number): void {
    const { historySeconds } = this.settings;
    const first = this.history[0];
    if (historySeconds === undefined || first === undefined || first.ts >= nowSeconds - historySeconds)
      return;
    this.history = this.history.filter(({ ts }) => ts >= nowSeconds - historySeconds);
  }
}

function encodeCommit({ lsn, ts, changes }: Commit): string {
  const texts = changes.map((change) =>
    change.kind === "put"
      ? `[${change.item.ordinal},${change.item.text}]`
      : JSON.stringify([change.item.partition, change.item.id, change.expired ? 1 : 0]),
  );
  return `{"l":${lsn},"t":${ts},"c":[${texts.join(",")}]}`;
}

function historyEntry(commit: Commit, change: Change, previous: StoredItem | undefined): HistoryEntry {
  const { item } = change;
  const deleted = change.kind === "delete";
  return {
    lsn: commit.lsn,
    ts: commit.ts,
    operation: deleted ? "delete" : previous === undefined ? "create" : "replace",
    id: item.id,
    parts: item.parts,
    current: deleted ? undefined : item.body,
    previous: deleted ? item.body : undefined,
    previousLsn: previous?.lsn,
    expired: deleted && change.expired,
  };
}
