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

/** What the columns of a page mean. */
export interface Layout {
  readonly slots: readonly SlotLayout[];
  /** The page's column of each computed value. */
  readonly computed: readonly number[];
  readonly window: string | null;
  /** How many columns the page has. */
  readonly width: number;
}

/** The page's column that an expression names; -1 when it names none that the rows have. */
export function columnOf(layout: Layout, expression: Expression, dialect: Dialect): number {
  if (expression.kind === "computed") return layout.computed[expression.index] ?? -1;
  if (expression.kind === "slot-time") return layout.slots[expression.slot]?.time ?? -1;
  if (expression.kind !== "column") return -1;
  const slot = layout.slots[expression.slot];
  if (slot === undefined) return -1;
  const index = expression.index ?? memberIndex(slot.names, expression.name, dialect);
  return slot.columns[index] ?? -1;
}

/** Rows as cells: a page, or what an operator keeps of one. */
export type CellRows = Pick<Page, "layout" | "times" | "columns" | "origins">;

/** A row of cells as row operators and the general evaluators see it. */
export function rowAt(page: CellRows, index: number, interner: Interner): Row {
  const { layout, columns, times, origins } = page;
  const load = (column: number): Value => loadValue(columns[column]!, index, interner);
  const time = absoluteTicks(times[index]!);
  const slots = layout.slots.map((slot): Slot | null => {
    if (slot.present !== null && columns[slot.present]!.kinds[index] === tags.null) return null;
    const own = slot.time === null ? time : absoluteTicks(columns[slot.time]!.numbers[index]!);
    const record = new AsaRecord(slot.names, slot.columns.map(load));
    if (origins === null) return { record, time: own, arrival: own, metadata: null };
    return { record, time: own, arrival: origins.arrivals[index]!, metadata: origins.metadata[index]! };
  });
  const computed = layout.computed.length === 0 ? noValues : layout.computed.map(load);
  return { time, slots, computed, partition: "", window: layout.window };
}

/** One slot after another, as an input or a project gives them. */
export function recordLayout(names: readonly string[]): Layout {
  const slot: SlotLayout = { names, columns: names.map((_, index) => index), time: null, present: null };
  return { slots: [slot], computed: [], window: null, width: names.length };
}
