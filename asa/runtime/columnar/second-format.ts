import type { LogicalPlan, StreamInput } from "../../plan/logical-plan";
import { readsOf } from "../../plan/relations";
import type { Slot } from "../row";
import type { StateReader } from "../state/reader";
import { stateMismatch } from "../state/reader";
import type { ColumnarInput } from "./input";
import type { Interner } from "./interner";
import type { TypedState } from "./operators/operator";
import { PaneAggregator } from "./panes";
import { makeInterner } from "./scan";

/** A waiting row of the second format. */
export interface WaitingRow {
  readonly slot: Slot;
  readonly place: number;
}

/** The windows over an input in the order of the second format: depth first through its filters. */
function panesOf(
  plan: LogicalPlan,
  input: StreamInput,
  states: readonly TypedState[],
): readonly PaneAggregator[] {
  const found: PaneAggregator[] = [];
  const visit = (id: number): void => {
    for (const reader of plan.relations) {
      if (!readsOf(reader).includes(id)) continue;
      if (reader.kind === "filter") visit(reader.id);
      const state = states.find(({ relation }) => relation.id === reader.id);
      if (state instanceof PaneAggregator) found.push(state);
    }
  };
  visit(input.id);
  return found;
}

/**
 * Reads what an input wrote in the second format of snapshots: its own texts, the panes of its windows, and its waiting rows
 * as records. `interner` has the texts of the job.
 */
export function loadSecondFormat(
  reader: StateReader,
  input: ColumnarInput,
  plan: LogicalPlan,
  states: readonly TypedState[],
  interner: Interner,
): void {
  input.loadProgress(reader);
  const texts = makeInterner("script");
  if (!texts.load(reader.array(Uint8Array), reader.array(Int32Array)))
    throw stateMismatch("the snapshot numbers its texts otherwise");
  const numbers = new Int32Array(texts.size);
  for (let id = 0; id < texts.size; id++) numbers[id] = interner.id(texts.text(id))!;
  for (const panes of panesOf(plan, input.relation, states)) {
    panes.load(reader);
    panes.compact(numbers);
  }
  const rows = reader.list((): WaitingRow => {
    const slot = reader.slot()!;
    const place = reader.number();
    // Which branches take the row is worked out anew.
    reader.count();
    return { slot, place };
  });
  input.waitAgain(rows);
}
