import { BuiltinError } from "../../language/builtins/builtin";
import { fitsBigint } from "../../values/types";
import type { Value } from "../../values/value";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import type { Accumulator, AggregateInput } from "./aggregate";
import { type FloatResult, numericArgument } from "./numeric";

/**
 * SUM: bigint while every value is one, else float. Floats are added from left to right, in row order, so that a replay
 * gives the same last digit; NULL when there is no value.
 */
export class Sum implements Accumulator {
  private whole = 0n;
  private fraction = 0;
  private floats = 0;
  private values = 0;
  private readonly float: FloatResult;

  constructor(float: FloatResult) {
    this.float = float;
  }

  accumulate(input: AggregateInput): void {
    const value = numericArgument("sum", input.value);
    if (value === null) return;
    this.values++;
    if (typeof value === "bigint") this.whole += value;
    else {
      this.floats++;
      this.fraction += value;
    }
  }

  combine(later: this): void {
    this.whole += later.whole;
    this.fraction += later.fraction;
    this.floats += later.floats;
    this.values += later.values;
  }

  result(): Value {
    if (this.values === 0) return null;
    if (this.floats > 0) return this.float(this.fraction + Number(this.whole));
    // Only the final sum has to fit: the order of addition must not decide whether a job fails.
    if (!fitsBigint(this.whole)) throw new BuiltinError("the sum does not fit into 64 bits");
    return this.whole;
  }

  save(writer: StateWriter): void {
    writer.integer(this.whole);
    writer.number(this.fraction);
    writer.count(this.floats);
    writer.count(this.values);
  }

  load(reader: StateReader): void {
    this.whole = reader.integer();
    this.fraction = reader.number();
    this.floats = reader.count();
    this.values = reader.count();
  }
}
