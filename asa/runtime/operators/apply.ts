import type { ApplyRelation } from "../../plan/logical-plan";
import { AsaRecord, type Value } from "../../values/value";
import { type Output, Stateless } from "../operator";
import type { Evaluator, Row } from "../row";

const arrayNames = ["ArrayIndex", "ArrayValue"] as const;
const recordNames = ["PropertyName", "PropertyValue"] as const;

/** One row per element of an array, in its order, or per member of a record; times stay. */
export class ApplyOperator extends Stateless {
  private readonly relation: ApplyRelation;
  private readonly argument: Evaluator;
  private readonly reject: (value: Value) => Error;

  /** `reject` makes the error for a value that is neither NULL nor of the function's type. */
  constructor(relation: ApplyRelation, argument: Evaluator, reject: (value: Value) => Error, output: Output) {
    super(output);
    this.relation = relation;
    this.argument = argument;
    this.reject = reject;
  }

  override row(row: Row): void {
    const elements = this.elements(this.argument(row));
    for (const record of elements) this.emit(row, record);
    if (elements.length === 0 && this.relation.outer) this.emit(row, null);
  }

  private elements(value: Value): AsaRecord[] {
    if (value === null) return [];
    if (this.relation.of === "array") {
      if (!Array.isArray(value)) throw this.reject(value);
      return value.map((item, index) => new AsaRecord(arrayNames, [BigInt(index), item]));
    }
    if (!(value instanceof AsaRecord)) throw this.reject(value);
    return value.names.map((name, index) => new AsaRecord(recordNames, [name, value.values[index] ?? null]));
  }

  private emit(row: Row, record: AsaRecord | null): void {
    const slot = record === null ? null : { record, time: row.time, arrival: row.time, metadata: null };
    this.output.row({ ...row, slots: [...row.slots, slot] });
  }
}
