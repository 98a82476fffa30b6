import type { Dialect } from "../dialect";
import { BuiltinError } from "../language/builtins/builtin";
import type { MatchAggregateExpression, MatchColumnExpression } from "../plan/logical-plan";
import { Average } from "../runtime/aggregates/average";
import { floatResult } from "../runtime/aggregates/numeric";
import { Sum } from "../runtime/aggregates/sum";
import type { Evaluator, MatchBinding } from "../runtime/row";
import { compareForOrder, IncomparableError } from "../values/equality";
import type { Value } from "../values/value";
import type { ExpressionContext } from "./context";
import { runtimeError } from "./errors";
import { memberReader } from "./paths";

type Read = (binding: MatchBinding, index: number) => Value;

function reader(context: ExpressionContext, name: string): Read {
  const read = memberReader(name, context.dialect);
  return (binding, index) => {
    const record = binding.rows[index]?.slots[0]?.record;
    return record === undefined ? null : read(record);
  };
}

/** The column of the last row bound to the variable; in DEFINE the row under test is bound to its own variable. */
export function compileMatchColumn(context: ExpressionContext, expression: MatchColumnExpression): Evaluator {
  const read = reader(context, expression.name);
  return ({ match }) => {
    if (match === undefined) return null;
    for (let i = match.length - 1; i >= 0; i--) {
      if (match.variables[i] === expression.variable) return read(match, i);
    }
    return null;
  };
}

function fold(name: MatchAggregateExpression["function"], values: readonly Value[], dialect: Dialect): Value {
  if (name === "first") return values[0] ?? null;
  if (name === "last") return values[values.length - 1] ?? null;
  const present = values.filter((value) => value !== null);
  if (name === "count") return BigInt(present.length);
  if (present.length === 0) return null;
  if (name === "min") return present.reduce((a, b) => (compareForOrder(b, a) < 0 ? b : a));
  if (name === "max") return present.reduce((a, b) => (compareForOrder(b, a) > 0 ? b : a));
  const float = floatResult(name, dialect);
  const total = name === "sum" ? new Sum(float) : new Average(false, float);
  for (const value of present) total.accumulate({ value, order: [], time: 0n });
  return total.result();
}

export function compileMatchAggregate(
  context: ExpressionContext,
  expression: MatchAggregateExpression,
): Evaluator {
  const read = reader(context, expression.name);
  return ({ match }) => {
    if (match === undefined) return null;
    const values: Value[] = [];
    for (let i = 0; i < match.length; i++) {
      if (match.variables[i] === expression.variable) values.push(read(match, i));
    }
    try {
      return fold(expression.function, values, context.dialect);
    } catch (error) {
      if (error instanceof BuiltinError)
        throw runtimeError(context, "ASA_ARGUMENT_VALUE", error.message, expression, { cause: error });
      if (!(error instanceof IncomparableError)) throw error;
      throw runtimeError(context, "ASA_COMPARISON", error.message, expression, { cause: error });
    }
  };
}
