import type { EventMetadata } from "../../api";
import { AsaRecord, type Value } from "../../values/value";
import type { Slot } from "../row";
import { readTicks, writeTicks } from "../state/column-block";
import { type StateReader, stateMismatch } from "../state/reader";
import { StateWriter } from "../state/writer";

/** An event with the place that decides between equal times. Its row is made on release: what waits long stays small. */
export interface Placed {
  readonly slot: Slot;
  /** Key of the PARTITION BY clause. */
  readonly key: string;
  readonly partition: number;
  /** Position in its partition, in order of arrival. */
  readonly sequence: number;
}

/** Events that wait together. They only become more; a group that loses some is another one. */
export interface WaitingGroup {
  readonly rows: Placed[];
  /** What was saved of it before, so that an event is written once however often the state is saved. */
  readonly blocks: (Block | undefined)[];
}

interface Block {
  readonly rows: number;
  readonly bytes: Uint8Array;
}

export const waitingGroup = (rows: Placed[]): WaitingGroup => ({ rows, blocks: [] });

/** Rows that are written together, by columns. */
const rowsOfBlock = 1024;
/** Groups of fewer rows share blocks. */
const leastOwnRows = 64;

/** Writes waiting events. They do not change, so that only the list is taken now, and its bytes are made later. */
export function saveWaiting(writer: StateWriter, groups: Iterable<WaitingGroup>): void {
  const blocks: (() => Uint8Array)[] = [];
  const few: Placed[] = [];
  for (const group of groups) {
    if (group.rows.length < leastOwnRows) few.push(...group.rows);
    else
      for (let from = 0; from < group.rows.length; from += rowsOfBlock)
        blocks.push(ownBlock(group, from, Math.min(from + rowsOfBlock, group.rows.length)));
  }
  for (let from = 0; from < few.length; from += rowsOfBlock) {
    const rows = few.slice(from, from + rowsOfBlock);
    blocks.push(() => blockOf(rows));
  }
  writer.count(blocks.length);
  for (const block of blocks) writer.later(block);
}

function ownBlock({ rows, blocks }: WaitingGroup, from: number, to: number): () => Uint8Array {
  const index = from / rowsOfBlock;
  const known = blocks[index];
  if (known?.rows === to - from) return () => known.bytes;
  const own = rows.slice(from, to);
  return () => {
    const bytes = blockOf(own);
    blocks[index] = { rows: own.length, bytes };
    return bytes;
  };
}

/** Reads what `saveWaiting` wrote, and what the formats before the fourth have in its place. */
export function loadWaiting(reader: StateReader): Placed[] {
  if (!reader.older) return reader.list(() => placedOf(reader.inner())).flat();
  return reader.list((): Placed => {
    const slot = reader.slot();
    if (slot === null) throw stateMismatch("snapshot is damaged");
    return { slot, key: reader.text(), partition: reader.count(), sequence: reader.count() };
  });
}

function blockOf(placed: readonly Placed[]): Uint8Array {
  const content = new StateWriter();
  const slots = placed.map(({ slot }) => slot);
  writeTicks(
    content,
    slots.map(({ time }) => time),
  );
  writeTicks(
    content,
    slots.map(({ arrival }) => arrival),
  );
  content.column(placed.map(({ key }) => key));
  for (const { partition, sequence } of placed) {
    content.count(partition);
    content.count(sequence);
  }
  writeMetadata(
    content,
    slots.map(({ metadata }) => metadata),
  );
  writeRecords(
    content,
    slots.map(({ record }) => record),
  );
  return content.resultAsArray();
}

function placedOf(reader: StateReader): Placed[] {
  const times = readTicks(reader);
  const arrivals = readTicks(reader);
  const keys = reader.column();
  const places = times.map(() => ({ partition: reader.count(), sequence: reader.count() }));
  const metadata = readMetadata(reader, times.length);
  const records = readRecords(reader, times.length);
  return times.map((time, row) => ({
    slot: { record: records[row]!, time, arrival: arrivals[row]!, metadata: metadata[row]! },
    key: keys[row] as string,
    ...places[row]!,
  }));
}

function writeMetadata(writer: StateWriter, metadata: readonly (EventMetadata | null)[]): void {
  writer.array(Uint8Array.from(metadata, (known) => (known === null ? 0 : 1)));
  const known = metadata.filter((each) => each !== null);
  for (const { partition } of known) writer.count(partition);
  writeTicks(
    writer,
    known.map(({ sequence }) => sequence),
  );
  const column = (pick: (of: EventMetadata) => Value | undefined) =>
    writer.column(known.map((each) => pick(each) ?? null));
  column(({ offset }) => offset);
  column(({ partitionKey }) => partitionKey);
  column(({ properties }) => properties);
  column(({ system }) => system);
}

function readMetadata(reader: StateReader, count: number): (EventMetadata | null)[] {
  const flags = reader.array(Uint8Array);
  if (flags.length !== count) throw stateMismatch("snapshot is damaged");
  const partitions = reader.times(
    flags.reduce((sum, flag) => sum + flag, 0),
    () => reader.count(),
  );
  const sequences = readTicks(reader);
  const offsets = reader.column() as (string | null)[];
  const partitionKeys = reader.column() as (string | null)[];
  const properties = reader.column() as (AsaRecord | null)[];
  const systems = reader.column() as (AsaRecord | null)[];
  const known = partitions.map((partition, row): EventMetadata => {
    const [offset, property, system] = [offsets[row]!, properties[row]!, systems[row]!];
    return {
      partition,
      sequence: sequences[row]!,
      ...(offset === null ? {} : { offset }),
      partitionKey: partitionKeys[row]!,
      ...(property === null ? {} : { properties: property }),
      ...(system === null ? {} : { system }),
    };
  });
  let taken = 0;
  return Array.from(flags, (flag) => (flag === 1 ? known[taken++]! : null));
}

/** The records that have the same names stand together, column by column. */
function writeRecords(writer: StateWriter, records: readonly AsaRecord[]): void {
  const layouts = new Map<string, number>();
  const numbers = new Map<readonly string[], number>();
  const rows: AsaRecord[][] = [];
  const layoutOf = Int32Array.from(records, (record) => {
    let layout = numbers.get(record.names);
    if (layout === undefined) {
      const key = JSON.stringify(record.names);
      layout = layouts.get(key) ?? layouts.size;
      layouts.set(key, layout);
      numbers.set(record.names, layout);
      rows[layout] ??= [];
    }
    rows[layout]!.push(record);
    return layout;
  });
  writer.count(rows.length);
  if (rows.length > 1) writer.array(layoutOf);
  for (const own of rows) {
    const { names } = own[0]!;
    writer.column(names);
    const cells = new Array<Value>(own.length);
    for (let column = 0; column < names.length; column++) {
      for (let row = 0; row < cells.length; row++) cells[row] = own[row]!.values[column] ?? null;
      writer.column(cells);
    }
  }
}

function readRecords(reader: StateReader, count: number): AsaRecord[] {
  const layouts = reader.count();
  const layoutOf = layouts > 1 ? reader.array(Int32Array) : new Int32Array(count);
  const rows = reader.times(layouts, () => {
    const names = reader.column() as string[];
    return { names, columns: names.map(() => reader.column()), taken: 0 };
  });
  return Array.from(layoutOf, (layout) => {
    const own = rows[layout];
    if (own === undefined) throw stateMismatch("snapshot is damaged");
    const row = own.taken++;
    return new AsaRecord(
      own.names,
      own.columns.map((values) => values[row]!),
    );
  });
}
