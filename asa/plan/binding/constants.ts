import type { SourceRange } from "../../api";
import type { CompileErrorCode } from "../../errors";
import { type Diagnostics, didYouMean, type ExpressionNode, type NameNode } from "../../language";
import { canonicalDatePart } from "../../language/builtins";
import {
  ticksPerDay,
  ticksPerHour,
  ticksPerMicrosecond,
  ticksPerMillisecond,
  ticksPerMinute,
  ticksPerSecond,
} from "../../values";
import type { TimeUnit } from "../logical-plan";

/** Longest window, join distance and LIMIT DURATION of the service. */
export const sevenDays = 7n * ticksPerDay;

/** Ticks of the units of a fixed length. */
export const unitTicks: Readonly<Partial<Record<TimeUnit, bigint>>> = {
  week: 7n * ticksPerDay,
  weekday: ticksPerDay,
  dayofyear: ticksPerDay,
  day: ticksPerDay,
  hour: ticksPerHour,
  minute: ticksPerMinute,
  second: ticksPerSecond,
  millisecond: ticksPerMillisecond,
  microsecond: ticksPerMicrosecond,
};

const windowUnits: ReadonlySet<TimeUnit> = new Set([
  "day",
  "hour",
  "minute",
  "second",
  "millisecond",
  "microsecond",
]);

/** Returns the integer that an expression of literals gives, or undefined when it is no such expression. */
export function constantInteger(node: ExpressionNode): bigint | undefined {
  switch (node.kind) {
    case "literal":
      return typeof node.value === "bigint" ? node.value : undefined;
    case "unary": {
      const value = constantInteger(node.operand);
      if (value === undefined) return undefined;
      return node.operator === "-" ? -value : node.operator === "~" ? ~value : value;
    }
    case "binary": {
      const left = constantInteger(node.left);
      const right = constantInteger(node.right);
      if (left === undefined || right === undefined) return undefined;
      if (node.operator === "+") return left + right;
      if (node.operator === "-") return left - right;
      return node.operator === "*" ? left * right : undefined;
    }
    default:
      return undefined;
  }
}

/** Returns the number that a literal, with or without a sign, stands for. */
export function constantNumber(node: ExpressionNode): number | undefined {
  if (node.kind === "literal")
    return typeof node.value === "number" ? node.value : numberOf(constantInteger(node));
  if (node.kind !== "unary" || node.operator === "~") return numberOf(constantInteger(node));
  const value = constantNumber(node.operand);
  return value === undefined ? undefined : node.operator === "-" ? -value : value;
}

function numberOf(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** Returns the word of an expression that is a single unquoted or quoted name. */
export function bareWord(node: ExpressionNode | undefined): NameNode | undefined {
  return node?.kind === "path" && node.segments.length === 1 ? node.segments[0] : undefined;
}

const parts: readonly TimeUnit[] = [
  "year",
  "quarter",
  "month",
  "dayofyear",
  "day",
  "week",
  "weekday",
  "hour",
  "minute",
  "second",
  "millisecond",
  "microsecond",
];

/** Returns the date part that a word names; another word is reported. */
export function datePart(word: NameNode, diagnostics: Diagnostics): TimeUnit | undefined {
  const part = canonicalDatePart(word.text);
  if (part !== undefined) return part;
  reportUnit(word, parts, "date part", diagnostics);
  return undefined;
}

/** Returns the unit of a window or LIMIT DURATION that a word names, plural forms too; another word is reported. */
export function windowUnit(word: NameNode, diagnostics: Diagnostics): TimeUnit | undefined {
  const singular = /^(day|hour|minute|second|millisecond|microsecond)s$/i.exec(word.text)?.[1];
  const unit = canonicalDatePart(singular ?? word.text);
  if (unit !== undefined && windowUnits.has(unit)) return unit;
  reportUnit(word, [...windowUnits], "time unit", diagnostics);
  return undefined;
}

/** Date parts of other dialects with their counterpart here. */
const familiarParts: Readonly<Record<string, string>> = {
  dayofweek: "Use weekday, in which Sunday is 1.",
  dow: "Use weekday, in which Sunday is 1.",
  dayofmonth: "Use day.",
  weekofyear: "Use week.",
  iso_week: "Use week; the switch dateParts decides how weeks are counted.",
  isowk: "Use week; the switch dateParts decides how weeks are counted.",
  nanosecond: "Use microsecond, the smallest part.",
  ns: "Use microsecond, the smallest part.",
  epoch: "Use DATEDIFF(second, '1970-01-01T00:00:00Z', column).",
};

function reportUnit(word: NameNode, known: readonly string[], what: string, diagnostics: Diagnostics): void {
  diagnostics.error("ASA_DATE_PART", `${what} "${word.text}" does not exist`, word.range, {
    hint:
      familiarParts[word.text.toLowerCase()] ??
      didYouMean(word.text, known) ??
      `Use one of: ${known.join(", ")}.`,
  });
}

/** What a duration must be. */
export interface DurationRule {
  readonly what: string;
  readonly code: CompileErrorCode;
  readonly least: "positive" | "any";
}

/** Returns unit times count in ticks; a faulty unit, a count that is no constant or too large is reported. */
export function durationTicks(
  unitNode: NameNode,
  countNode: ExpressionNode,
  rule: DurationRule,
  diagnostics: Diagnostics,
): bigint | undefined {
  const unit = windowUnit(unitNode, diagnostics);
  const count = constantInteger(countNode);
  if (count === undefined) {
    diagnostics.error(rule.code, `${rule.what} must be a constant integer`, countNode.range, {
      hint: "Write a whole number.",
    });
    return undefined;
  }
  return checkDuration(unit, count, rule, countNode.range, diagnostics);
}

function checkDuration(
  unit: TimeUnit | undefined,
  count: bigint,
  rule: DurationRule,
  range: SourceRange,
  diagnostics: Diagnostics,
): bigint | undefined {
  if (rule.least === "positive" && count <= 0n) {
    diagnostics.error(rule.code, `${rule.what} must be greater than 0`, range);
    return undefined;
  }
  if (unit === undefined) return undefined;
  const ticks = count * (unitTicks[unit] as bigint);
  if (ticks > sevenDays || ticks < -sevenDays) {
    diagnostics.error("ASA_WINDOW_TOO_LARGE", `${rule.what} is longer than 7 days`, range, {
      hint: "The service allows at most 7 days.",
    });
    return undefined;
  }
  return ticks;
}
