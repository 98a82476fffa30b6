import type { FunctionHost } from "../api";
import type { ExpressionContext } from "../interpreter/context";
import { interpret } from "../interpreter/index";
import type { Expression, LogicalPlan } from "../plan/logical-plan";
import type { Evaluator } from "../runtime/row";
import { type Code, code } from "./code";
import { depthOf, ExpressionWriter } from "./expression";
import { Scope } from "./scope";

/** Beyond this depth the JavaScript parser's own nesting becomes the risk; such expressions are interpreted. */
const maxDepth = 200;

function contextOf(plan: LogicalPlan, functions: FunctionHost | undefined): ExpressionContext {
  return { plan, dialect: plan.dialect, functions, compile: interpret(plan, functions) };
}

function bodyOf(context: ExpressionContext, scope: Scope, expression: Expression): Code {
  const writer = new ExpressionWriter(context, scope);
  const value = writer.write(expression);
  return code`return (row) => {
${writer.statements}
return ${value};
};`;
}

/**
 * Returns the evaluator of expressions that runs generated JavaScript; it gives the same values and errors as `interpret`.
 */
export function generate(
  plan: LogicalPlan,
  functions: FunctionHost | undefined,
): (expression: Expression) => Evaluator {
  const context = contextOf(plan, functions);
  return (expression) => {
    // A constant and a whole event are closures already; code would only repeat them.
    if (expression.kind === "literal" || depthOf(expression) > maxDepth) return context.compile(expression);
    const scope = new Scope();
    return scope.evaluate<Evaluator>(bodyOf(context, scope, expression));
  };
}

/** The code that `generate` makes of an expression, for `explain`. */
export function generatedText(plan: LogicalPlan, expression: Expression): string {
  const context = contextOf(plan, undefined);
  return bodyOf(context, new Scope(), expression).text;
}
