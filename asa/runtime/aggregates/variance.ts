import type { Value } from "../../values/value";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import type { Accumulator, AggregateInput } from "./aggregate";
import { type FloatResult, numericArgument } from "./numeric";

/** VAR, VARP, STDEV, STDEVP: running mean and squared deviations (Welford), combined pairwise (Chan). */
export class Variance implements Accumulator {
  private count = 0;
  private mean = 0;
  private squares = 0;
  private readonly sample: boolean;
  private readonly root: boolean;
  private readonly float: FloatResult;

  /** `sample`: divide by n-1, NULL for one value; `root`: the standard deviation. */
  constructor(sample: boolean, root: boolean, float: FloatResult) {
    this.sample = sample;
    this.root = root;
    this.float = float;
  }

  accumulate(input: AggregateInput): void {
    const value = numericArgument(this.root ? "stdev" : "var", input.value);
    if (value === null) return;
    const number = Number(value);
    this.count++;
    const before = number - this.mean;
    this.mean += before / this.count;
    this.squares += before * (number - this.mean);
  }

  combine(later: this): void {
    if (later.count === 0) return;
    const count = this.count + later.count;
    const delta = later.mean - this.mean;
    this.squares += later.squares + (delta * delta * this.count * later.count) / count;
    this.mean += (delta * later.count) / count;
    this.count = count;
  }

  result(): Value {
    const divisor = this.sample ? this.count - 1 : this.count;
    if (divisor <= 0) return null;
    // Values too far apart overflow to an infinity of either sign.
    const squares = Number.isFinite(this.squares) ? Math.max(this.squares, 0) : Number.NaN;
    const variance = squares / divisor;
    return this.float(this.root ? Math.sqrt(variance) : variance);
  }

  save(writer: StateWriter): void {
    writer.count(this.count);
    writer.number(this.mean);
    writer.number(this.squares);
  }

  load(reader: StateReader): void {
    this.count = reader.count();
    this.mean = reader.number();
    this.squares = reader.number();
  }
}
