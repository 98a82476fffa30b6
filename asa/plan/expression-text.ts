import { formatDateTime } from "../values";
import { AsaRecord, DateTime, type Value } from "../values/value";
import type { Expression } from "./logical-plan";

/** Returns an expression of the plan as text for `explain`: `$0.name` is a column of slot 0, `#2` a computed value. */
export function expressionText(expression: Expression): string {
  switch (expression.kind) {
    case "literal":
      return valueText(expression.value);
    case "column":
      return `$${expression.slot}.${expression.name}`;
    case "member":
      return `${expressionText(expression.target)}.${expression.name}`;
    case "event":
      return expression.timestampColumn === null
        ? `$${expression.slot}`
        : `$${expression.slot} with ${expression.timestampColumn} first`;
    case "computed":
      return `#${expression.index}`;
    case "timestamp":
      return "timestamp()";
    case "slot-time":
      return `time($${expression.slot})`;
    case "window":
      return "window()";
    case "metadata":
      return `metadata($${expression.slot}, ${expression.path.join(".")})`;
    case "call":
      return `${expression.function}(${list(expression.arguments)})`;
    case "udf":
      return `udf.${expression.name}(${list(expression.arguments)})`;
    case "case": {
      const head = expression.operand === null ? "case" : `case ${expressionText(expression.operand)}`;
      const branches = expression.branches.map(
        (branch) => `when ${expressionText(branch.when)} then ${expressionText(branch.then)}`,
      );
      const tail = expression.otherwise === null ? "" : ` else ${expressionText(expression.otherwise)}`;
      return `${head} ${branches.join(" ")}${tail} end`;
    }
    case "cast": {
      const word = { cast: "cast", try: "try_cast", implicit: "as" }[expression.mode];
      return `${word}(${expressionText(expression.operand)}, ${expression.type})`;
    }
    case "unary":
      return `${expression.operator}${expressionText(expression.operand)}`;
    case "arithmetic":
    case "bitwise":
    case "comparison":
      return `(${expressionText(expression.left)} ${expression.operator} ${expressionText(expression.right)})`;
    case "like":
      return `(${expressionText(expression.operand)}${not(expression)} like ${expressionText(expression.pattern)})`;
    case "between":
      return `(${expressionText(expression.operand)}${not(expression)} between ${expressionText(expression.low)} and ${expressionText(expression.high)})`;
    case "in":
      return `(${expressionText(expression.operand)}${not(expression)} in (${list(expression.items)}))`;
    case "is-null":
      return `(${expressionText(expression.operand)} is${not(expression)} null)`;
    case "logical":
      return `(${expression.operands.map(expressionText).join(` ${expression.operator} `)})`;
    case "not":
      return `not ${expressionText(expression.operand)}`;
    case "match-column":
      return `%${expression.variable}.${expression.name}`;
    case "match-aggregate":
      return `${expression.function}(%${expression.variable}.${expression.name})`;
    case "classifier":
      return "classifier()";
  }
}

function not(expression: { readonly negated: boolean }): string {
  return expression.negated ? " not" : "";
}

function list(expressions: readonly Expression[]): string {
  return expressions.map(expressionText).join(", ");
}

function valueText(value: Value): string {
  if (value === null) return "null";
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  if (value instanceof DateTime) return formatDateTime(value.ticks);
  if (value instanceof AsaRecord || Array.isArray(value)) return "...";
  return String(value);
}
