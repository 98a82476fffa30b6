import { errors } from "../cosmos-error";
import type { KeySelection } from "../store/candidates";
import type { Container } from "../store/container";
import { effectivePartitionKey } from "../store/effective-partition-key";
import { type PartitionKeyPart, startsWithParts } from "../store/partition-key";
import { type CosmosRequest, headerOf, partitionKeyOf } from "./exchange";

/** Which keys a query or feed is about: a key, leading levels of one, a feed range, or all. @throws CosmosError 400, 410 */
export function keySelectionOf(request: CosmosRequest, container: Container): KeySelection {
  const range = headerOf(request, "x-ms-documentdb-partitionkeyrangeid");
  if (range !== undefined && range !== "0" && range !== `${container.place.rid},0`) throw errors.gone();
  const given = partitionKeyOf(request);
  const { paths } = container.settings.partitionKey;
  if (given !== undefined && given.length > paths.length) throw errors.partitionKeyMismatch();
  const parts = given?.length === 0 ? Array.from({ length: paths.length }, () => undefined) : given;
  return { parts, includes: rangeTest(request, container) };
}

/** A test for one change of the feed, made of the whole selection. */
export function selectionTest(
  selection: KeySelection,
): (parts: readonly PartitionKeyPart[], partition: string) => boolean {
  const { parts: prefix, includes } = selection;
  return (parts, partition) =>
    (prefix === undefined || startsWithParts(parts, prefix)) &&
    (includes === undefined || includes(parts, partition));
}

function rangeTest(request: CosmosRequest, container: Container): KeySelection["includes"] {
  const start = headerOf(request, "x-ms-start-epk");
  const end = headerOf(request, "x-ms-end-epk");
  if (start === undefined || end === undefined || (start === "" && end === "FF")) return undefined;
  const known = new Map<string, boolean>();
  return (parts, partition) => {
    const remembered = partition === "" ? undefined : known.get(partition);
    if (remembered !== undefined) return remembered;
    const key = effectivePartitionKey(parts, container.settings.partitionKey);
    const inside = key >= start.toUpperCase() && key < end.toUpperCase();
    if (partition !== "") known.set(partition, inside);
    return inside;
  };
}
