import type { Value } from "../../values/value";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import type { Accumulator, AggregateInput } from "./aggregate";
import { type FloatResult, numericArgument } from "./numeric";

/** AVG: float; with `integral` the average of bigints cut off to bigint (OPEN-19). */
export class Average implements Accumulator {
  private sum = 0;
  private whole = 0n;
  private count = 0;
  private readonly integral: boolean;
  private readonly float: FloatResult;

  constructor(integral: boolean, float: FloatResult) {
    this.integral = integral;
    this.float = float;
  }

  accumulate(input: AggregateInput): void {
    const value = numericArgument("avg", input.value);
    if (value === null) return;
    this.count++;
    if (typeof value === "bigint") this.whole += value;
    else this.sum += value;
  }

  combine(later: this): void {
    this.sum += later.sum;
    this.whole += later.whole;
    this.count += later.count;
  }

  result(): Value {
    if (this.count === 0) return null;
    if (this.integral) return this.whole / BigInt(this.count);
    return this.float((this.sum + Number(this.whole)) / this.count);
  }

  save(writer: StateWriter): void {
    writer.number(this.sum);
    writer.integer(this.whole);
    writer.count(this.count);
  }

  load(reader: StateReader): void {
    this.sum = reader.number();
    this.whole = reader.integer();
    this.count = reader.count();
  }
}
