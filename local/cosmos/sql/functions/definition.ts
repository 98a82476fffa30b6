import type { Value } from "../value";

/** A built-in function: how many arguments it takes and what it yields; undefined for arguments of wrong types. */
export interface FunctionDefinition {
  readonly min: number;
  readonly max: number;
  readonly evaluate: (...parameters: Value[]) => Value;
}

export type FunctionTable = Readonly<Record<string, FunctionDefinition>>;

export function define(
  min: number,
  max: number,
  evaluate: (...parameters: Value[]) => Value,
): FunctionDefinition {
  return { min, max, evaluate };
}

/** A function of numbers; undefined when an argument is none or the result is not finite. */
export function numeric(count: number, evaluate: (...numbers: number[]) => number): FunctionDefinition {
  return define(count, count, (...parameters) => {
    if (!parameters.every((value) => typeof value === "number")) return undefined;
    const result = evaluate(...(parameters as number[]));
    return Number.isFinite(result) ? result : undefined;
  });
}

/** A function of strings; undefined when an argument is none. */
export function textual(count: number, evaluate: (...texts: string[]) => Value): FunctionDefinition {
  return define(count, count, (...parameters) =>
    parameters.every((value) => typeof value === "string")
      ? evaluate(...(parameters as string[]))
      : undefined,
  );
}
