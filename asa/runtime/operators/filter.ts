import { type Output, Stateless } from "../operator";
import type { Evaluator, Row } from "../row";

/** Passes rows whose condition is true; false and unknown stop there. */
export class FilterOperator extends Stateless {
  private readonly condition: Evaluator;

  constructor(condition: Evaluator, output: Output) {
    super(output);
    this.condition = condition;
  }

  override row(row: Row): void {
    if (this.condition(row) === true) this.output.row(row);
  }
}
