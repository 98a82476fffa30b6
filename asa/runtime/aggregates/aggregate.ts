import type { Value } from "../../values/value";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";

/** What an aggregate sees of one row. */
export interface AggregateInput {
  readonly value: Value;
  /** Values of ORDER BY; empty without one. */
  readonly order: readonly Value[];
  readonly time: bigint;
}

/** The running state of one aggregate in one group. */
export interface Accumulator {
  accumulate(input: AggregateInput): void;
  /** Adds the state of rows that all come after the own ones; `later` stays as it is. */
  combine(later: this): void;
  result(): Value;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

/** Makes accumulators of one aggregate call. */
export interface AggregateFactory {
  /** An accumulator of no rows. */
  initial(): Accumulator;
  /** False when a sliding frame is better computed again from its rows than combined from parts. */
  readonly combinable: boolean;
}
