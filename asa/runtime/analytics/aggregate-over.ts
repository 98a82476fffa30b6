import type { AggregateOverCall } from "../../plan/logical-plan";
import type { Value } from "../../values/value";
import type { AggregateInput } from "../aggregates/index";
import type { RuntimeContext } from "../context";
import { aggregatesOf, inputReader } from "../operators/aggregate";
import type { Row } from "../row";
import { KeyedState } from "../state/keyed";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { SlidingFrame } from "../windows/frame";
import type { Aggregates } from "../windows/group";
import { compileFrame, type Frame } from "./frame";
import type { AnalyticFunction } from "./function";

/** An aggregate over the current row and the earlier rows of its partition inside LIMIT DURATION. */
export class AggregateOver implements AnalyticFunction {
  private readonly frame: Frame;
  private readonly aggregates: Aggregates;
  private readonly inputs: (row: Row) => AggregateInput[];
  private readonly frames: KeyedState<SlidingFrame>;

  constructor(call: AggregateOverCall, context: RuntimeContext) {
    this.frame = compileFrame(call.frame, context);
    this.aggregates = aggregatesOf(context, [call.aggregate]);
    this.inputs = inputReader(context, [call.aggregate]);
    this.frames = new KeyedState(this.frame.limitTicks, ({ lastTime }, now) => {
      return lastTime === null || !this.frame.inside(lastTime, now);
    });
  }

  evaluate(row: Row): Value {
    this.frames.passed(row.time);
    const state = this.frames.get(this.frame.partition(row), () => new SlidingFrame(this.aggregates));
    for (
      let first = state.firstTime;
      first !== null && !this.frame.inside(first, row.time);
      first = state.firstTime
    ) {
      state.shift();
    }
    if (this.frame.takesPart(row)) state.push(row.time, this.inputs(row));
    return state.results()[0]!;
  }

  save(writer: StateWriter): void {
    this.frames.save(writer, (state) => state.save(writer));
  }

  load(reader: StateReader): void {
    this.frames.load(reader, () => {
      const state = new SlidingFrame(this.aggregates);
      state.load(reader);
      return state;
    });
  }
}
