import type { EventMetadata } from "../api";
import type { AsaRecord, Value } from "../values/value";

/** An event record with its own timestamp; `metadata` is what the broker knows of it. */
export interface Slot {
  readonly record: AsaRecord;
  readonly time: bigint;
  readonly metadata: EventMetadata | null;
  /** Enqueued time of an input event; equals `time` for records that the query made. */
  readonly arrival: bigint;
}

/** Rows bound to pattern variables while MATCH_RECOGNIZE tests or measures a match; index -1 is `.`. */
export interface MatchBinding {
  readonly rows: readonly Row[];
  readonly variables: readonly number[];
  /** How many of the rows are bound so far. */
  readonly length: number;
}

/** What flows between operators; see asa/plan/logical-plan.ts for the meaning of slots and computed values. */
export interface Row {
  readonly time: bigint;
  readonly slots: readonly (Slot | null)[];
  readonly computed: readonly Value[];
  /** Key of the PARTITION BY clause; empty without one. */
  readonly partition: string;
  /** Id given to the window that made this row. */
  readonly window: string | null;
  readonly match?: MatchBinding;
}

/** An expression made ready for a row. Conditions give true, false or null (unknown). */
export type Evaluator = (row: Row) => Value;

/** A moment after every other: the progress of an input that has ended. */
export const endOfTime = 1n << 62n;

export const noValues: readonly Value[] = [];
