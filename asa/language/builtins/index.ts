import { aggregateBuiltins } from "./aggregates";
import { analyticBuiltins } from "./analytics";
import type { Builtin } from "./builtin";
import { collectionBuiltins, internalBuiltins } from "./collections";
import { contextBuiltins } from "./context";
import { conversionBuiltins } from "./conversion";
import { dateTimeBuiltins } from "./date-time";
import { geospatialBuiltins } from "./geospatial";
import { jsonBuiltins } from "./json";
import { mathBuiltins } from "./math";
import { stringBuiltins } from "./strings";
import { windowBuiltins } from "./windows";

export { bindScalar } from "./bind";
export type {
  AggregateBuiltin,
  AnalyticBuiltin,
  ApplyBuiltin,
  Builtin,
  ContextBuiltin,
  Parameter,
  ScalarBuiltin,
  WindowBuiltin,
} from "./builtin";
export { wholeRowFunction } from "./collections";
export { canonicalDatePart, type DatePart } from "./date-parts";

/** Every function of the language, in the order of the reference's chapters. */
export const builtins: readonly Builtin[] = [
  ...aggregateBuiltins,
  ...analyticBuiltins,
  ...dateTimeBuiltins,
  ...stringBuiltins,
  ...mathBuiltins,
  ...conversionBuiltins,
  ...jsonBuiltins,
  ...collectionBuiltins,
  ...geospatialBuiltins,
  ...contextBuiltins,
  ...windowBuiltins,
];

const byName = new Map<string, Builtin>();
for (const builtin of [...builtins, ...internalBuiltins]) {
  for (const name of [builtin.name, ...(builtin.aliases ?? [])]) byName.set(name.toLowerCase(), builtin);
}

/**
 * Returns the function of that name, without regard to case, or undefined. `System.Timestamp` has its prefix. Knows
 * the functions of the compiler too, which only plans call.
 */
export function lookupBuiltin(name: string): Builtin | undefined {
  return byName.get(name.toLowerCase());
}
