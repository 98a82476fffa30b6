import { AsaError } from "../../errors";
import type { BuiltinError } from "../../language/builtins/builtin";
import type { AggregateCall, LogicalPlan } from "../../plan/logical-plan";

/** The error of a value that an aggregate does not take, with the place of the call. */
export function aggregateError(plan: LogicalPlan, { range }: AggregateCall, error: BuiltinError): AsaError {
  const text = plan.text.slice(range.start, range.end).replace(/\s+/g, " ");
  const place = `At line '${range.line}' and column '${range.column}'.`;
  return new AsaError("ASA_ARGUMENT_VALUE", `${error.message} in expression '${text}'. ${place}`, {
    location: range,
    cause: error,
  });
}
