import { AsaRecord } from "../../values/value";
import type { Slot } from "../row";
import type { Conformer } from "./conform";

/**
 * The rows of a version of a reference input as slots. Rows that do not fit a declared shape are left out; the job reports
 * them when the rows are set.
 */
export function referenceSlots(rows: readonly AsaRecord[], conformer: Conformer | null): Slot[] {
  const slots: Slot[] = [];
  // Rows read one by one have names of their own; shared ones let accessors remember where a member is.
  const layouts = new Map<string, readonly string[]>();
  for (const row of rows) {
    const shaped = conformer === null ? { ok: true as const, record: row } : conformer.conform(row);
    if (!shaped.ok) continue;
    const { names, values } = shaped.record;
    const layout = JSON.stringify(names);
    if (!layouts.has(layout)) layouts.set(layout, names);
    const record = new AsaRecord(layouts.get(layout)!, values);
    slots.push({ record, time: 0n, arrival: 0n, metadata: null });
  }
  return slots;
}
