import { type CallNode, didYouMean, type ExpressionNode, suggest } from "../../language";
import {
  type Builtin,
  builtins,
  lookupBuiltin,
  type Parameter,
  type ScalarBuiltin,
  wholeRowFunction,
} from "../../language/builtins";
import type { Expression } from "../logical-plan";
import { bindAggregate } from "./aggregate-call";
import { bindAnalytic } from "./analytic-call";
import { checkArgumentType, checkCount } from "./arguments";
import { bindValue } from "./bind";
import { bareWord, datePart } from "./constants";
import { bindContext } from "./context-call";
import { bindUda, bindUdf } from "./javascript-call";
import { bindMatchCall } from "./match-expression";
import { faulty, type Place } from "./place";
import { findSource, wholeEvent } from "./scope";

const supportNames = new Set(["duration", "hop", "offset", "timeout", "maxduration", "window"]);

/** Call : scalar function, aggregate, analytic function, System.Timestamp(), UDF.name(), uda.name() */
export function bindCall(node: CallNode, place: Place): Expression {
  const { environment } = place;
  const name = node.name.map((segment) => segment.text).join(".");
  const [prefix, member] = [node.name[0]?.text.toLowerCase(), node.name[1]];
  if (node.name.length === 2 && member !== undefined) {
    if (prefix === "udf") return bindUdf(node, member, place);
    if (prefix === "uda") return bindUda(node, member, place);
  }
  const matched = place.match === null ? undefined : bindMatchCall(node, name, place, place.match);
  if (matched !== undefined) return matched;
  const builtin = lookupBuiltin(name);
  if (builtin === undefined || builtin.name === wholeRowFunction) {
    if (supportNames.has(name.toLowerCase())) return reportWindowPlace(node, name, place);
    if (name.toLowerCase() === "isnull" && environment.dialect.isNullFunction === "accept") {
      const [coalesce] = node.name;
      if (coalesce !== undefined)
        return bindCall({ ...node, name: [{ ...coalesce, text: "COALESCE" }] }, place);
    }
    return reportUnknown(node, name, place);
  }
  switch (builtin.kind) {
    case "aggregate":
      return bindAggregate(node, builtin, place);
    case "analytic":
      return bindAnalytic(node, builtin, place);
    case "context":
      return bindContext(node, builtin, place);
    case "window":
      return reportWindowPlace(node, builtin.name, place);
    case "apply":
      environment.diagnostics.error(
        "ASA_APPLY_FUNCTION",
        `${builtin.name} stands after CROSS APPLY or OUTER APPLY only`,
        node.range,
        {
          hint: `Write FROM input CROSS APPLY ${builtin.name}(...) AS element.`,
        },
      );
      return faulty(node.range);
    case "scalar":
      return bindScalarCall(node, builtin, place);
  }
}

function bindScalarCall(node: CallNode, builtin: ScalarBuiltin, place: Place): Expression {
  const { diagnostics } = place.environment;
  if (node.over !== null) {
    diagnostics.error("ASA_OVER", `function ${builtin.name} takes no OVER clause`, node.over.range, {
      hint: "Remove OVER.",
    });
  }
  if (node.star || node.quantifier !== null) {
    diagnostics.error(
      "ASA_STAR",
      `function ${builtin.name} takes neither * nor ${node.quantifier ?? "a quantifier"}`,
      node.range,
    );
    return faulty(node.range);
  }
  if (!checkCount(node, builtin, node.arguments.length, place)) {
    // The arguments are checked all the same, so that one run reports every mistake.
    for (const argument of node.arguments) if (bareWord(argument) === undefined) bindValue(argument, place);
    return faulty(node.range);
  }
  const last = builtin.parameters.length - 1;
  const parts = node.arguments.map((argument, index) =>
    bindArgument(argument, builtin, index, builtin.parameters[Math.min(index, last)], place),
  );
  const type = builtin.result(parts.map((part) => part.type));
  return { kind: "call", function: builtin.name.toLowerCase(), arguments: parts, type, range: node.range };
}

function bindArgument(
  node: ExpressionNode,
  builtin: Builtin,
  index: number,
  parameter: Parameter | undefined,
  place: Place,
): Expression {
  const { diagnostics } = place.environment;
  if (parameter?.kind === "datePart") {
    const word = bareWord(node);
    const part = word === undefined ? undefined : datePart(word, diagnostics);
    if (word === undefined) {
      diagnostics.error(
        "ASA_DATE_PART",
        `function ${builtin.name} needs a date part as a bare word`,
        node.range,
        {
          hint: `Write e.g. ${builtin.name}(minute, ...).`,
        },
      );
    }
    return { kind: "literal", value: part ?? null, type: "nvarchar(max)", range: node.range };
  }
  if (place.sourceTimes && builtin.name === "DATEDIFF" && node.kind === "path") {
    const source = wholeEvent(place.scope, node);
    if (source !== undefined)
      return { kind: "slot-time", slot: source.slot, type: "datetime", range: node.range };
  }
  const value = bindValue(node, place);
  if (builtin.name === "DATEDIFF" && value.kind === "event") {
    diagnostics.error(
      "ASA_ARGUMENT_TYPE",
      "DATEDIFF takes whole sources in the ON clause of a JOIN only",
      node.range,
      {
        hint: "Name a datetime column, or select System.Timestamp() in a step.",
      },
    );
    return value;
  }
  checkArgumentType(value, builtin, index, parameter, place);
  return value;
}

function reportWindowPlace(node: CallNode, name: string, place: Place): Expression {
  place.environment.diagnostics.error(
    "ASA_WINDOW_PLACE",
    `window function ${name} stands in GROUP BY only`,
    node.range,
    {
      hint: "Move it to GROUP BY; System.Timestamp() gives the end of the window.",
    },
  );
  return faulty(node.range);
}

const familiar: Readonly<Record<string, string>> = {
  getdate: "Use System.Timestamp(): a query knows no wall clock.",
  getutcdate: "Use System.Timestamp(): a query knows no wall clock.",
  sysdatetime: "Use System.Timestamp(): a query knows no wall clock.",
  current_timestamp: "Use System.Timestamp(): a query knows no wall clock.",
  isnull: "Use COALESCE(a, b).",
  nvl: "Use COALESCE(a, b).",
  ifnull: "Use COALESCE(a, b).",
  convert: "Use CAST(expression AS type).",
  try_convert: "Use TRY_CAST(expression AS type).",
  iif: "Use CASE WHEN ... THEN ... ELSE ... END.",
  length: "Use LEN(text).",
  substr: "Use SUBSTRING(text, start, length).",
  anomalydetection: "Use AnomalyDetection_SpikeAndDip or AnomalyDetection_ChangePoint.",
  row_number: "Use CollectTop(n) OVER (ORDER BY ...) with a window.",
  rank: "Use CollectTop(n) OVER (ORDER BY ...) with a window.",
  lead: "A stream has no later rows; use LAG in a step and look back from the later row.",
  first_value: "Use ISFIRST, or TopOne() OVER (ORDER BY ...) with a window.",
};

function reportUnknown(node: CallNode, name: string, place: Place): Expression {
  const { environment } = place;
  for (const argument of node.arguments) if (bareWord(argument) === undefined) bindValue(argument, place);
  const simple = node.name.length === 1;
  const declared = environment.findFunction(name);
  let hint = familiar[name.toLowerCase()];
  if (hint === undefined && simple && declared !== undefined)
    hint = `Write ${declared.kind === "aggregate" ? "uda" : "udf"}.${declared.name}(...).`;
  if (hint === undefined && !simple && findSource(place.scope, node.name[0]?.text ?? "") === undefined) {
    const bare = node.name.at(-1)?.text ?? "";
    hint =
      lookupBuiltin(bare) === undefined
        ? undefined
        : `Write ${lookupBuiltin(bare)?.name}(...) without a prefix.`;
  }
  hint ??= similarName(name) ?? 'Calls of JavaScript functions start with "udf.".';
  environment.diagnostics.error("ASA_UNKNOWN_FUNCTION", `function "${name}" does not exist`, node.range, {
    hint,
  });
  return faulty(node.range);
}

/** Names of this language first, then those of other SQL dialects with their counterpart here. */
function similarName(name: string): string | undefined {
  const names = builtins.flatMap((builtin) => [builtin.name, ...(builtin.aliases ?? [])]);
  const own = didYouMean(name, names);
  const [foreign] = suggest(name, Object.keys(familiar));
  return own ?? (foreign === undefined ? undefined : familiar[foreign]);
}
