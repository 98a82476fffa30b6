import type { EventMetadata, InputEvent } from "../../api";
import { brokerColumns, metadataPath } from "../../plan/broker-columns";
import { DateTime, type Value } from "../../values/value";
import { metadataValue } from "../input/metadata";
import { type ColumnStore, makeStore, pageRows, tags } from "./columns";
import type { Interner } from "./interner";
import { inReach, relativeTicks } from "./ticks";
import { ValueCells } from "./value-cells";

/** Events of a batch by row; for lines one event stands for all of them. */
type EventOf = (row: number) => InputEvent;

interface MetadataColumn {
  readonly path: readonly string[];
  /** It is the moment of arrival, which is a cell at once. */
  readonly isArrival: boolean;
  readonly store: ColumnStore;
  readonly interns: boolean;
}

/** Paths of GetMetadataPropertyValue that give the moment of arrival. */
const arrivalPaths: ReadonlySet<string> = new Set([
  "eventhub.eventenqueuedutctime",
  "eventhub.eventprocessedutctime",
]);

const columnOf = (path: readonly string[], store: ColumnStore, interns: boolean): MetadataColumn => ({
  path,
  isArrival: arrivalPaths.has(plainPath(path)),
  store,
  interns,
});

/** True for a name that the broker gives an event's column, when the event does not have it itself. */
export function isBrokerColumn(name: string): boolean {
  return brokerColumns.has(name.toLowerCase());
}

/** Paths whose values together are all that anything reads of an event's metadata. */
const plainPaths: ReadonlySet<string> = new Set([
  "partitionid",
  "eventhub.eventenqueuedutctime",
  "eventhub.eventprocessedutctime",
  "eventhub.partitionid",
  "eventhub.offset",
  "eventhub.sequencenumber",
  "eventhub.partitionkey",
]);

const plainPath = (path: readonly string[]): string => path.join(".").toLowerCase();

/** True when what the query reads of an event's metadata can be told from the columns with these names. */
export function tellsMetadata(names: readonly string[]): boolean {
  return names.every((name) => {
    const path = metadataPath(name);
    return path === null || plainPaths.has(plainPath(path));
  });
}

/** An event's metadata and arrival, as far as the query reads them, from the values of its columns; null: it has none. */
export function toldMetadata(
  names: readonly string[],
  values: readonly Value[],
): { readonly metadata: EventMetadata; readonly arrival: bigint | null } | null {
  const known = new Map<string, Value>();
  for (const [index, name] of names.entries()) {
    const path = metadataPath(name);
    if (path !== null) known.set(path.at(-1)!.toLowerCase(), values[index] ?? null);
  }
  if ([...known.values()].every((value) => value === null)) return null;
  const moment = known.get("eventenqueuedutctime") ?? known.get("eventprocessedutctime");
  const offset = known.get("offset");
  const partitionKey = known.get("partitionkey");
  const metadata: EventMetadata = {
    partition: Number(known.get("partitionid") ?? 0),
    sequence: (known.get("sequencenumber") as bigint | undefined) ?? 0n,
    ...(typeof offset === "string" ? { offset } : {}),
    ...(typeof partitionKey === "string" ? { partitionKey } : {}),
  };
  return { metadata, arrival: moment instanceof DateTime ? moment.ticks : null };
}

/** What the broker knows of the events of a batch, as columns beside those that are read from the events. */
export class MetadataColumns {
  /** By name; see `metadataColumn`. */
  readonly stores = new Map<string, ColumnStore>();
  private readonly interner: Interner;
  private readonly columns: readonly MetadataColumn[];
  /** Columns of the events that the broker gives where an event does not have them. */
  private readonly given: readonly MetadataColumn[];
  private readonly cells = new ValueCells();

  /** `given`: the stores of columns that the broker gives, by name; without them no event has any. */
  constructor(
    names: readonly string[],
    keys: ReadonlySet<string>,
    given: ReadonlyMap<string, ColumnStore>,
    interner: Interner,
  ) {
    this.interner = interner;
    this.columns = names.flatMap((name) => {
      const path = metadataPath(name);
      if (path === null) return [];
      const store = makeStore(pageRows);
      this.stores.set(name, store);
      return [columnOf(path, store, keys.has(name))];
    });
    this.given = [...given].map(([name, store]) => columnOf(["EventHub", name], store, false));
  }

  /** Fills the columns of the first rows of a batch. */
  fill(count: number, eventOf: EventOf): void {
    for (const column of this.columns) this.fillAll(column, count, eventOf);
    for (const column of this.given) this.fillAbsent(column, count, eventOf);
  }

  private fillAll(column: MetadataColumn, count: number, eventOf: EventOf): void {
    const { numbers, kinds, boxes } = column.store;
    let last: InputEvent | null = null;
    for (let row = 0; row < count; row++) {
      const event = eventOf(row);
      if (event !== last) this.put(column, row, event);
      else {
        kinds[row] = kinds[row - 1]!;
        numbers[row] = numbers[row - 1]!;
        if (kinds[row] === tags.boxed) boxes[row] = boxes[row - 1]!;
      }
      last = event;
    }
  }

  /** An event has a broker's column itself when it has one of that name, NULL or not. */
  private fillAbsent(column: MetadataColumn, count: number, eventOf: EventOf): void {
    const { numbers, kinds } = column.store;
    for (let row = 0; row < count; row++)
      if (kinds[row] === tags.null && Number.isNaN(numbers[row]!)) this.put(column, row, eventOf(row));
  }

  private put({ path, isArrival, store, interns }: MetadataColumn, row: number, event: InputEvent): void {
    const { metadata, arrival } = event;
    const { cells } = this;
    store.numbers[row] = 0;
    if (metadata === undefined) store.kinds[row] = tags.null;
    else if (isArrival && inReach(arrival)) {
      store.kinds[row] = tags.time;
      store.numbers[row] = relativeTicks(arrival);
    } else {
      const value = metadataValue(metadata, arrival, path);
      const id = interns && typeof value === "string" ? this.interner.id(value) : null;
      const kind = id === null ? cells.take(value) : tags.text;
      store.kinds[row] = kind;
      store.numbers[row] = id ?? cells.number;
      if (kind === tags.boxed) store.boxes[row] = value;
    }
  }
}
