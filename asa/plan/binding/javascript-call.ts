import { type CallNode, didYouMean, type NameNode } from "../../language";
import type { AggregateCall, Expression } from "../logical-plan";
import { bindFrame } from "./analytic-call";
import { checkCount } from "./arguments";
import { bindValue } from "./bind";
import { faulty, type Place } from "./place";

/** UDF.name(arguments): a JavaScript function of one row. */
export function bindUdf(node: CallNode, name: NameNode, place: Place): Expression {
  const declared = findDeclared(name, "scalar", place);
  const parts = node.arguments.map((argument) => bindValue(argument, place));
  if (node.over !== null || node.star || node.quantifier !== null) {
    place.environment.diagnostics.error(
      "ASA_OVER",
      `function "udf.${name.text}" takes plain arguments only`,
      node.range,
    );
  }
  return { kind: "udf", name: declared.name, arguments: parts, type: declared.type, range: node.range };
}

/** uda.name(expression): a JavaScript aggregate. */
export function bindUda(node: CallNode, name: NameNode, place: Place): Expression {
  const { diagnostics } = place.environment;
  const declared = findDeclared(name, "aggregate", place);
  const label = `uda.${declared.name}`;
  if (place.inside !== null) {
    diagnostics.error(
      "ASA_AGGREGATE_NESTED",
      `aggregate ${label} is nested in another ${place.inside} function`,
      node.range,
      {
        hint: "Compute the inner one in a step of its own.",
      },
    );
    return faulty(node.range);
  }
  if (!checkCount(node, { name: label, minArguments: 1, maxArguments: 1 }, node.arguments.length, place))
    return faulty(node.range);
  const argument = bindValue(node.arguments[0] as CallNode["arguments"][number], {
    ...place,
    inside: "aggregate",
  });
  const call: AggregateCall = {
    function: "uda",
    argument,
    distinct: node.quantifier === "distinct",
    limit: null,
    percentile: null,
    separator: null,
    orderBy: [],
    uda: declared.name,
    type: declared.type,
    range: node.range,
  };
  if (node.over !== null) {
    const frame = bindFrame(node, place);
    if (frame === undefined || place.analytics === null) return faulty(node.range);
    return frame.add({
      kind: "aggregate-over",
      aggregate: call,
      frame: frame.frame,
      type: call.type,
      range: node.range,
    });
  }
  if (place.aggregates === null) {
    diagnostics.error(
      "ASA_AGGREGATE_PLACE",
      `aggregate ${label} cannot stand in ${place.clause}`,
      node.range,
      {
        hint: "Aggregates stand in the SELECT list and in HAVING.",
      },
    );
    return faulty(node.range);
  }
  return place.aggregates.add(call);
}

function findDeclared(
  name: NameNode,
  kind: "scalar" | "aggregate",
  place: Place,
): { readonly name: string; readonly type: Expression["type"] } {
  const { environment } = place;
  const prefix = kind === "scalar" ? "udf" : "uda";
  const declared = environment.findFunction(name.text);
  if (declared !== undefined && declared.kind === kind)
    return { name: declared.name, type: declared.outputType ?? "any" };
  if (declared !== undefined) {
    environment.diagnostics.error(
      "ASA_UNKNOWN_FUNCTION",
      `"${declared.name}" is a JavaScript ${declared.kind === "scalar" ? "function" : "aggregate"}`,
      name.range,
      {
        hint: `Call it as ${prefix === "udf" ? "uda" : "udf"}.${declared.name}(...).`,
      },
    );
  } else if (environment.options.functions !== undefined) {
    const known = environment.options.functions.map((candidate) => candidate.name);
    environment.diagnostics.error(
      "ASA_UNKNOWN_FUNCTION",
      `JavaScript function "${name.text}" does not exist`,
      name.range,
      {
        hint:
          didYouMean(name.text, known) ??
          (known.length === 0 ? "The project has no functions." : `The functions are: ${known.join(", ")}.`),
      },
    );
  }
  return { name: name.text, type: "any" };
}
