import type { LagCall } from "../../plan/logical-plan";
import type { Value } from "../../values/value";
import type { RuntimeContext } from "../context";
import type { Evaluator, Row } from "../row";
import { KeyedState } from "../state/keyed";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { compileFrame, type Frame } from "./frame";
import type { AnalyticFunction } from "./function";

interface Candidate {
  readonly time: bigint;
  readonly value: Value;
}

/** LAG and LAST: keeps, per partition, the last rows that satisfy WHEN, no more than the offset needs. */
export class Lag implements AnalyticFunction {
  private readonly frame: Frame;
  private readonly expression: Evaluator;
  private readonly otherwise: Evaluator | null;
  private readonly offset: number;
  private readonly candidates: KeyedState<Candidate[]>;

  constructor(call: LagCall, context: RuntimeContext) {
    this.frame = compileFrame(call.frame, context);
    this.expression = context.compile(call.expression);
    this.otherwise = call.otherwise === null ? null : context.compile(call.otherwise);
    this.offset = call.offset;
    this.candidates = new KeyedState(this.frame.limitTicks, (list, now) => {
      const last = list[list.length - 1];
      return last === undefined || !this.frame.inside(last.time, now);
    });
  }

  evaluate(row: Row): Value {
    const { frame, offset } = this;
    this.candidates.passed(row.time);
    const list = this.candidates.get(frame.partition(row), () => []);
    const takesPart = frame.takesPart(row);
    if (offset === 0 && takesPart) this.add(list, row, 1);
    const found = list[list.length - Math.max(offset, 1)];
    const inside = found !== undefined && frame.inside(found.time, row.time);
    const value = inside ? found.value : this.otherwise === null ? null : this.otherwise(row);
    if (offset > 0 && takesPart) this.add(list, row, offset);
    return value;
  }

  private add(list: Candidate[], row: Row, keep: number): void {
    list.push({ time: row.time, value: this.expression(row) });
    if (list.length > keep) list.shift();
  }

  save(writer: StateWriter): void {
    this.candidates.save(writer, (list) =>
      writer.list(list, list.length, ({ time, value }) => {
        writer.integer(time);
        writer.value(value);
      }),
    );
  }

  load(reader: StateReader): void {
    this.candidates.load(reader, () =>
      reader.list(() => ({ time: reader.integer(), value: reader.value() })),
    );
  }
}
