import type { AnalyticCall, AnalyticRelation } from "../../plan/logical-plan";
import { AggregateOver } from "../analytics/aggregate-over";
import { Anomaly } from "../analytics/anomaly";
import type { AnalyticFunction } from "../analytics/function";
import { IsFirst } from "../analytics/is-first";
import { Lag } from "../analytics/lag";
import type { RuntimeContext } from "../context";
import type { Operator, Output } from "../operator";
import type { Row } from "../row";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";

function start(call: AnalyticCall, context: RuntimeContext): AnalyticFunction {
  switch (call.kind) {
    case "lag":
      return new Lag(call, context);
    case "is-first":
      return new IsFirst(call, context);
    case "anomaly":
      return new Anomaly(call, context);
    case "aggregate-over":
      return new AggregateOver(call, context);
  }
}

/** Adds the values of analytic functions to every row. */
export class AnalyticOperator implements Operator {
  private readonly functions: readonly AnalyticFunction[];
  private readonly output: Output;

  constructor(relation: AnalyticRelation, context: RuntimeContext, output: Output) {
    this.functions = relation.calls.map((call) => start(call, context));
    this.output = output;
  }

  row(row: Row): void {
    const values = this.functions.map((analytic) => analytic.evaluate(row));
    this.output.row({ ...row, computed: [...row.computed, ...values] });
  }

  progress(time: bigint): void {
    this.output.progress(time);
  }

  save(writer: StateWriter): void {
    for (const analytic of this.functions) analytic.save(writer);
  }

  load(reader: StateReader): void {
    for (const analytic of this.functions) analytic.load(reader);
  }
}
