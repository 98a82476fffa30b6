import type { Dialect } from "../../dialect";
import { convertArgument } from "../../language/builtins/bind";
import { BuiltinError, takes } from "../../language/builtins/builtin";
import { finite } from "../../values/types";
import type { Value } from "../../values/value";

/** Reads an aggregate's argument as a number, by the rules of a call: numeric text is float, a bit bigint. */
export function numericArgument(name: string, value: Value): bigint | number | null {
  if (value === null || typeof value === "bigint" || typeof value === "number") return value;
  return convertArgument(name, 0, value, takes.number) as bigint | number;
}

/** What a float result that is no number becomes: NULL, or an error (OPEN-24). */
export type FloatResult = (value: number) => number | null;

export function floatResult(name: string, dialect: Dialect): FloatResult {
  if (dialect.nonFinite === "null") return finite;
  return (value) => {
    if (!Number.isFinite(value))
      throw new BuiltinError(`the result of function ${name} is not a finite number`);
    return value;
  };
}
