import { compareOrdered, filterValue, memberOf, type ObjectValue, type PathFilter, type Value } from "../sql";
import type { Partition, StoredItem } from "./item";

/** Smaller partitions are scanned: an index would cost more than it saves. */
const minIndexedItems = 256;
/** A partition keeps no more indexes than this; further paths are scanned. */
const maxIndexes = 4;

interface Entry {
  readonly value: Value;
  readonly item: StoredItem;
}

/**
 * Items of one partition ordered by one property. It is made by the first query that has a range on the property and
 * follows the writes from then on; entries of items that are not live any more are skipped and swept out.
 */
class SortedIndex {
  readonly #path: readonly string[];
  #entries: Entry[] = [];

  constructor(path: readonly string[], items: Iterable<StoredItem>) {
    this.#path = path;
    for (const item of items) this.#entries.push({ value: this.#valueOf(item), item });
    this.#entries.sort((left, right) => compareOrdered(left.value, right.value));
  }

  add(item: StoredItem, liveCount: number): void {
    const entry = { value: this.#valueOf(item), item };
    this.#entries.splice(this.#boundary(entry.value, true), 0, entry);
    if (this.#entries.length > 2 * liveCount + minIndexedItems) {
      this.#entries = this.#entries.filter(({ item: { live } }) => live);
    }
  }

  between(bounds: Bounds): StoredItem[] {
    const from = bounds.low === undefined ? 0 : this.#boundary(bounds.low.value, !bounds.low.inclusive);
    const to =
      bounds.high === undefined
        ? this.#entries.length
        : this.#boundary(bounds.high.value, bounds.high.inclusive);
    const found: StoredItem[] = [];
    for (let at = from; at < to; at++) {
      const { item } = this.#entries[at] as Entry;
      if (item.live) found.push(item);
    }
    return found.sort((left, right) => left.ordinal - right.ordinal);
  }

  /** First place whose value is at least (`after` false) or more than (`after` true) the given one. */
  #boundary(value: Value, after: boolean): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareOrdered((this.#entries[middle] as Entry).value, value);
      if (order < 0 || (after && order === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #valueOf(item: StoredItem): Value {
    return this.#path.reduce<Value>(memberOf, item.body);
  }
}

interface Bound {
  readonly value: Value;
  readonly inclusive: boolean;
}
interface Bounds {
  low: Bound | undefined;
  high: Bound | undefined;
}

const indexes = new WeakMap<Partition, Map<string, SortedIndex>>();

/** Items whose property lies in the range that the filters ask for; undefined when no filter has a range. */
export function rangeOf(
  partition: Partition,
  filters: readonly PathFilter[],
  parameters: ObjectValue,
): readonly StoredItem[] | undefined {
  if (partition.items.size < minIndexedItems) return undefined;
  const ranged = filters.find(
    (filter) => filter.operator !== "=" && isScalar(filterValue(filter, parameters)),
  );
  if (ranged === undefined) return undefined;
  const name = ranged.path.join("\u0000");
  const bounds: Bounds = { low: undefined, high: undefined };
  for (const filter of filters) {
    if (filter.path.join("\u0000") === name) narrow(bounds, filter.operator, filterValue(filter, parameters));
  }
  return indexOf(partition, ranged.path, name)?.between(bounds);
}

/** Tells the partition's indexes of a new version. */
export function indexItem(partition: Partition, item: StoredItem): void {
  for (const index of indexes.get(partition)?.values() ?? []) index.add(item, partition.items.size);
}

function indexOf(partition: Partition, path: readonly string[], name: string): SortedIndex | undefined {
  let known = indexes.get(partition);
  if (known === undefined) {
    known = new Map();
    indexes.set(partition, known);
  }
  let index = known.get(name);
  if (index === undefined && known.size < maxIndexes) {
    index = new SortedIndex(path, partition.items.values());
    known.set(name, index);
  }
  return index;
}

function isScalar(value: Value): boolean {
  return typeof value === "string" || typeof value === "number";
}

/** Only the first bound of each side is used; the query's filter is evaluated on the items all the same. */
function narrow(bounds: Bounds, operator: PathFilter["operator"], value: Value): void {
  if (!isScalar(value)) return;
  if (operator === ">" || operator === ">=") bounds.low ??= { value, inclusive: operator === ">=" };
  if (operator === "<" || operator === "<=") bounds.high ??= { value, inclusive: operator === "<=" };
  if (operator === "startsWith" && typeof value === "string") {
    bounds.low ??= { value, inclusive: true };
    // Above every text that starts with the prefix, as no text has a higher character than the last code point.
    bounds.high ??= { value: `${value}\u{10ffff}`.padEnd(value.length + 64, "\u{10ffff}"), inclusive: true };
  }
}
