import type { Expression } from "../logical-plan";
import type { Place } from "./place";

/** The TIMESTAMP BY column is a datetime when it is compared or ordered by. */
export function comparand(expression: Expression, place: Place): Expression {
  if (
    expression.kind !== "column" ||
    expression.type !== "any" ||
    place.environment.dialect.timestampColumn !== "datetime"
  ) {
    return expression;
  }
  const source = place.scope.sources.find((candidate) => candidate.slot === expression.slot);
  if (source?.timestampColumn?.toLowerCase() !== expression.name.toLowerCase()) return expression;
  return { kind: "cast", mode: "implicit", operand: expression, type: "datetime", range: expression.range };
}
