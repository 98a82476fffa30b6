import type { Value } from "../../values/value";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import type { Accumulator, AggregateInput } from "./aggregate";

/** Base of aggregates that need all rows of the group, in row order. */
export abstract class Listing implements Accumulator {
  protected inputs: AggregateInput[] = [];

  accumulate(input: AggregateInput): void {
    this.inputs.push(input);
  }

  combine(later: this): void {
    for (const input of later.inputs) this.inputs.push(input);
  }

  abstract result(): Value;

  save(writer: StateWriter): void {
    writer.list(this.inputs, this.inputs.length, ({ value, order, time }) => {
      writer.value(value);
      writer.values(order);
      writer.integer(time);
    });
  }

  load(reader: StateReader): void {
    this.inputs = reader.list(() => ({
      value: reader.value(),
      order: reader.values(),
      time: reader.integer(),
    }));
  }
}
