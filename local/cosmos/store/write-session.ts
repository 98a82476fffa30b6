import { errors } from "../cosmos-error";
import { type ObjectValue, prepareQuery, type Value } from "../sql";
import type { Change, Commit, Container } from "./container";
import { validTtl } from "./container-settings";
import type { StoredItem } from "./item";
import { type PartitionKeyPart, partitionText } from "./partition-key";
import { applyPatch, type PatchOperation } from "./patch";

/** Largest item, as JSON in UTF-8. */
export const maxItemBytes = 2 * 1024 * 1024;
const maxIdBytes = 1_023;
const systemProperties = ["_rid", "_self", "_etag", "_attachments", "_ts", "_lsn"] as const;

/** Conditions of a write; the tags are quoted, as in the headers. */
export interface WriteConditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

/**
 * Collects writes to one container and commits them at once. Later operations see earlier ones. Operations between
 * `startGroup` calls share a log sequence number and can be taken back together.
 */
export class WriteSession {
  readonly #container: Container;
  readonly #ts: number;
  readonly #commits: { lsn: number; ts: number; changes: Change[] }[] = [];
  readonly #pending = new Map<string, StoredItem | undefined>();
  readonly #uniquePending = new Map<string, string | undefined>();
  #nextOrdinal: number;

  constructor(container: Container, nowMs: number) {
    this.#container = container;
    this.#ts = Math.floor(nowMs / 1000);
    this.#nextOrdinal = container.nextOrdinal;
    container.sweep(this.#ts);
    this.startGroup();
  }

  /** What follows gets a log sequence number of its own. */
  startGroup(): void {
    const last = this.#commits.at(-1);
    if (last === undefined || last.changes.length > 0) {
      this.#commits.push({ lsn: (last?.lsn ?? this.#container.lsn) + 1, ts: this.#ts, changes: [] });
    }
  }

  /** Writes everything to the journal and makes it visible. @throws CosmosError 503 */
  commit(): void {
    this.#container.commit(this.#commits.filter(({ changes }) => changes.length > 0) as Commit[]);
  }

  /** @throws CosmosError 404 */
  read(parts: readonly PartitionKeyPart[], id: string): StoredItem {
    const item = this.#find(partitionText(parts), id);
    if (item === undefined) throw errors.notFound();
    return item;
  }

  create(parts: readonly PartitionKeyPart[] | undefined, body: unknown): StoredItem {
    const checked = this.#check(parts, body);
    if (this.#find(checked.partition, checked.id) !== undefined) throw errors.conflict();
    return this.#put(checked.body, undefined);
  }

  upsert(
    parts: readonly PartitionKeyPart[] | undefined,
    body: unknown,
    conditions: WriteConditions,
  ): { item: StoredItem; created: boolean } {
    const checked = this.#check(parts, body);
    const previous = this.#find(checked.partition, checked.id);
    if (previous !== undefined) checkConditions(previous, conditions);
    return { item: this.#put(checked.body, previous), created: previous === undefined };
  }

  replace(
    parts: readonly PartitionKeyPart[] | undefined,
    id: string,
    body: unknown,
    conditions: WriteConditions,
  ): StoredItem {
    const checked = this.#check(parts, body);
    const previous = this.#find(checked.partition, id);
    if (previous === undefined) throw errors.notFound();
    if (checked.id !== id)
      throw errors.badRequest("The id of the item in the body differs from the id in the address.");
    checkConditions(previous, conditions);
    return this.#put(checked.body, previous);
  }

  patch(
    parts: readonly PartitionKeyPart[],
    id: string,
    patch: { readonly operations: readonly PatchOperation[]; readonly condition: string | undefined },
    conditions: WriteConditions,
  ): StoredItem {
    const previous = this.read(parts, id);
    checkConditions(previous, conditions);
    if (patch.condition !== undefined) {
      const query = prepareQuery(`SELECT * ${patch.condition}`);
      if (query.run([previous.body], {}).length === 0) throw errors.preconditionFailed();
    }
    const protectedPaths = new Set([
      "/id",
      ...systemProperties.map((name) => `/${name}`),
      ...this.#container.settings.partitionKey.paths,
    ]);
    return this.#put(
      this.#check(parts, applyPatch(previous.body, patch.operations, protectedPaths)).body,
      previous,
    );
  }

  remove(parts: readonly PartitionKeyPart[], id: string, conditions: WriteConditions): StoredItem {
    const item = this.read(parts, id);
    checkConditions(item, conditions);
    for (const text of this.#container.uniqueTexts(item)) this.#uniquePending.set(text, undefined);
    this.#pending.set(pendingKey(item.partition, id), undefined);
    this.#changes.push({ kind: "delete", item, expired: false });
    return item;
  }

  get #changes(): Change[] {
    return (this.#commits.at(-1) as { changes: Change[] }).changes;
  }

  #find(partition: string, id: string): StoredItem | undefined {
    const key = pendingKey(partition, id);
    return this.#pending.has(key) ? this.#pending.get(key) : this.#container.find(partition, id);
  }

  #check(parts: readonly PartitionKeyPart[] | undefined, body: unknown) {
    if (typeof body !== "object" || body === null || Array.isArray(body)) {
      throw errors.badRequest("The request payload is invalid: an item is a JSON object.");
    }
    const item = body as ObjectValue;
    const id = checkItemId(item["id"]);
    const { ttl } = item as { ttl?: Value };
    if (ttl !== undefined && ttl !== null && !validTtl(ttl)) {
      throw errors.badRequest("The input ttl must be either -1 or a positive integer.");
    }
    const extracted = this.#container.partitionKeyOf(item);
    const partition = partitionText(extracted);
    const given = parts?.length === 0 ? undefined : parts;
    if (given !== undefined && given.length !== extracted.length) throw errors.partitionKeyMismatch();
    if (given !== undefined && partitionText(given) !== partition) throw errors.partitionKeyMismatch();
    return { body: item, id, partition };
  }

  #put(body: ObjectValue, previous: StoredItem | undefined): StoredItem {
    const { lsn, changes } = this.#commits.at(-1) as { lsn: number; changes: Change[] };
    const ordinal = previous?.ordinal ?? this.#nextOrdinal++;
    const rid = this.#container.documentRid(ordinal);
    const complete = withoutSystemProperties(body);
    complete["_rid"] = rid;
    complete["_self"] = `${this.#container.self}docs/${rid}/`;
    complete["_etag"] = etagOf(lsn, changes.length, this.#ts);
    complete["_attachments"] = "attachments/";
    complete["_ts"] = this.#ts;
    const item = this.#container.makeItem(complete, ordinal, lsn, this.#ts);
    if (Buffer.byteLength(item.text) > maxItemBytes) throw errors.tooLarge();
    this.#checkUnique(item, previous);
    this.#pending.set(pendingKey(item.partition, item.id), item);
    changes.push({ kind: "put", item });
    return item;
  }

  #checkUnique(item: StoredItem, previous: StoredItem | undefined): void {
    const texts = this.#container.uniqueTexts(item);
    for (const text of texts) {
      const holder = this.#uniquePending.has(text)
        ? this.#uniquePending.get(text)
        : this.#container.unique.get(text);
      if (holder !== undefined && holder !== item.id) throw errors.uniqueKeyConflict();
    }
    if (previous !== undefined) {
      for (const text of this.#container.uniqueTexts(previous)) this.#uniquePending.set(text, undefined);
    }
    for (const text of texts) this.#uniquePending.set(text, item.id);
  }
}

/** A copy without what the server sets; deleting from a copy would make every later access slow. */
function withoutSystemProperties(body: ObjectValue): Record<string, Value> {
  const copy: Record<string, Value> = {};
  for (const name of Object.keys(body)) {
    if (name.startsWith("_") && (systemProperties as readonly string[]).includes(name)) continue;
    if (name === "__proto__") Object.defineProperty(copy, name, { value: body[name], enumerable: true });
    else copy[name] = body[name];
  }
  return copy;
}

function pendingKey(partition: string, id: string): string {
  return `${partition}\u0000${id}`;
}

/** Unique for each version: no two share log sequence number and place in the commit. */
function etagOf(lsn: number, index: number, ts: number): string {
  const hex = (value: number, width: number) => value.toString(16).padStart(width, "0");
  const high = Math.floor(lsn / 2 ** 32);
  return `"${hex(lsn % 2 ** 32, 8)}-${hex(high % 65536, 4)}-0100-${hex(index, 4)}-${hex(ts, 8)}0000"`;
}

/** Checks the id of an item. @throws CosmosError 400 */
export function checkItemId(id: unknown): string {
  if (id === undefined || id === "") throw errors.invalidInput("id");
  if (typeof id !== "string")
    throw errors.badRequest("The input content is invalid because the property 'id' must be a string.");
  if (/[/\\?#]/.test(id)) {
    throw errors.badRequest("Id contains illegal chars: '/', '\\', '?' and '#' are not allowed.");
  }
  if (Buffer.byteLength(id) > maxIdBytes)
    throw errors.badRequest(`The id is longer than ${maxIdBytes} bytes.`);
  return id;
}

function checkConditions(item: StoredItem, { ifMatch, ifNoneMatch }: WriteConditions): void {
  if (ifMatch !== undefined && ifMatch !== "*" && ifMatch !== item.etag) throw errors.preconditionFailed();
  if (ifNoneMatch !== undefined && (ifNoneMatch === "*" || ifNoneMatch === item.etag))
    throw errors.preconditionFailed();
}
