import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import type { GroupedRow, GroupResult } from "./group";

/** Takes results in non-decreasing time. */
export type TakeResult = (result: GroupResult) => void;

/**
 * One window of a GROUP BY. Rows come in time order; results are handed over as soon as they are final and in time
 * order, the groups of one instant in the order in which they began.
 */
export interface WindowState {
  add(row: GroupedRow, take: TakeResult): void;
  /** No later row has a time before `time`. */
  progress(time: bigint, take: TakeResult): void;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}
