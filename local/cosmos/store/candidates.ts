import { filterValue, type ObjectValue, type PathFilter } from "../sql";
import type { Container } from "./container";
import type { Partition, StoredItem } from "./item";
import { type PartitionKeyPart, partitionText, pathSteps, startsWithParts } from "./partition-key";
import { rangeOf } from "./sorted-index";

/** The part of a container that a request is about. */
export interface KeySelection {
  /** A whole key, or the leading levels of a hierarchical one. */
  readonly parts: readonly PartitionKeyPart[] | undefined;
  /** A range of the hash space; see `effectivePartitionKey`. */
  readonly includes: ((parts: readonly PartitionKeyPart[], partition: string) => boolean) | undefined;
}

/**
 * Returns the items that can meet a query's filters, in the order of creation: one partition when the key is known,
 * one item when its id is, a range of a sorted index where that is narrow, else all.
 */
export function candidateItems(
  container: Container,
  selection: KeySelection,
  filters: readonly PathFilter[],
  parameters: ObjectValue,
): readonly StoredItem[] | Iterable<StoredItem> {
  const { paths } = container.settings.partitionKey;
  const parts = selection.parts ?? keyFromFilters(paths, filters, parameters);
  const { includes } = selection;
  if (parts !== undefined && parts.length === paths.length) {
    const partition = container.partitions.get(partitionText(parts));
    if (partition === undefined || (includes !== undefined && !includes(partition.parts, partition.text)))
      return [];
    return itemsOf(partition, filters, parameters);
  }
  return liveItems(container, parts, includes);
}

function keyFromFilters(
  paths: readonly string[],
  filters: readonly PathFilter[],
  parameters: ObjectValue,
): PartitionKeyPart[] | undefined {
  const parts: PartitionKeyPart[] = [];
  for (const path of paths) {
    const wanted = pathSteps(path).join("\u0000");
    const filter = filters.find(
      ({ path: steps, operator }) => operator === "=" && steps.join("\u0000") === wanted,
    );
    const value = filter === undefined ? undefined : filterValue(filter, parameters);
    if (value === undefined || (typeof value === "object" && value !== null)) break;
    parts.push(value as PartitionKeyPart);
  }
  return parts.length === 0 ? undefined : parts;
}

function itemsOf(
  partition: Partition,
  filters: readonly PathFilter[],
  parameters: ObjectValue,
): Iterable<StoredItem> {
  const byId = filters.find(
    ({ path, operator }) => operator === "=" && path.length === 1 && path[0] === "id",
  );
  if (byId !== undefined) {
    const id = filterValue(byId, parameters);
    const item = typeof id === "string" ? partition.items.get(id) : undefined;
    return item === undefined ? [] : [item];
  }
  return rangeOf(partition, filters, parameters) ?? partition.items.values();
}

function* liveItems(
  container: Container,
  prefix: readonly PartitionKeyPart[] | undefined,
  includes: KeySelection["includes"],
): Generator<StoredItem> {
  for (const item of container.items) {
    if (!item.live) continue;
    if (prefix !== undefined && !startsWithParts(item.parts, prefix)) continue;
    if (includes === undefined || includes(item.parts, item.partition)) yield item;
  }
}
