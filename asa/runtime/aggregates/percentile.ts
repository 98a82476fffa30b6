import type { Value } from "../../values/value";
import type { AggregateInput } from "./aggregate";
import { Listing } from "./listing";
import { type FloatResult, numericArgument } from "./numeric";

/** PERCENTILE_CONT (interpolated, float) and PERCENTILE_DISC (an element, its own type) over ORDER BY. */
export class Percentile extends Listing {
  private readonly rank: number;
  private readonly continuous: boolean;
  private readonly descending: boolean;
  private readonly float: FloatResult;

  constructor(rank: number, continuous: boolean, descending: boolean, float: FloatResult) {
    super();
    this.rank = rank;
    this.continuous = continuous;
    this.descending = descending;
    this.float = float;
  }

  override accumulate(input: AggregateInput): void {
    const name = this.continuous ? "percentile_cont" : "percentile_disc";
    const value = numericArgument(name, input.order[0] ?? null);
    if (value !== null) this.inputs.push({ value, order: [], time: input.time });
  }

  override result(): Value {
    const values = this.inputs.map(({ value }) => value as bigint | number);
    if (values.length === 0) return null;
    values.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    if (this.descending) values.reverse();
    if (!this.continuous) return values[Math.max(Math.ceil(this.rank * values.length) - 1, 0)]!;
    const position = this.rank * (values.length - 1);
    const low = Math.floor(position);
    const from = Number(values[low]);
    const to = Number(values[Math.min(low + 1, values.length - 1)]);
    return this.float(from + (to - from) * (position - low));
  }
}
