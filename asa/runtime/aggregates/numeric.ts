import { convertArgument } from "../../language/builtins/bind";
import { takes } from "../../language/builtins/builtin";
import type { Value } from "../../values/value";

/** Reads an aggregate's argument as a number, by the rules of a call: numeric text is float, a bit bigint. */
export function numericArgument(name: string, value: Value): bigint | number | null {
  if (value === null || typeof value === "bigint" || typeof value === "number") return value;
  return convertArgument(name, 0, value, takes.number) as bigint | number;
}
