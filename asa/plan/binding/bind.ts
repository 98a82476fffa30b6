import type { ExpressionNode, QueryNode } from "../../language";
import type { Expression } from "../logical-plan";
import type { Environment } from "./environment";
import type { Place } from "./place";
import type { RowSource } from "./scope";

/**
 * The binders that the others come back to: expressions hold calls that hold expressions, and sources hold queries.
 * They reach each other through the environment, so that no file needs one that needs it.
 */
export interface Binder {
  readonly value: (node: ExpressionNode, place: Place) => Expression;
  readonly condition: (node: ExpressionNode, place: Place) => Expression;
  readonly query: (query: QueryNode, environment: Environment, outermost: boolean) => RowSource;
}

/** Binds an expression that gives a value; a condition is reported. */
export function bindValue(node: ExpressionNode, place: Place): Expression {
  return place.environment.binder.value(node, place);
}

/** Binds an expression that is true, false or unknown; a value is reported. */
export function bindCondition(node: ExpressionNode, place: Place): Expression {
  return place.environment.binder.condition(node, place);
}

/** Binds a query; `outermost` is true for a statement, the only place of INTO. */
export function bindQuery(query: QueryNode, environment: Environment, outermost: boolean): RowSource {
  return environment.binder.query(query, environment, outermost);
}
