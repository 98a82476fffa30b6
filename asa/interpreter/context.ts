import type { FunctionHost } from "../api";
import type { Dialect } from "../dialect";
import type { Expression, LogicalPlan } from "../plan/logical-plan";
import type { Evaluator } from "../runtime/row";

/** What expressions need besides the row. */
export interface ExpressionContext {
  readonly plan: LogicalPlan;
  readonly dialect: Dialect;
  readonly functions: FunctionHost | undefined;
  readonly compile: (expression: Expression) => Evaluator;
}
