import type { FunctionHost } from "../api";
import { AsaError } from "../errors";
import type { Expression, LogicalPlan } from "../plan/logical-plan";
import { metadataValue } from "../runtime/input/metadata";
import type { Evaluator } from "../runtime/row";
import { AsaRecord, DateTime } from "../values/value";
import { compileArithmetic, compileBitwise, compileUnary } from "./arithmetic";
import { compileCall, compileCase, compileCast, compileUdf } from "./calls";
import {
  compileBetween,
  compileComparison,
  compileIn,
  compileLike,
  compileLogical,
  compileNot,
} from "./conditions";
import type { ExpressionContext } from "./context";
import { compileMatchAggregate, compileMatchColumn } from "./match";
import { compileColumn, compileEvent, compileMember } from "./paths";

const windowNames = ["Id"] as const;

function evaluatorOf(context: ExpressionContext, expression: Expression): Evaluator {
  switch (expression.kind) {
    case "literal": {
      const { value } = expression;
      return () => value;
    }
    case "column":
      return compileColumn(context, expression);
    case "member":
      return compileMember(context, expression);
    case "event":
      return compileEvent(context, expression);
    case "computed": {
      const { index } = expression;
      return (row) => row.computed[index] ?? null;
    }
    case "timestamp":
      return (row) => new DateTime(row.time);
    case "slot-time": {
      const { slot } = expression;
      return (row) => {
        const event = row.slots[slot];
        return event === null || event === undefined ? null : new DateTime(event.time);
      };
    }
    case "window":
      return (row) => new AsaRecord(windowNames, [row.window]);
    case "metadata": {
      const { slot, path } = expression;
      return (row) => metadataValue(row.slots[slot]?.metadata ?? null, row.slots[slot]?.arrival ?? 0n, path);
    }
    case "call":
      return compileCall(context, expression);
    case "udf":
      return compileUdf(context, expression);
    case "case":
      return compileCase(context, expression);
    case "cast":
      return compileCast(context, expression);
    case "arithmetic":
      return compileArithmetic(context, expression);
    case "bitwise":
      return compileBitwise(context, expression);
    case "unary":
      return compileUnary(context, expression);
    case "comparison":
      return compileComparison(context, expression);
    case "like":
      return compileLike(context, expression);
    case "between":
      return compileBetween(context, expression);
    case "in":
      return compileIn(context, expression);
    case "is-null": {
      const operand = context.compile(expression.operand);
      const { negated } = expression;
      return (row) => (operand(row) === null) !== negated;
    }
    case "logical":
      return compileLogical(context, expression);
    case "not":
      return compileNot(context, expression);
    case "match-column":
      return compileMatchColumn(context, expression);
    case "match-aggregate":
      return compileMatchAggregate(context, expression);
    case "classifier":
      return (row) => row.computed;
    default:
      throw new AsaError(
        "ASA_NOT_SUPPORTED",
        `expression "${(expression as Expression).kind}" is not supported`,
      );
  }
}

/**
 * Returns the reference evaluator of expressions: closures over the plan's tree, made once per expression.
 *
 * Evaluators throw AsaError with the place of the failing expression when a value does not convert.
 */
export function interpret(
  plan: LogicalPlan,
  functions: FunctionHost | undefined,
): (expression: Expression) => Evaluator {
  const context: ExpressionContext = {
    plan,
    dialect: plan.dialect,
    functions,
    compile: (expression) => evaluatorOf(context, expression),
  };
  return context.compile;
}
