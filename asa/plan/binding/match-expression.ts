import { type CallNode, didYouMean, type NameNode, type PathNode } from "../../language";
import { lookupBuiltin } from "../../language/builtins";
import type { Expression, MatchAggregateExpression } from "../logical-plan";
import { faulty, type MatchPlace, type Place } from "./place";

/** Path : Variable "." column { "." member }; without a variable the column of the row itself */
export function bindMatchPath(node: PathNode, place: Place, match: MatchPlace): Expression {
  const [first, second, ...members] = node.segments as readonly [
    NameNode,
    NameNode | undefined,
    ...NameNode[],
  ];
  const { diagnostics } = place.environment;
  const variable = match.variables.findIndex(
    (candidate) => candidate.text.toLowerCase() === first.text.toLowerCase(),
  );
  if (variable < 0 || second === undefined) {
    const known = match.variables.map((candidate) => candidate.text);
    diagnostics.error(
      "ASA_MATCH_RECOGNIZE",
      `"${node.segments.map((segment) => segment.text).join(".")}" names no column of a pattern variable`,
      node.range,
      {
        hint: didYouMean(first.text, known) ?? `Qualify columns by a pattern variable: ${known.join(", ")}.`,
      },
    );
    return faulty(node.range);
  }
  if (!match.visible.has(variable)) {
    diagnostics.error(
      "ASA_MATCH_RECOGNIZE",
      `variable "${first.text}" is not defined before it is used`,
      first.range,
      {
        hint: "A variable refers to itself and to variables defined before it.",
      },
    );
    return faulty(node.range);
  }
  const column: Expression = {
    kind: "match-column",
    variable,
    name: second.text,
    type: "any",
    range: node.range,
  };
  return members.reduce<Expression>(
    (target, member) => ({ kind: "member", target, name: member.text, type: "any", range: node.range }),
    column,
  );
}

const aggregates: ReadonlySet<string> = new Set(["min", "max", "first", "last", "count", "sum", "avg"]);

/**
 * Min, Max, First, Last (and Count, Sum, Avg) of a variable's column, and Classifier() in MEASURES; undefined for a
 * scalar function, which is bound as everywhere.
 */
export function bindMatchCall(
  node: CallNode,
  name: string,
  place: Place,
  match: MatchPlace,
): Expression | undefined {
  const { diagnostics } = place.environment;
  const lower = name.toLowerCase();
  if (lower === "classifier") {
    if (match.clause !== "MEASURES" || node.arguments.length > 0) {
      diagnostics.error(
        "ASA_MATCH_RECOGNIZE",
        "Classifier() stands in MEASURES and takes no argument",
        node.range,
      );
      return faulty(node.range);
    }
    return { kind: "classifier", type: "array", range: node.range };
  }
  if (aggregates.has(lower)) {
    const [argument, surplus] = node.arguments;
    const bound = argument?.kind === "path" ? bindMatchPath(argument, place, match) : undefined;
    if (bound?.kind !== "match-column" || surplus !== undefined) {
      if (bound?.kind !== "literal") {
        diagnostics.error(
          "ASA_MATCH_RECOGNIZE",
          `${name} takes one column of a pattern variable`,
          node.range,
          {
            hint: `Write e.g. ${name}(A.value).`,
          },
        );
      }
      return faulty(node.range);
    }
    const fn = lower as MatchAggregateExpression["function"];
    const type = fn === "count" ? "bigint" : "any";
    return {
      kind: "match-aggregate",
      function: fn,
      variable: bound.variable,
      name: bound.name,
      type,
      range: node.range,
    };
  }
  const builtin = lookupBuiltin(name);
  if (builtin !== undefined && builtin.kind !== "scalar") {
    diagnostics.error("ASA_MATCH_RECOGNIZE", `${builtin.name} cannot stand in ${match.clause}`, node.range, {
      hint: "Use Min, Max, First or Last of a pattern variable's column.",
    });
    return faulty(node.range);
  }
  return undefined;
}
