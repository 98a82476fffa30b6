import type { Dialect } from "../../dialect";
import { memberIndex } from "../../interpreter/paths";
import type { Expression } from "../../plan/logical-plan";
import { AsaRecord, type Value } from "../../values/value";
import { noValues, type Row, type Slot } from "../row";
import { loadValue, tags } from "./columns";
import type { Interner } from "./interner";
import type { Page } from "./page";
import { absoluteTicks } from "./ticks";

/** Where a slot of the rows stands in a page. */
export interface SlotLayout {
  readonly names: readonly string[];
  /** The page's column of each name. */
  readonly columns: readonly number[];
  /** The page's column with the slot's own time; null: the row's. */
  readonly time: number | null;
  /** The page's column that is NULL where an outer join found nothing; null: the slot is always there. */
  readonly present: number | null;
}

/** A column whose values are records: its members are columns too, all NULL where the record is. */
export interface RecordLayout {
  readonly names: readonly string[];
  /** The page's column of each member. */
  readonly columns: readonly number[];
}

/** What the columns of a page mean. */
export interface Layout {
  readonly slots: readonly SlotLayout[];
  /** The page's column of each computed value. */
  readonly computed: readonly number[];
  readonly window: string | null;
  /** The page's column with the id of each row's window; absent: `window` is that of all rows. */
  readonly windowColumn?: number;
  /** By column; the column's own cell only tells whether there is a record. */
  readonly records?: ReadonlyMap<number, RecordLayout>;
  /** How many columns the page has. */
  readonly width: number;
}

/** The page's column that an expression names, of records or of cells; -1 when it names none that the rows have. */
function anyColumn(layout: Layout, expression: Expression, dialect: Dialect): number {
  if (expression.kind === "computed") return layout.computed[expression.index] ?? -1;
  if (expression.kind === "slot-time") return layout.slots[expression.slot]?.time ?? -1;
  if (expression.kind === "member") return memberColumn(layout, expression, dialect);
  if (expression.kind !== "column") return -1;
  const slot = layout.slots[expression.slot];
  if (slot === undefined) return -1;
  const index = expression.index ?? memberIndex(slot.names, expression.name, dialect);
  return slot.columns[index] ?? -1;
}

function memberColumn(
  layout: Layout,
  { target, name }: Extract<Expression, { kind: "member" }>,
  dialect: Dialect,
): number {
  if (target.kind === "window") return name.toLowerCase() === "id" ? (layout.windowColumn ?? -1) : -1;
  const record = layout.records?.get(anyColumn(layout, target, dialect));
  return record === undefined ? -1 : (record.columns[memberIndex(record.names, name, dialect)] ?? -1);
}

/** The page's column of cells that an expression names; -1 when it names none that the rows have. */
export function columnOf(layout: Layout, expression: Expression, dialect: Dialect): number {
  const column = anyColumn(layout, expression, dialect);
  return layout.records?.has(column) === true ? -1 : column;
}

/** The page's column of records that an expression names; -1 when it names none. */
export function recordColumnOf(layout: Layout, expression: Expression, dialect: Dialect): number {
  const column = anyColumn(layout, expression, dialect);
  return layout.records?.has(column) === true ? column : -1;
}

/** Records of another page's columns, which stand `by` places farther. */
export function shiftedRecords(
  records: ReadonlyMap<number, RecordLayout> | undefined,
  by: number,
): readonly (readonly [number, RecordLayout])[] {
  return [...(records ?? [])].map(([column, { names, columns }]) => [
    column + by,
    { names, columns: columns.map((member) => member + by) },
  ]);
}

/** Rows as cells: a page, or what an operator keeps of one. */
export type CellRows = Pick<Page, "layout" | "times" | "columns" | "origins">;

/** A cell, or a record of cells, as a value of the language. */
export function valueAt(rows: CellRows, column: number, index: number, interner: Interner): Value {
  const record = rows.layout.records?.get(column);
  if (record === undefined) return loadValue(rows.columns[column]!, index, interner);
  if (rows.columns[column]!.kinds[index] === tags.null) return null;
  const values = record.columns.map((member) => valueAt(rows, member, index, interner));
  return new AsaRecord(record.names, values);
}

/** A row of cells as row operators and the general evaluators see it. */
export function rowAt(page: CellRows, index: number, interner: Interner): Row {
  const { layout, columns, times, origins } = page;
  const load = (column: number): Value => valueAt(page, column, index, interner);
  const time = absoluteTicks(times[index]!);
  const slots = layout.slots.map((slot): Slot | null => {
    if (slot.present !== null && columns[slot.present]!.kinds[index] === tags.null) return null;
    const own = slot.time === null ? time : absoluteTicks(columns[slot.time]!.numbers[index]!);
    const record = new AsaRecord(slot.names, slot.columns.map(load));
    if (origins === null) return { record, time: own, arrival: own, metadata: null };
    return { record, time: own, arrival: origins.arrivals[index]!, metadata: origins.metadata[index]! };
  });
  const computed = layout.computed.length === 0 ? noValues : layout.computed.map(load);
  const own = layout.windowColumn === undefined ? layout.window : (load(layout.windowColumn) as string);
  return { time, slots, computed, partition: "", window: own };
}

/** One slot after another, as an input or a project gives them. */
export function recordLayout(names: readonly string[]): Layout {
  const slot: SlotLayout = { names, columns: names.map((_, index) => index), time: null, present: null };
  return { slots: [slot], computed: [], window: null, width: names.length };
}

/** The columns of a SELECT list; those that are records have their members behind all columns. */
export function listLayout(names: readonly string[], given: readonly (RecordLayout | undefined)[]): Layout {
  const layout = recordLayout(names);
  const records = new Map<number, RecordLayout>();
  let { width } = layout;
  for (const [column, record] of given.entries()) {
    if (record === undefined) continue;
    records.set(column, { names: record.names, columns: record.names.map((_, index) => width + index) });
    width += record.names.length;
  }
  return records.size === 0 ? layout : { ...layout, records, width };
}
