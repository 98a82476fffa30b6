import type {
  ArithmeticExpression,
  BitwiseExpression,
  Expression,
  UnaryExpression,
} from "../plan/logical-plan";
import type { Evaluator } from "../runtime/row";
import { convertValue } from "../values/convert";
import { finite, fitsBigint, typeOf } from "../values/types";
import type { Value } from "../values/value";
import type { ExpressionContext } from "./context";
import { runtimeError } from "./errors";

type Numeric = bigint | number;

/** Brings an operand to a number: bits widen, numeric text becomes float, as a call's argument does. */
function toNumeric(context: ExpressionContext, value: Value, expression: Expression): Numeric {
  if (typeof value === "bigint" || typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1n : 0n;
  const converted = typeof value === "string" ? convertValue(value, "float") : undefined;
  if (typeof converted !== "number") {
    throw runtimeError(
      context,
      "ASA_CONVERSION",
      `Cannot cast value of type '${typeOf(value)}' to type 'float'`,
      expression,
      { hint: "TRY_CAST function can be used to handle values with unexpected type." },
    );
  }
  return converted;
}

function integer(context: ExpressionContext, expression: ArithmeticExpression, a: bigint, b: bigint): Value {
  let result: bigint;
  switch (expression.operator) {
    case "+":
      result = a + b;
      break;
    case "-":
      result = a - b;
      break;
    case "*":
      result = a * b;
      break;
    default:
      if (expression.operator === "/" && context.dialect.integerDivision === "float")
        return finite(Number(a) / Number(b));
      if (b === 0n) {
        if (context.dialect.integerDivisionByZero === "null") return null;
        throw runtimeError(context, "ASA_ARITHMETIC", "Division by zero", expression, {
          hint: "Guard the divisor with NULLIF(x, 0), or cast it to float.",
        });
      }
      result = expression.operator === "/" ? a / b : a % b;
  }
  if (!fitsBigint(result)) {
    throw runtimeError(context, "ASA_ARITHMETIC", "The integer result does not fit into 64 bits", expression);
  }
  return result;
}

function floating(context: ExpressionContext, expression: ArithmeticExpression, a: number, b: number): Value {
  let result: number;
  switch (expression.operator) {
    case "+":
      result = a + b;
      break;
    case "-":
      result = a - b;
      break;
    case "*":
      result = a * b;
      break;
    case "/":
      result = a / b;
      break;
    default:
      result = a % b;
  }
  if (context.dialect.nonFinite === "error" && !Number.isFinite(result)) {
    throw runtimeError(context, "ASA_ARITHMETIC", "The result is no finite number", expression);
  }
  return finite(result);
}

/** The operator of an arithmetic expression on two values; also called by generated code for what it does not inline. */
export function arithmeticOf(
  context: ExpressionContext,
  expression: ArithmeticExpression,
): (left: Value, right: Value) => Value {
  const joins = expression.operator === "+";
  // Untyped text is a number only where the other side is one: two texts are joined.
  return (a, b) => {
    if (a === null || b === null) return null;
    if (joins && typeof a === "string" && typeof b === "string") return a + b;
    const x = toNumeric(context, a, expression.left);
    const y = toNumeric(context, b, expression.right);
    if (typeof x === "bigint" && typeof y === "bigint") return integer(context, expression, x, y);
    return floating(context, expression, Number(x), Number(y));
  };
}

export function compileArithmetic(context: ExpressionContext, expression: ArithmeticExpression): Evaluator {
  const left = context.compile(expression.left);
  const right = context.compile(expression.right);
  const apply = arithmeticOf(context, expression);
  return (row) => apply(left(row), right(row));
}

function toBits(context: ExpressionContext, value: Value, expression: Expression): boolean | bigint {
  if (typeof value === "boolean" || typeof value === "bigint") return value;
  const converted = typeof value === "string" ? convertValue(value, "bigint") : undefined;
  if (typeof converted !== "bigint") {
    throw runtimeError(
      context,
      "ASA_CONVERSION",
      `Cannot cast value of type '${typeOf(value)}' to type 'bigint'`,
      expression,
    );
  }
  return converted;
}

/** The operator of a bitwise expression on two values. */
export function bitwiseOf(
  context: ExpressionContext,
  expression: BitwiseExpression,
): (left: Value, right: Value) => Value {
  const { operator } = expression;
  return (a, b) => {
    if (a === null || b === null) return null;
    const x = toBits(context, a, expression.left);
    const y = toBits(context, b, expression.right);
    if (typeof x === "boolean" && typeof y === "boolean") {
      return operator === "&" ? x && y : operator === "|" ? x || y : x !== y;
    }
    const [p, q] = [BigInt(x), BigInt(y)];
    return operator === "&" ? p & q : operator === "|" ? p | q : p ^ q;
  };
}

export function compileBitwise(context: ExpressionContext, expression: BitwiseExpression): Evaluator {
  const left = context.compile(expression.left);
  const right = context.compile(expression.right);
  const apply = bitwiseOf(context, expression);
  return (row) => apply(left(row), right(row));
}

/** The operator of a unary expression on a value. */
export function unaryOf(context: ExpressionContext, expression: UnaryExpression): (value: Value) => Value {
  return (value) => {
    if (value === null) return null;
    if (expression.operator === "~") {
      const bits = toBits(context, value, expression.operand);
      return typeof bits === "boolean" ? !bits : ~bits;
    }
    const number = toNumeric(context, value, expression.operand);
    if (expression.operator === "+") return number;
    if (typeof number === "bigint" && !fitsBigint(-number)) {
      throw runtimeError(
        context,
        "ASA_ARITHMETIC",
        "The integer result does not fit into 64 bits",
        expression,
      );
    }
    return -number;
  };
}

export function compileUnary(context: ExpressionContext, expression: UnaryExpression): Evaluator {
  const operand = context.compile(expression.operand);
  const apply = unaryOf(context, expression);
  return (row) => apply(operand(row));
}
