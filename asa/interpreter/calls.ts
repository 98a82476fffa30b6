import { bindScalar } from "../language/builtins/bind";
import { BuiltinError, type ScalarBuiltin } from "../language/builtins/builtin";
import { partTicks } from "../language/builtins/date-math";
import { lookupBuiltin } from "../language/builtins/index";
import type { CallExpression, CaseExpression, CastExpression, UdfExpression } from "../plan/logical-plan";
import type { Evaluator } from "../runtime/row";
import { convertValue } from "../values/convert";
import { IncomparableError } from "../values/equality";
import { formatJsonFloat } from "../values/float-text";
import { writeJson } from "../values/json-write";
import { typeOf } from "../values/types";
import { AsaRecord, type DateTime, type Value, type ValueType } from "../values/value";
import { equalityComparer } from "./conditions";
import type { ExpressionContext } from "./context";
import { runtimeError } from "./errors";

/** DATEDIFF of two sources as a distance in units instead of a count of boundaries (OPEN-09). */
function plainDistance(context: ExpressionContext, expression: CallExpression): Evaluator | null {
  const [unit, from, to] = expression.arguments;
  if (expression.function !== "datediff" || context.dialect.joinDistance !== "plain") return null;
  if (unit?.kind !== "literal" || from?.kind !== "slot-time" || to?.kind !== "slot-time") return null;
  const length = partTicks[unit.value as keyof typeof partTicks];
  if (length === undefined) return null;
  const [first, second] = [context.compile(from), context.compile(to)];
  return (row) => {
    const [a, b] = [first(row) as DateTime | null, second(row) as DateTime | null];
    return a === null || b === null ? null : Number(b.ticks - a.ticks) / Number(length);
  };
}

/** A built-in function on its argument values, with errors that name the call's place. It may overwrite `values`. */
export function callOf(context: ExpressionContext, expression: CallExpression): (values: Value[]) => Value {
  const builtin = lookupBuiltin(expression.function) as ScalarBuiltin;
  const call = bindScalar(builtin, context.dialect);
  return (values) => {
    try {
      return call(values);
    } catch (error) {
      if (!(error instanceof BuiltinError) && !(error instanceof IncomparableError)) throw error;
      throw runtimeError(context, "ASA_ARGUMENT_VALUE", error.message, expression, { cause: error });
    }
  };
}

/** True for a DATEDIFF of two sources that the dialect does not count in boundaries. */
export function isPlainDistance(context: ExpressionContext, expression: CallExpression): boolean {
  return plainDistance(context, expression) !== null;
}

export function compileCall(context: ExpressionContext, expression: CallExpression): Evaluator {
  const plain = plainDistance(context, expression);
  if (plain !== null) return plain;
  const call = callOf(context, expression);
  const args = expression.arguments.map(context.compile);
  const count = args.length;
  // One array serves all calls of this place: functions read their arguments and never keep the array.
  const values = new Array<Value>(count).fill(null);
  return (row) => {
    for (let i = 0; i < count; i++) values[i] = args[i]!(row);
    return call(values);
  };
}

/** A JavaScript function on its argument values. */
export function udfOf(context: ExpressionContext, expression: UdfExpression): (values: Value[]) => Value {
  const { name } = expression;
  return (values) => {
    if (context.functions === undefined) {
      throw runtimeError(
        context,
        "ASA_FUNCTION_FAILED",
        `the job has no host for function "${name}"`,
        expression,
      );
    }
    let result: Value;
    try {
      result = context.functions.callScalar(name, values);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `Function 'udf${name.toLowerCase()}' resulted in an error: '${reason}'`;
      throw runtimeError(context, "ASA_FUNCTION_FAILED", message, expression, { cause: error });
    }
    if (expression.type === "any" || result === null) return result;
    return convertOrFail(context, expression, result, expression.type, false);
  };
}

export function compileUdf(context: ExpressionContext, expression: UdfExpression): Evaluator {
  const args = expression.arguments.map(context.compile);
  const call = udfOf(context, expression);
  return (row) => call(args.map((arg) => arg(row)));
}

function convertOrFail(
  context: ExpressionContext,
  expression: CastExpression | UdfExpression,
  value: Value,
  type: ValueType,
  quiet: boolean,
): Value {
  const converted = castValue(context, value, type);
  if (converted !== undefined) return converted;
  if (quiet) return null;
  const place = expression.kind === "cast" ? expression.operand : expression;
  throw runtimeError(
    context,
    "ASA_CONVERSION",
    `Cannot cast value of type '${typeOf(value)}' to type '${type}'`,
    place,
    {
      hint: "TRY_CAST function can be used to handle values with unexpected type.",
    },
  );
}

/** The conversion table with the dialect's choices for text (OPEN-30). */
function castValue({ dialect }: ExpressionContext, value: Value, type: ValueType): Value | undefined {
  if (type === "nvarchar(max)") {
    if (typeof value === "number" && dialect.floatText === "with-point") return formatJsonFloat(value);
    if (typeof value === "boolean" && dialect.bitText === "capitalised") return value ? "True" : "False";
    if ((value instanceof AsaRecord || Array.isArray(value)) && dialect.recordText === "json")
      return writeJson(value);
  }
  return convertValue(value, type);
}

/** A conversion on a value. */
export function castOf(context: ExpressionContext, expression: CastExpression): (value: Value) => Value {
  const { type } = expression;
  if (type === "any") return (value) => value;
  const quiet = expression.mode === "try";
  return (value) => (value === null ? null : convertOrFail(context, expression, value, type, quiet));
}

export function compileCast(context: ExpressionContext, expression: CastExpression): Evaluator {
  const operand = context.compile(expression.operand);
  const convert = castOf(context, expression);
  return (row) => convert(operand(row));
}

export function compileCase(context: ExpressionContext, expression: CaseExpression): Evaluator {
  const branches = expression.branches.map((branch) => ({
    when: context.compile(branch.when),
    result: context.compile(branch.then),
  }));
  const otherwise: Evaluator =
    expression.otherwise === null ? () => null : context.compile(expression.otherwise);
  if (expression.operand === null) {
    return (row) => {
      for (const branch of branches) if (branch.when(row) === true) return branch.result(row);
      return otherwise(row);
    };
  }
  const operand = context.compile(expression.operand);
  const equal = equalityComparer(context, expression);
  return (row) => {
    const value = operand(row);
    for (const branch of branches) if (equal(value, branch.when(row)) === true) return branch.result(row);
    return otherwise(row);
  };
}
