import type { IsFirstCall } from "../../plan/logical-plan";
import { unixEpochTicks } from "../../values/ticks";
import type { Value } from "../../values/value";
import type { RuntimeContext } from "../context";
import type { Evaluator, Row } from "../row";
import { KeyedState } from "../state/keyed";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { firstEnd, type Grid } from "../windows/grid";
import { partitionKey } from "./frame";
import type { AnalyticFunction } from "./function";

/** ISFIRST: 1 for the first row of its partition that satisfies WHEN inside the aligned interval (start, end]. */
export class IsFirst implements AnalyticFunction {
  private readonly grid: Grid;
  private readonly partition: readonly Evaluator[];
  private readonly when: Evaluator | null;
  /** End of the last interval that had a row. */
  private readonly ends: KeyedState<{ end: bigint }>;

  constructor(call: IsFirstCall, context: RuntimeContext) {
    const size = call.intervalTicks;
    const originTicks = context.dialect.gridOrigin === "unix-epoch" ? unixEpochTicks : 0n;
    this.grid = { sizeTicks: size, hopTicks: size, offsetTicks: 0n, originTicks };
    this.partition = call.partitionBy.map(context.compile);
    this.when = call.when === null ? null : context.compile(call.when);
    this.ends = new KeyedState(size, ({ end }, now) => end < now);
  }

  evaluate(row: Row): Value {
    this.ends.passed(row.time);
    if (this.when !== null && this.when(row) !== true) return 0n;
    const end = firstEnd(this.grid, row.time);
    const state = this.ends.get(partitionKey(this.partition, row), () => ({ end: -1n }));
    if (state.end === end) return 0n;
    state.end = end;
    return 1n;
  }

  save(writer: StateWriter): void {
    this.ends.save(writer, ({ end }) => writer.integer(end));
  }

  load(reader: StateReader): void {
    this.ends.load(reader, () => ({ end: reader.integer() }));
  }
}
