import type { AnalyticFrame } from "../../plan/logical-plan";
import { tupleKey } from "../../values/group-key";
import type { RuntimeContext } from "../context";
import type { Evaluator, Row } from "../row";

/** The parts of OVER, ready to run. */
export interface Frame {
  readonly partition: (row: Row) => string;
  readonly takesPart: (row: Row) => boolean;
  /** True when a moment lies inside LIMIT DURATION before `now`. */
  readonly inside: (time: bigint, now: bigint) => boolean;
  readonly limitTicks: bigint;
}

/** Key of a row's partition: the PARTITION BY of the function below that of the step. */
export function partitionKey(expressions: readonly Evaluator[], row: Row): string {
  const own = expressions.length === 0 ? "" : tupleKey(expressions.map((evaluate) => evaluate(row)));
  return row.partition === "" ? own : `${row.partition.length}:${row.partition}${own}`;
}

export function compileFrame(frame: AnalyticFrame, context: RuntimeContext): Frame {
  const partition = frame.partitionBy.map(context.compile);
  const when = frame.when === null ? null : context.compile(frame.when);
  const { limitTicks } = frame;
  const inclusive = context.dialect.limitDurationStart === "inclusive";
  return {
    partition: (row) => partitionKey(partition, row),
    takesPart: (row) => when === null || when(row) === true,
    inside: (time, now) => (inclusive ? now - time <= limitTicks : now - time < limitTicks),
    limitTicks,
  };
}
