import type { CallNode, ExpressionNode } from "../../language";
import type { AggregateBuiltin } from "../../language/builtins";
import type { StaticType } from "../../values/value";
import type { AggregateCall, AggregateFunction, Expression, OrderItem } from "../logical-plan";
import { bindFrame } from "./analytic-call";
import { checkArgumentType, checkCount } from "./arguments";
import { bindValue } from "./bind";
import { comparand } from "./comparand";
import { constantInteger, constantNumber } from "./constants";
import { faulty, type Place } from "./place";
import { wholeRow } from "./whole-row";

/** An aggregate of a window, or with OVER (... LIMIT DURATION ...) one over the rows before each row. */
export function bindAggregate(node: CallNode, builtin: AggregateBuiltin, place: Place): Expression {
  const { diagnostics } = place.environment;
  const { name } = builtin;
  if (place.inside !== null) {
    diagnostics.error(
      "ASA_AGGREGATE_NESTED",
      `aggregate ${name} is nested in another ${place.inside} function`,
      node.range,
      {
        hint: "Compute the inner one in a step of its own.",
      },
    );
    return faulty(node.range);
  }
  const analytic =
    node.over !== null &&
    (node.over.limit !== null || node.over.when !== null || node.over.partitionBy.length > 0);
  if (!analytic && place.aggregates === null) {
    diagnostics.error(
      "ASA_AGGREGATE_PLACE",
      `aggregate ${name} cannot stand in ${place.clause}`,
      node.range,
      {
        hint:
          place.clause === "WHERE"
            ? "Filter on aggregates with HAVING."
            : "Aggregates stand in the SELECT list and in HAVING; compute it in a step of its own.",
      },
    );
    return faulty(node.range);
  }
  const call = bindAggregateCall(node, builtin, { ...place, inside: analytic ? "analytic" : "aggregate" });
  if (call === undefined) return faulty(node.range);
  if (!analytic) return (place.aggregates as NonNullable<Place["aggregates"]>).add(call);
  if (!builtin.over || call.distinct) {
    diagnostics.error(
      "ASA_OVER",
      `${name}${call.distinct ? "(DISTINCT ...)" : ""} takes no OVER with LIMIT DURATION`,
      node.range,
      {
        hint: "Use it with GROUP BY and a window.",
      },
    );
    return faulty(node.range);
  }
  const frame = bindFrame(node, place);
  if (frame === undefined) return faulty(node.range);
  return frame.add({
    kind: "aggregate-over",
    aggregate: call,
    frame: frame.frame,
    type: call.type,
    range: node.range,
  });
}

function bindAggregateCall(
  node: CallNode,
  builtin: AggregateBuiltin,
  place: Place,
): AggregateCall | undefined {
  const { diagnostics } = place.environment;
  const { name } = builtin;
  if (node.star && !builtin.star) {
    diagnostics.error("ASA_STAR", `aggregate ${name} takes no *`, node.range, {
      hint:
        name.toLowerCase().startsWith("collect") || name === "TopOne"
          ? `Write ${name}() for whole events.`
          : "Name a column.",
    });
    return undefined;
  }
  if (node.quantifier === "distinct" && !builtin.distinct) {
    diagnostics.error("ASA_NOT_SUPPORTED", `${name}(DISTINCT ...) is not part of the language`, node.range, {
      hint: "Only COUNT takes DISTINCT; remove copies with a snapshot window in a step before.",
    });
    return undefined;
  }
  if (node.star && node.arguments.length > 0)
    return void checkCount(node, builtin, node.arguments.length + 1, place);
  if (!checkCount(node, builtin, node.arguments.length, place)) return undefined;
  const fn = (name === "COUNT_BIG" ? "count" : name.toLowerCase()) as AggregateFunction;
  const orderBy = bindOrder(node, builtin, place);
  if (orderBy === undefined) return undefined;
  const base = {
    function: fn,
    distinct: node.quantifier === "distinct",
    limit: null,
    percentile: null,
    separator: null,
    orderBy,
    uda: null,
    range: node.range,
  };
  const [first, second] = node.arguments;
  switch (fn) {
    case "percentile_cont":
    case "percentile_disc": {
      const percentile = constantNumber(first as ExpressionNode);
      if (percentile === undefined || percentile < 0 || percentile > 1) {
        diagnostics.error(
          "ASA_ARGUMENT_CONSTANT",
          `the percentile of ${name} must be a constant between 0 and 1`,
          (first as ExpressionNode).range,
        );
        return undefined;
      }
      const [order] = orderBy;
      if (orderBy.length !== 1 || order === undefined) {
        diagnostics.error("ASA_OVER", `${name} needs OVER (ORDER BY expression)`, node.range);
        return undefined;
      }
      const { expression } = order;
      checkArgumentType(expression, { name }, 0, { kind: "value", types: ["bigint", "float"] }, place);
      const type: StaticType =
        fn === "percentile_cont" ? "float" : expression.type === "bit" ? "bigint" : expression.type;
      return { ...base, argument: expression, percentile, type };
    }
    case "collecttop": {
      const limit = constantInteger(first as ExpressionNode);
      if (limit === undefined || limit < 1n || limit > 1_000_000n) {
        diagnostics.error(
          "ASA_ARGUMENT_CONSTANT",
          "the 1st argument of CollectTop must be a constant integer from 1",
          (first as ExpressionNode).range,
        );
        return undefined;
      }
      const argument = second === undefined ? wholeRow(node, place) : bindValue(second, place);
      return argument && { ...base, argument, limit: Number(limit), type: "array" };
    }
    case "collect":
    case "topone": {
      const argument = first === undefined ? wholeRow(node, place) : bindValue(first, place);
      return argument && { ...base, argument, type: fn === "collect" ? "array" : argument.type };
    }
    case "string_agg": {
      const argument = bindValue(first as ExpressionNode, place);
      if (second?.kind !== "literal" || typeof second.value !== "string") {
        diagnostics.error(
          "ASA_ARGUMENT_CONSTANT",
          "the separator of STRING_AGG must be a text",
          (second as ExpressionNode).range,
        );
        return undefined;
      }
      return { ...base, argument, separator: second.value, type: "nvarchar(max)" };
    }
    case "count":
      return { ...base, argument: countArgument(first, base.distinct, place), type: "bigint" };
    default: {
      const argument = comparandOf(bindValue(first as ExpressionNode, place), fn, place);
      checkArgumentType(argument, builtin, 0, builtin.parameters[0], place);
      return { ...base, argument, type: resultType(fn, argument.type, builtin, place) };
    }
  }
}

/** COUNT(*), COUNT() and COUNT(source) count events; COUNT(DISTINCT source) compares whole events. */
function countArgument(node: ExpressionNode | undefined, distinct: boolean, place: Place): Expression | null {
  if (node === undefined) return null;
  const argument = bindValue(node, place);
  return argument.kind === "event" && !distinct && place.scope.sources.length === 1 ? null : argument;
}

function comparandOf(argument: Expression, fn: AggregateFunction, place: Place): Expression {
  return fn === "min" || fn === "max" ? comparand(argument, place) : argument;
}

function resultType(
  fn: AggregateFunction,
  type: StaticType,
  builtin: AggregateBuiltin,
  place: Place,
): StaticType {
  if (fn === "avg" && type === "bigint" && place.environment.dialect.averageOfBigint === "bigint")
    return "bigint";
  return builtin.result([type]);
}

function bindOrder(
  node: CallNode,
  builtin: AggregateBuiltin,
  place: Place,
): readonly OrderItem[] | undefined {
  const { diagnostics } = place.environment;
  const items = node.over?.orderBy ?? [];
  if (builtin.ordered && items.length === 0) {
    diagnostics.error("ASA_OVER", `${builtin.name} needs OVER (ORDER BY ...)`, node.range, {
      hint: `Write ${builtin.name}(...) OVER (ORDER BY column DESC).`,
    });
    return undefined;
  }
  if (!builtin.ordered && items.length > 0) {
    diagnostics.error(
      "ASA_OVER",
      `${builtin.name} takes no ORDER BY`,
      (items[0] as (typeof items)[number]).range,
    );
    return undefined;
  }
  if (
    !builtin.ordered &&
    node.over !== null &&
    node.over.limit === null &&
    node.over.partitionBy.length === 0 &&
    node.over.when === null
  ) {
    diagnostics.error("ASA_OVER", `${builtin.name} needs LIMIT DURATION in OVER`, node.over.range, {
      hint: "Write OVER (LIMIT DURATION(unit, n)), or remove OVER and group by a window.",
    });
    return undefined;
  }
  return items.map((item) => {
    const expression = comparand(bindValue(item.expression, place), place);
    if (expression.type === "record" || expression.type === "array" || expression.type === "bit") {
      diagnostics.error("ASA_ARGUMENT_TYPE", `rows cannot be ordered by ${expression.type}`, item.range);
    }
    return { expression, descending: item.descending };
  });
}
