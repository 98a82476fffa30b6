import type { Dialect } from "../../dialect";
import type { StaticType, Value, ValueType } from "../../values/value";

/** What evaluation depends on besides the arguments. */
export type Evaluate = (args: readonly Value[], dialect: Dialect) => Value;

/**
 * What one argument place takes. `types` lists the types of the reference page (empty: every type); `datePart` is a
 * bare word (or `timeUnit` for windows) handed to `evaluate` as its canonical name; `apply`-only functions use `value`.
 */
export type Parameter =
  | { readonly kind: "value"; readonly types: readonly ValueType[]; readonly constant?: boolean }
  | { readonly kind: "datePart" }
  | { readonly kind: "source" };

/** Members common to every function of the language. */
interface Signature {
  /** Canonical name, as the reference prints it; look-up ignores case. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** Places in order; where a function takes more arguments than places, the last one repeats. */
  readonly parameters: readonly Parameter[];
  readonly minArguments: number;
  /** `Number.POSITIVE_INFINITY` where the list is open. */
  readonly maxArguments: number;
  /** Static type of the result for the arguments' static types; `any` arguments may give `any`. */
  readonly result: (argumentTypes: readonly StaticType[]) => StaticType;
}

/**
 * A function of one row. `nulls: "propagate"` gives NULL when any argument is NULL, before `evaluate` is called;
 * `"handles"` leaves NULL to `evaluate`.
 */
export interface ScalarBuiltin extends Signature {
  readonly kind: "scalar";
  readonly nulls: "propagate" | "handles";
  /** Arguments are already converted to the parameters' types; date parts are canonical names. */
  readonly evaluate: Evaluate;
}

/** A function over the rows of a window or of an OVER clause. */
export interface AggregateBuiltin extends Signature {
  readonly kind: "aggregate";
  /** `(*)` or `()` is accepted. */
  readonly star: boolean;
  readonly distinct: boolean;
  /** `OVER (ORDER BY ...)` belongs to the function itself. */
  readonly ordered: boolean;
  /** `OVER (... LIMIT DURATION ...)` is accepted. */
  readonly over: boolean;
}

/** LAG, LAST, ISFIRST and the anomaly detectors: functions of a row and its predecessors. */
export interface AnalyticBuiltin extends Signature {
  readonly kind: "analytic";
  readonly star: boolean;
  /** The OVER clause: needed, optional, and whether LIMIT DURATION is part of it. */
  readonly over: "required" | "optional";
  readonly limitDuration: boolean;
}

/** GetArrayElements, GetElements, GetRecordProperties: only after CROSS APPLY or OUTER APPLY. */
export interface ApplyBuiltin extends Signature {
  readonly kind: "apply";
  /** Columns of a row of the result. */
  readonly columns: readonly [string, string];
}

/** Window functions, of GROUP BY only; their arguments are read by the parser's window rules. */
export interface WindowBuiltin extends Signature {
  readonly kind: "window";
}

/** System.Timestamp(), System.Window() and GetMetadataPropertyValue: read the row, not their arguments. */
export interface ContextBuiltin extends Signature {
  readonly kind: "context";
}

export type Builtin =
  | ScalarBuiltin
  | AggregateBuiltin
  | AnalyticBuiltin
  | ApplyBuiltin
  | WindowBuiltin
  | ContextBuiltin;

const place = (...types: ValueType[]): Parameter => ({ kind: "value", types });

/** Parameter places by the types they take. */
export const takes = {
  any: place(),
  bigint: place("bigint"),
  float: place("float"),
  number: place("bigint", "float"),
  text: place("nvarchar(max)"),
  datetime: place("datetime"),
  bits: place("bit", "bigint"),
  record: place("record"),
  array: place("array"),
  /** GeoJSON record or WKT text. */
  geography: place("record", "nvarchar(max)"),
  datePart: { kind: "datePart" } as Parameter,
  source: { kind: "source" } as Parameter,
} as const;

/** Result rules shared by the families. */
export const gives = {
  always: (type: StaticType) => () => type,
  /** The type of one argument. */
  argument: (index: number) => (types: readonly StaticType[]) => types[index] ?? "any",
  /** The type of the first argument where numbers are taken: a bit is widened as it comes in. */
  number: ([type]: readonly StaticType[]): StaticType => (type === "bit" ? "bigint" : (type ?? "any")),
} as const;

/** Builds a scalar function with a fixed number of arguments, NULL in giving NULL out. */
export function scalar(
  name: string,
  parameters: readonly Parameter[],
  result: StaticType | ((argumentTypes: readonly StaticType[]) => StaticType),
  evaluate: Evaluate,
  more: Partial<Pick<ScalarBuiltin, "aliases" | "minArguments" | "maxArguments" | "nulls">> = {},
): ScalarBuiltin {
  return {
    kind: "scalar",
    name,
    parameters,
    minArguments: parameters.length,
    maxArguments: parameters.length,
    result: typeof result === "function" ? result : () => result,
    nulls: "propagate",
    evaluate,
    ...more,
  };
}

/** A value that a function does not take; the caller adds the place in the query. */
export class BuiltinError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "BuiltinError";
  }
}
