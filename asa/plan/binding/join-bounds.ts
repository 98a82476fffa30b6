import type { Diagnostics } from "../../language";
import type { Expression, JoinEquality, TimeBound, TimeUnit } from "../logical-plan";
import { sevenDays, unitTicks } from "./constants";
import { shiftSlots, slotsOf, walkExpression } from "./expression-tree";

/** Returns the top-level AND operands of a condition. */
export function conjuncts(condition: Expression): readonly Expression[] {
  return condition.kind === "logical" && condition.operator === "and" ? condition.operands : [condition];
}

interface Side {
  readonly leftSlot: number;
  readonly unit: TimeUnit;
  /** The DATEDIFF runs from the right source to the left one. */
  readonly reversed: boolean;
}

/**
 * Returns the time bounds between the new source and each source before it: DATEDIFF of two sources
 * compared with integer constants in a top-level AND operand. A distance over 7 days is reported.
 */
export function extractBounds(
  condition: Expression,
  rightSlot: number,
  diagnostics: Diagnostics,
): readonly TimeBound[] {
  const found = new Map<string, { readonly side: Side; lower: bigint | null; upper: bigint | null }>();
  const narrow = (side: Side, least: bigint | null, most: bigint | null, place: Expression): void => {
    const ticks = unitTicks[side.unit];
    if (ticks === undefined) return;
    for (const limit of [least, most]) {
      if (limit === null || (limit < 0n ? -limit : limit) * ticks <= sevenDays) continue;
      diagnostics.error("ASA_JOIN_BOUND_TOO_LARGE", "streams are joined over at most 7 days", place.range, {
        hint: "Narrow the bounds of DATEDIFF.",
      });
      break;
    }
    const [lower, upper] = side.reversed ? [negate(most), negate(least)] : [least, most];
    const key = `${side.leftSlot} ${side.unit}`;
    const entry = found.get(key) ?? { side, lower: null, upper: null };
    if (lower !== null && (entry.lower === null || lower > entry.lower)) entry.lower = lower;
    if (upper !== null && (entry.upper === null || upper < entry.upper)) entry.upper = upper;
    found.set(key, entry);
  };
  for (const conjunct of conjuncts(condition)) readBound(conjunct, rightSlot, narrow);
  return [...found.values()].map(({ side, lower, upper }) => ({
    leftSlot: side.leftSlot,
    unit: side.unit,
    unitTicks: unitTicks[side.unit] as bigint,
    lower,
    upper,
  }));
}

function negate(value: bigint | null): bigint | null {
  return value === null ? null : -value;
}

const mirrored = { "=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;

function readBound(
  conjunct: Expression,
  rightSlot: number,
  narrow: (side: Side, least: bigint | null, most: bigint | null, place: Expression) => void,
): void {
  if (conjunct.kind === "between" && !conjunct.negated) {
    const side = distanceOf(conjunct.operand, rightSlot);
    const [low, high] = [integerOf(conjunct.low), integerOf(conjunct.high)];
    if (side !== undefined) narrow(side, low ?? null, high ?? null, conjunct);
    return;
  }
  if (conjunct.kind !== "comparison") return;
  let side = distanceOf(conjunct.left, rightSlot);
  let limit = integerOf(conjunct.right);
  let { operator } = conjunct;
  if (side === undefined) {
    side = distanceOf(conjunct.right, rightSlot);
    limit = integerOf(conjunct.left);
    operator = mirrored[operator];
  }
  if (side === undefined || limit === undefined) return;
  if (operator === "=") narrow(side, limit, limit, conjunct);
  else if (operator === "<=") narrow(side, null, limit, conjunct);
  else if (operator === "<") narrow(side, null, limit - 1n, conjunct);
  else if (operator === ">=") narrow(side, limit, null, conjunct);
  else if (operator === ">") narrow(side, limit + 1n, null, conjunct);
}

/** DATEDIFF(unit, a, b) of two sources, one of them the new one. */
function distanceOf(expression: Expression, rightSlot: number): Side | undefined {
  if (expression.kind !== "call" || expression.function !== "datediff") return undefined;
  const [unit, from, to] = expression.arguments;
  if (unit?.kind !== "literal" || typeof unit.value !== "string") return undefined;
  if (from?.kind !== "slot-time" || to?.kind !== "slot-time" || from.slot === to.slot) return undefined;
  const name = unit.value as TimeUnit;
  if (to.slot === rightSlot) return { leftSlot: from.slot, unit: name, reversed: false };
  return from.slot === rightSlot ? { leftSlot: to.slot, unit: name, reversed: true } : undefined;
}

function integerOf(expression: Expression): bigint | undefined {
  if (expression.kind === "literal")
    return typeof expression.value === "bigint" ? expression.value : undefined;
  if (expression.kind === "unary" && expression.operator !== "~") {
    const value = integerOf(expression.operand);
    return value === undefined ? undefined : expression.operator === "-" ? -value : value;
  }
  if (expression.kind !== "arithmetic") return undefined;
  const [left, right] = [integerOf(expression.left), integerOf(expression.right)];
  if (left === undefined || right === undefined) return undefined;
  switch (expression.operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    default:
      return undefined;
  }
}

/** Returns the equalities between an expression of the left row and one of the right row. */
export function extractEqualities(condition: Expression, rightSlot: number): readonly JoinEquality[] {
  const found: JoinEquality[] = [];
  for (const conjunct of conjuncts(condition)) {
    if (conjunct.kind !== "comparison" || conjunct.operator !== "=") continue;
    const sides = [conjunct.left, conjunct.right] as const;
    if (sides.some(readsRowTime)) continue;
    const [first, second] = sides.map((side) => slotsOf([side])) as [
      ReadonlySet<number>,
      ReadonlySet<number>,
    ];
    if (onlyRight(second, rightSlot) && first.size > 0 && !first.has(rightSlot)) {
      found.push({ left: conjunct.left, right: shiftSlots(conjunct.right, -rightSlot) });
    } else if (onlyRight(first, rightSlot) && second.size > 0 && !second.has(rightSlot)) {
      found.push({ left: conjunct.right, right: shiftSlots(conjunct.left, -rightSlot) });
    }
  }
  return found;
}

function onlyRight(slots: ReadonlySet<number>, rightSlot: number): boolean {
  return slots.size === 1 && slots.has(rightSlot);
}

/** System.Timestamp() belongs to the joined row, which neither side has yet. */
function readsRowTime(expression: Expression): boolean {
  let found = false;
  walkExpression(expression, (node) => {
    if (node.kind === "timestamp" || node.kind === "slot-time") found = true;
  });
  return found;
}
