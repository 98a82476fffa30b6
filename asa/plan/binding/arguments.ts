import type { SourceRange } from "../../api";
import type { Parameter } from "../../language/builtins";
import type { StaticType } from "../../values/value";
import type { Expression } from "../logical-plan";
import type { Place } from "./place";

const ordinals = ["1st", "2nd", "3rd"];

/** Reports an argument whose static type can never be taken. */
export function checkArgumentType(
  value: Expression,
  builtin: { readonly name: string },
  index: number,
  parameter: Parameter | undefined,
  place: Place,
): void {
  if (parameter?.kind !== "value" || parameter.types.length === 0 || accepts(parameter.types, value.type))
    return;
  const allowed = parameter.types.map((type) => `'${type}'`).join(", ");
  place.environment.diagnostics.error(
    "ASA_ARGUMENT_TYPE",
    `the ${ordinals[index] ?? `${index + 1}th`} argument of function ${builtin.name} has type ${value.type}`,
    value.range,
    { hint: `Only ${allowed} ${parameter.types.length === 1 ? "is" : "are"} allowed.` },
  );
}

function accepts(types: readonly StaticType[], type: StaticType): boolean {
  if (type === "any" || types.includes(type)) return true;
  const numeric = types.includes("bigint") || types.includes("float");
  if (numeric && (type === "bigint" || type === "float" || type === "bit")) return true;
  return types.includes("datetime") && type === "nvarchar(max)";
}

/** Reports a wrong number of arguments. */
export function checkCount(
  node: { readonly range: SourceRange },
  builtin: { readonly name: string; readonly minArguments: number; readonly maxArguments: number },
  count: number,
  place: Place,
): boolean {
  const { minArguments: least, maxArguments: most } = builtin;
  if (count >= least && count <= most) return true;
  const plural = (number: number): string => `${number} argument${number === 1 ? "" : "s"}`;
  let wanted = plural(least);
  if (most === Number.POSITIVE_INFINITY) wanted = `at least ${wanted}`;
  else if (most !== least) wanted = `${least} to ${plural(most)}`;
  place.environment.diagnostics.error(
    "ASA_ARGUMENT_COUNT",
    `function ${builtin.name} takes ${wanted}, not ${count}`,
    node.range,
    { hint: count < least ? "Add the missing arguments." : "Remove the surplus arguments." },
  );
  return false;
}
