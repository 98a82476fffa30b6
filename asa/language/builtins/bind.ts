import type { Dialect } from "../../dialect";
import { convertValue } from "../../values/convert";
import { typeOf } from "../../values/types";
import type { Value, ValueType } from "../../values/value";
import { BuiltinError, type Parameter, type ScalarBuiltin } from "./builtin";

const ordinals = ["1st", "2nd", "3rd"];
const ordinal = (index: number): string => ordinals[index] ?? `${index + 1}th`;

function invalid(name: string, index: number, value: Value, types: readonly ValueType[]): BuiltinError {
  const allowed = types.map((type) => `'${type}'`).join(", ");
  return new BuiltinError(
    `The ${ordinal(index)} argument of function ${name.toLowerCase()} has invalid type '${typeOf(value)}'. ` +
      `Only ${allowed} is allowed.`,
  );
}

/** Converts one argument as a call does: to the parameter's type, numeric text to float where numbers are taken. */
export function convertArgument(name: string, index: number, value: Value, parameter: Parameter): Value {
  if (value === null || parameter.kind !== "value") return value;
  const { types } = parameter;
  if (types.length === 0 || types.includes(typeOf(value) as ValueType)) return value;
  // Text widens to the most general number, a bit to the narrowest.
  const numeric = types.includes("bigint") && types.includes("float");
  const target = numeric ? (typeof value === "boolean" ? "bigint" : "float") : types[0]!;
  const converted = convertValue(value, target);
  if (converted === undefined) throw invalid(name, index, value, types);
  return converted;
}

/**
 * Returns the function as the evaluator calls it: NULL rule and implicit conversion of arguments applied.
 *
 * @throws {BuiltinError} (on a call) when a value does not convert to the parameter's type, or the function rejects it.
 */
export function bindScalar(builtin: ScalarBuiltin, dialect: Dialect): (args: Value[]) => Value {
  const { parameters, evaluate, name } = builtin;
  const last = parameters.length - 1;
  const propagate = builtin.nulls === "propagate";
  return (args) => {
    for (let i = 0; i < args.length; i++) {
      const value = args[i] as Value;
      if (value === null) {
        if (propagate) return null;
        continue;
      }
      const parameter = parameters[Math.min(i, last)];
      if (parameter !== undefined) args[i] = convertArgument(name, i, value, parameter);
    }
    return evaluate(args, dialect);
  };
}
