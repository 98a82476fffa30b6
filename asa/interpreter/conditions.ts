import { likePattern } from "../language/builtins/patterns";
import type {
  BetweenExpression,
  ComparisonExpression,
  ComparisonOperator,
  Expression,
  InExpression,
  LikeExpression,
  LogicalExpression,
  NotExpression,
} from "../plan/logical-plan";
import type { Evaluator } from "../runtime/row";
import { convertValue } from "../values/convert";
import { compareValues, equalValues, IncomparableError } from "../values/equality";
import { typeOf } from "../values/types";
import type { Value } from "../values/value";
import type { ExpressionContext } from "./context";
import { runtimeError } from "./errors";

type Truth = boolean | null;
type Comparer = (left: Value, right: Value) => Truth;

const numberText = (value: Value): boolean =>
  typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";

/** The comparison of two values by an operator; errors name `place`. */
export function comparer(
  context: ExpressionContext,
  operator: ComparisonOperator,
  place: Expression,
): Comparer {
  const { dialect } = context;
  const unknown: Truth = dialect.nullLogic === "two-valued" ? false : null;
  const fold = dialect.textComparison === "ignore-case";
  const folded = (value: Value): Value => (fold && typeof value === "string" ? value.toLowerCase() : value);
  const order = (a: Value, b: Value): number | null => {
    if (typeof a === "number" && typeof b !== "object" && typeof b !== "string") return a - Number(b);
    try {
      return compareValues(folded(a), folded(b));
    } catch (error) {
      if (!(error instanceof IncomparableError)) throw error;
      const textAgainstNumber =
        (typeof a === "string" && numberText(b)) || (typeof b === "string" && numberText(a));
      if (textAgainstNumber && dialect.textNumberOrder === "false") return Number.NaN;
      throw runtimeError(
        context,
        "ASA_COMPARISON",
        `Cannot compare values of type '${typeOf(a)}' and type '${typeOf(b)}'`,
        place,
        { hint: "TRY_CAST function can be used to handle values with unexpected type.", cause: error },
      );
    }
  };
  const equal = (a: Value, b: Value): Truth => {
    if (typeof a === typeof b && typeof a !== "object" && !fold) return a === b;
    try {
      return equalValues(folded(a), folded(b));
    } catch (error) {
      if (!(error instanceof IncomparableError)) throw error;
      throw runtimeError(
        context,
        "ASA_COMPARISON",
        `Cannot compare values of type '${typeOf(a)}' and type '${typeOf(b)}'`,
        place,
        { hint: "TRY_CAST function can be used to handle values with unexpected type.", cause: error },
      );
    }
  };
  const guard =
    (compare: (a: Value, b: Value) => boolean): Comparer =>
    (a, b) =>
      a === null || b === null ? unknown : compare(a, b);
  switch (operator) {
    case "=":
      return guard((a, b) => equal(a, b) === true);
    case "<>":
      return guard((a, b) => equal(a, b) === false);
    case "<":
      return guard((a, b) => order(a, b)! < 0);
    case "<=":
      return guard((a, b) => order(a, b)! <= 0);
    case ">":
      return guard((a, b) => order(a, b)! > 0);
    case ">=":
      return guard((a, b) => order(a, b)! >= 0);
  }
}

/** `=` as CASE x WHEN y uses it. */
export function equalityComparer(context: ExpressionContext, place: Expression): Comparer {
  return comparer(context, "=", place);
}

export function compileComparison(context: ExpressionContext, expression: ComparisonExpression): Evaluator {
  const left = context.compile(expression.left);
  const right = context.compile(expression.right);
  const compare = comparer(context, expression.operator, expression);
  return (row) => compare(left(row), right(row));
}

const negate = (value: Truth, negated: boolean): Truth => (value === null || !negated ? value : !value);

export function compileBetween(context: ExpressionContext, expression: BetweenExpression): Evaluator {
  const [operand, low, high] = [expression.operand, expression.low, expression.high].map(context.compile) as [
    Evaluator,
    Evaluator,
    Evaluator,
  ];
  const atLeast = comparer(context, ">=", expression);
  const atMost = comparer(context, "<=", expression);
  return (row) => {
    const value = operand(row);
    const from = atLeast(value, low(row));
    const to = atMost(value, high(row));
    return negate(
      from === false || to === false ? false : from === null || to === null ? null : true,
      expression.negated,
    );
  };
}

export function compileIn(context: ExpressionContext, expression: InExpression): Evaluator {
  const operand = context.compile(expression.operand);
  const items = expression.items.map(context.compile);
  const equal = comparer(context, "=", expression);
  return (row) => {
    const value = operand(row);
    let found: Truth = false;
    for (const item of items) {
      const same = equal(value, item(row));
      if (same === true) return !expression.negated;
      if (same === null) found = null;
    }
    return negate(found, expression.negated);
  };
}

/** LIKE of a value and a pattern. */
export function likeOf(
  context: ExpressionContext,
  expression: LikeExpression,
): (value: Value, pattern: Value) => Truth {
  const ignoreCase = context.dialect.textComparison === "ignore-case";
  const text = (value: Value, place: Expression): string => {
    const converted = convertValue(value, "nvarchar(max)");
    if (typeof converted === "string") return converted;
    throw runtimeError(
      context,
      "ASA_CONVERSION",
      `Cannot cast value of type '${typeOf(value)}' to type 'nvarchar(max)'`,
      place,
    );
  };
  return (value, like) => {
    if (value === null || like === null) return null;
    const compiled = likePattern(text(like, expression.pattern), ignoreCase);
    return compiled.test(text(value, expression.operand)) !== expression.negated;
  };
}

export function compileLike(context: ExpressionContext, expression: LikeExpression): Evaluator {
  const operand = context.compile(expression.operand);
  const pattern = context.compile(expression.pattern);
  const apply = likeOf(context, expression);
  return (row) => apply(operand(row), pattern(row));
}

export function compileLogical(context: ExpressionContext, expression: LogicalExpression): Evaluator {
  const operands = expression.operands.map(context.compile);
  const decisive = expression.operator === "or";
  return (row) => {
    let result: Truth = !decisive;
    for (const operand of operands) {
      const value = operand(row);
      if (value === decisive) return decisive;
      if (value === null) result = null;
    }
    return result;
  };
}

export function compileNot(context: ExpressionContext, expression: NotExpression): Evaluator {
  const operand = context.compile(expression.operand);
  return (row) => {
    const value = operand(row);
    return value === null ? null : !value;
  };
}
