import type { CaseNode, CastNode, ExpressionNode, PathNode } from "../../language";
import type { StaticType } from "../../values/value";
import type { Expression } from "../logical-plan";
import { bindCall } from "./call";
import { comparand } from "./comparand";
import { valueType } from "./environment";
import { bindMatchPath } from "./match-expression";
import { faulty, type Place } from "./place";
import { findSource, resolvePath } from "./scope";
import { arithmeticType, bitwiseType, caseType, comparability, neverConverts } from "./static-types";

const conditionKinds: ReadonlySet<ExpressionNode["kind"]> = new Set([
  "comparison",
  "logical",
  "not",
  "like",
  "between",
  "in",
  "is-null",
] as const);

/** Binds an expression that gives a value; a condition is reported. */
export function bindValueNode(node: ExpressionNode, place: Place): Expression {
  if (conditionKinds.has(node.kind)) {
    place.environment.diagnostics.error("ASA_CONDITION_AS_VALUE", "a condition is not a value", node.range, {
      hint: "Write CASE WHEN ... THEN 1 ELSE 0 END.",
    });
    return faulty(node.range);
  }
  return bindNode(node, place);
}

/** Binds an expression that is true, false or unknown; a value is reported. */
export function bindConditionNode(node: ExpressionNode, place: Place): Expression {
  if (!conditionKinds.has(node.kind)) {
    place.environment.diagnostics.error("ASA_VALUE_AS_CONDITION", "a value is not a condition", node.range, {
      hint: "Compare it with something, e.g. = 1 for a bit.",
    });
    return faulty(node.range);
  }
  return bindNode(node, place);
}

function bindNode(node: ExpressionNode, place: Place): Expression {
  const { range } = node;
  switch (node.kind) {
    case "literal":
      return { kind: "literal", value: node.value, type: literalType(node.value), range };
    case "path":
      return bindPath(node, place);
    case "call":
      return bindCall(node, place);
    case "member": {
      const target = bindValueNode(node.target, place);
      if (place.environment.dialect.memberOfCall === "error" && target.kind !== "window") {
        place.environment.diagnostics.error(
          "ASA_NOT_SUPPORTED",
          "member access on a call is switched off",
          range,
        );
      }
      if (target.type !== "any" && target.type !== "record") {
        place.environment.diagnostics.error(
          "ASA_OPERAND_TYPE",
          `a value of type ${target.type} has no members`,
          node.name.range,
        );
      }
      const type: StaticType =
        target.kind === "window" && node.name.text.toLowerCase() === "id" ? "nvarchar(max)" : "any";
      return { kind: "member", target, name: node.name.text, type, range };
    }
    case "unary":
      return bindUnary(node.operator, bindValueNode(node.operand, place), place, range);
    case "binary": {
      const left = bindValueNode(node.left, place);
      const right = bindValueNode(node.right, place);
      if (node.operator === "&" || node.operator === "|" || node.operator === "^") {
        const type = bitwiseType(left.type, right.type) ?? reportOperands(node.operator, left, right, place);
        return { kind: "bitwise", operator: node.operator, left, right, type, range };
      }
      if (node.operator === "%" && place.environment.dialect.modulo === "error") {
        place.environment.diagnostics.error("ASA_NOT_SUPPORTED", "the operator % is switched off", range);
      }
      const type =
        arithmeticType(node.operator, left.type, right.type) ??
        reportOperands(node.operator, left, right, place);
      return { kind: "arithmetic", operator: node.operator, left, right, type, range };
    }
    case "comparison": {
      const left = comparand(bindValueNode(node.left, place), place);
      const right = comparand(bindValueNode(node.right, place), place);
      checkComparable(node.operator, left, right, place);
      return { kind: "comparison", operator: node.operator, left, right, type: "bit", range };
    }
    case "logical": {
      const operands = node.operands.map((operand) => bindConditionNode(operand, place));
      return { kind: "logical", operator: node.operator, operands, type: "bit", range };
    }
    case "not":
      return { kind: "not", operand: bindConditionNode(node.operand, place), type: "bit", range };
    case "like": {
      const operand = bindValueNode(node.operand, place);
      const pattern = bindValueNode(node.pattern, place);
      for (const side of [operand, pattern]) {
        if (side.type === "any" || side.type === "nvarchar(max)") continue;
        place.environment.diagnostics.error(
          "ASA_OPERAND_TYPE",
          `LIKE compares text, not ${side.type}`,
          side.range,
          {
            hint: "Convert it with CAST(... AS nvarchar(max)).",
          },
        );
      }
      return { kind: "like", negated: node.negated, operand, pattern, type: "bit", range };
    }
    case "between": {
      const [operand, low, high] = [node.operand, node.low, node.high].map((part) =>
        comparand(bindValueNode(part, place), place),
      ) as [Expression, Expression, Expression];
      checkComparable(">=", operand, low, place);
      checkComparable("<=", operand, high, place);
      return { kind: "between", negated: node.negated, operand, low, high, type: "bit", range };
    }
    case "in": {
      const operand = comparand(bindValueNode(node.operand, place), place);
      const items = node.items.map((item) => bindValueNode(item, place));
      for (const item of items) checkComparable("=", operand, item, place);
      return { kind: "in", negated: node.negated, operand, items, type: "bit", range };
    }
    case "is-null":
      return {
        kind: "is-null",
        negated: node.negated,
        operand: bindValueNode(node.operand, place),
        type: "bit",
        range,
      };
    case "case":
      return bindCase(node, place);
    case "cast":
      return bindCast(node, place);
  }
}

function literalType(value: bigint | number | string | null): StaticType {
  if (value === null) return "any";
  if (typeof value === "bigint") return "bigint";
  return typeof value === "number" ? "float" : "nvarchar(max)";
}

/** Path : column, member, whole event, System.Timestamp, alias of HAVING, or a variable's column in MATCH_RECOGNIZE */
function bindPath(node: PathNode, place: Place): Expression {
  const { environment, scope } = place;
  const [first, second] = node.segments;
  if (place.match !== null) return bindMatchPath(node, place, place.match);
  if (
    node.segments.length === 2 &&
    first?.text.toLowerCase() === "system" &&
    findSource(scope, "system") === undefined
  ) {
    if (second?.text.toLowerCase() === "timestamp") {
      return bindCall(
        {
          kind: "call",
          name: node.segments,
          quantifier: null,
          star: false,
          arguments: [],
          over: null,
          range: node.range,
        },
        place,
      );
    }
  }
  const alias = node.segments.length === 1 ? place.aliases?.get(first?.text.toLowerCase() ?? "") : undefined;
  if (alias !== undefined && environment.dialect.havingAlias === "accept") {
    // The alias' own expression sees columns only, so that it cannot refer to itself.
    return bindValueNode(alias, { ...place, aliases: null });
  }
  return resolvePath(scope, node, environment) ?? faulty(node.range);
}

function reportOperands(operator: string, left: Expression, right: Expression, place: Place): StaticType {
  const sides = [left.type, right.type];
  let hint: string | undefined;
  if (sides.includes("datetime")) hint = "Use DATEADD and DATEDIFF with datetimes.";
  else if (sides.includes("nvarchar(max)"))
    hint = operator === "+" ? "Use CONCAT, or CAST the number." : "CAST the text to a number.";
  place.environment.diagnostics.error(
    "ASA_OPERAND_TYPE",
    `operator ${operator} does not take ${left.type} and ${right.type}`,
    { ...left.range, end: right.range.end },
    hint === undefined ? {} : { hint },
  );
  return "any";
}

function bindUnary(
  operator: "+" | "-" | "~",
  operand: Expression,
  place: Place,
  range: Expression["range"],
): Expression {
  const { type } = operand;
  const fits = type === "any" || type === "bigint" || (operator === "~" ? type === "bit" : type === "float");
  if (!fits) {
    place.environment.diagnostics.error(
      "ASA_OPERAND_TYPE",
      `operator ${operator} does not take ${type}`,
      range,
    );
  }
  return { kind: "unary", operator, operand, type: fits ? type : "any", range };
}

function checkComparable(operator: string, left: Expression, right: Expression, place: Place): void {
  for (const side of [left, right]) {
    if (side.kind !== "literal" || side.value !== null || place.environment.diagnostics.hasErrors) continue;
    place.environment.diagnostics.warning(
      "ASA_NEVER_MATCHES",
      "a comparison with NULL is never true",
      side.range,
      {
        hint: "Use IS NULL or IS NOT NULL.",
      },
    );
  }
  if (comparability(left.type, right.type) === "fine") return;
  const range = { ...left.range, end: right.range.end };
  const { diagnostics, dialect } = place.environment;
  const kinds = `${left.type} and ${right.type}`;
  if (operator !== "=" && operator !== "<>" && dialect.textNumberOrder === "error") {
    diagnostics.error("ASA_OPERAND_TYPE", `values of type ${kinds} have no order`, range, {
      hint: "CAST one of them to the other's type.",
    });
  } else {
    diagnostics.warning("ASA_NEVER_MATCHES", `values of type ${kinds} are never equal`, range, {
      hint: "CAST one of them to the other's type.",
    });
  }
}

function bindCase(node: CaseNode, place: Place): Expression {
  const { diagnostics, dialect } = place.environment;
  const operand = node.operand === null ? null : comparand(bindValueNode(node.operand, place), place);
  const branches = node.branches.map((branch) => {
    const when = operand === null ? bindConditionNode(branch.when, place) : bindValueNode(branch.when, place);
    if (operand !== null) checkComparable("=", operand, when, place);
    const then = bindValueNode(branch.then, place);
    return { when, then };
  });
  const otherwise = node.otherwise === null ? null : bindValueNode(node.otherwise, place);
  if (otherwise === null && dialect.caseWithoutElse === "error") {
    diagnostics.error("ASA_CASE_WITHOUT_ELSE", "CASE has no ELSE", node.range, {
      hint: "Add ELSE NULL, or the value to give.",
    });
  }
  const results = branches.map((branch) => branch.then);
  if (otherwise !== null) results.push(otherwise);
  const typed = results.filter((result) => !isNull(result));
  const type = caseType(typed.map((result) => result.type));
  return {
    kind: "case",
    operand,
    branches: branches.map((branch) => {
      const then = branchAs(type, branch.then);
      return { when: branch.when, then };
    }),
    otherwise: otherwise === null ? null : branchAs(type, otherwise),
    type,
    range: node.range,
  };
}

const isNull = (expression: Expression): boolean =>
  expression.kind === "literal" && expression.value === null;

/** A branch of CASE has the type of the whole; where that is `any`, each row keeps the type of its branch. */
function branchAs(type: StaticType, branch: Expression): Expression {
  if (type === "any" || branch.type === type || isNull(branch)) return branch;
  if (branch.kind === "literal" && type === "float") return { ...branch, type, value: Number(branch.value) };
  return { kind: "cast", mode: "implicit", operand: branch, type, range: branch.range };
}

function bindCast(node: CastNode, place: Place): Expression {
  const { diagnostics, dialect } = place.environment;
  const operand = bindValueNode(node.operand, place);
  const type = valueType(node.type, diagnostics);
  if (!node.lenient && type !== "any" && neverConverts(operand.type, type, dialect)) {
    diagnostics.error(
      "ASA_CAST_TYPE",
      `a value of type ${operand.type} does not convert to ${type}`,
      node.range,
      {
        hint:
          type === "record" && operand.type === "nvarchar(max)"
            ? "Use JSON_PARSE."
            : "TRY_CAST gives NULL instead.",
      },
    );
  }
  return { kind: "cast", mode: node.lenient ? "try" : "cast", operand, type, range: node.range };
}
