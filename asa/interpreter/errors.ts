import { AsaError, type AsaErrorCode } from "../errors";
import type { Expression, LogicalPlan } from "../plan/logical-plan";

/** The plan that an expression belongs to. */
interface PlanHolder {
  readonly plan: LogicalPlan;
}

/** Text of an expression as the query has it, on one line. */
export function textOf(context: PlanHolder, expression: Expression): string {
  const { start, end } = expression.range;
  return context.plan.text.slice(start, end).replace(/\s+/g, " ");
}

/** An error of a running job that names the expression and its place, as the service's messages do. */
export function runtimeError(
  context: PlanHolder,
  code: AsaErrorCode,
  message: string,
  expression: Expression,
  options: { readonly hint?: string; readonly cause?: unknown } = {},
): AsaError {
  const { line, column } = expression.range;
  return new AsaError(
    code,
    `${message} in expression '${textOf(context, expression)}'. At line '${line}' and column '${column}'.`,
    { location: expression.range, ...options },
  );
}
