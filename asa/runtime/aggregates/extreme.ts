import { BuiltinError } from "../../language/builtins/builtin";
import { convertValue } from "../../values/convert";
import { compareForOrder } from "../../values/equality";
import { typeOf } from "../../values/types";
import { DateTime, type StaticType, type Value } from "../../values/value";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import type { Accumulator, AggregateInput } from "./aggregate";

/** Untyped values are cast to float; a value that is datetime at run time stays one. */
function untyped(name: string, value: Value): Value {
  if (typeof value === "number" || value instanceof DateTime) return value;
  const converted = convertValue(value, "float");
  if (converted === undefined) {
    throw new BuiltinError(
      `The 1st argument of function ${name} has invalid type '${typeOf(value)}'. ` +
        "Only 'bit', 'bigint', 'float', 'datetime' is allowed.",
    );
  }
  return converted;
}

/** MIN and MAX by the argument's static type; text compares ordinal, NULL does not count. */
export class Extreme implements Accumulator {
  private best: Value = null;
  private readonly name: "min" | "max";
  private readonly type: StaticType;

  constructor(name: "min" | "max", type: StaticType) {
    this.name = name;
    this.type = type;
  }

  accumulate(input: AggregateInput): void {
    if (input.value === null) return;
    this.offer(this.type === "any" ? untyped(this.name, input.value) : input.value);
  }

  private offer(value: Value): void {
    if (value === null) return;
    if (this.best === null) {
      this.best = value;
      return;
    }
    const order = compareForOrder(value, this.best);
    if (this.name === "min" ? order < 0 : order > 0) this.best = value;
  }

  combine(later: this): void {
    this.offer(later.best);
  }

  result(): Value {
    return this.best;
  }

  save(writer: StateWriter): void {
    writer.value(this.best);
  }

  load(reader: StateReader): void {
    this.best = reader.value();
  }
}
