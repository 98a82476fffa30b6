import type { Expression } from "../logical-plan";

function isExpression(value: unknown): value is Expression {
  return typeof value === "object" && value !== null && "kind" in value && "range" in value;
}

/** Returns the expressions directly below an expression. */
export function operandsOf(expression: Expression): readonly Expression[] {
  const found: Expression[] = [];
  const collect = (value: unknown): void => {
    if (isExpression(value)) found.push(value);
    else if (Array.isArray(value)) for (const item of value) collect(item);
    else if (typeof value === "object" && value !== null && "when" in value) {
      for (const part of Object.values(value)) collect(part);
    }
  };
  for (const [name, value] of Object.entries(expression))
    if (name !== "value" && name !== "range") collect(value);
  return found;
}

/** Returns a copy whose operands are replaced; the expression itself when nothing changes. */
export function mapOperands(expression: Expression, change: (operand: Expression) => Expression): Expression {
  let changed = false;
  const map = (value: unknown): unknown => {
    if (isExpression(value)) {
      const next = change(value);
      if (next !== value) changed = true;
      return next;
    }
    if (Array.isArray(value)) return value.map(map);
    if (typeof value === "object" && value !== null && "when" in value) {
      return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, map(part)]));
    }
    return value;
  };
  const entries = Object.entries(expression).map(([name, value]) => [
    name,
    name === "value" || name === "range" ? value : map(value),
  ]);
  return changed ? (Object.fromEntries(entries) as Expression) : expression;
}

/** Calls `enter` for the expression and everything below it. */
export function walkExpression(expression: Expression, enter: (expression: Expression) => void): void {
  enter(expression);
  for (const operand of operandsOf(expression)) walkExpression(operand, enter);
}

const nameMembers: ReadonlySet<string> = new Set(["name", "function"]);

/** Returns a text that is equal for expressions of the same meaning: names ignore case, places do not count. */
export function expressionKey(expression: Expression): string {
  return JSON.stringify(expression, (name, value: unknown) => {
    if (name === "range") return undefined;
    if (typeof value === "bigint") return `${value}n`;
    if (nameMembers.has(name) && typeof value === "string") return value.toLowerCase();
    return value;
  });
}

/** True when both mean the same. */
export function sameExpression(left: Expression, right: Expression): boolean {
  return expressionKey(left) === expressionKey(right);
}

/** Returns the slots whose events an expression reads. */
export function slotsOf(expressions: readonly Expression[]): ReadonlySet<number> {
  const slots = new Set<number>();
  for (const expression of expressions) {
    walkExpression(expression, (node) => {
      if ("slot" in node) slots.add(node.slot);
    });
  }
  return slots;
}

/** Returns the expression with its slot numbers shifted. */
export function shiftSlots(expression: Expression, by: number): Expression {
  const shifted = mapOperands(expression, (operand) => shiftSlots(operand, by));
  return "slot" in shifted ? { ...shifted, slot: shifted.slot + by } : shifted;
}
