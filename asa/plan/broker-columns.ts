import { mapOperands, walkExpression } from "./binding/expression-tree";
import type { Expression, JoinRelation, LogicalPlan, Relation } from "./logical-plan";
import { expressionsOf } from "./relations";

/** No key of an event begins like this: what the broker knows of an event has no name there. */
const mark = "\u0000";

/** The name under which a column of an event holds what GetMetadataPropertyValue gives for a path. */
export function metadataColumn(path: readonly string[]): string {
  return mark + path.join(mark);
}

/** The path of a column that `metadataColumn` named; null for a column of the event itself. */
export function metadataPath(name: string): readonly string[] | null {
  return name.startsWith(mark) ? name.slice(1).split(mark) : null;
}

/** Columns that the broker adds to an event that does not have them itself. */
export const brokerColumns: ReadonlySet<string> = new Set([
  "eventprocessedutctime",
  "partitionid",
  "eventenqueuedutctime",
]);

/** True when slot `slot` of a relation's rows is an event as its input gave it. */
export function isEventSlot(plan: LogicalPlan, id: number, slot: number): boolean {
  const relation = plan.relations[id]!;
  switch (relation.kind) {
    case "stream-input":
      return true;
    case "filter":
    case "analytic":
      return isEventSlot(plan, relation.source, slot);
    case "join": {
      const left = plan.relations[relation.left]!.slots.length;
      return slot < left
        ? isEventSlot(plan, relation.left, slot)
        : isEventSlot(plan, relation.right, slot - left);
    }
    case "reference-join":
      return slot < plan.relations[relation.left]!.slots.length && isEventSlot(plan, relation.left, slot);
    default:
      return false;
  }
}

type IsEvent = (slot: number) => boolean;
class OfAnotherSlot extends Error {}

function inColumns(expression: Expression, isEvent: IsEvent): Expression {
  if (expression.kind !== "metadata")
    return mapOperands(expression, (operand) => inColumns(operand, isEvent));
  const { slot, path, type, range } = expression;
  if (!isEvent(slot) || path.some((part) => part.includes(mark))) throw new OfAnotherSlot();
  return { kind: "column", slot, name: metadataColumn(path), index: null, type, range };
}

/** A copy of what holds expressions, with every one of them changed. */
function mapped<T>(value: T, change: (expression: Expression) => Expression): T {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item) => mapped(item, change)) as T;
  if (isExpression(value)) return change(value) as T;
  const entries = Object.entries(value).map(([name, member]) =>
    kept.has(name) ? [name, member] : [name, mapped(member, change)],
  );
  return Object.fromEntries(entries) as T;
}

const kept: ReadonlySet<string> = new Set(["slots", "computed", "range"]);
const calls: ReadonlySet<string> = new Set(["lag", "is-first", "anomaly", "aggregate-over"]);

function isExpression(value: object): value is Expression {
  return "kind" in value && "range" in value && "type" in value && !calls.has(value.kind as string);
}

function joined(plan: LogicalPlan, relation: JoinRelation): JoinRelation {
  const left: IsEvent = (slot) => isEventSlot(plan, relation.left, slot);
  const right: IsEvent = (slot) => isEventSlot(plan, relation.right, slot);
  const both: IsEvent = (slot) => isEventSlot(plan, relation.id, slot);
  return {
    ...relation,
    condition: inColumns(relation.condition, both),
    equalities: relation.equalities.map((equality) => ({
      left: inColumns(equality.left, left),
      right: inColumns(equality.right, right),
    })),
  };
}

/** True when an expression of a relation reads what GetMetadataPropertyValue gives. */
export function readsMetadata(relation: Relation): boolean {
  let found = false;
  for (const expression of expressionsOf(relation))
    walkExpression(expression, (node) => {
      if (node.kind === "metadata") found = true;
    });
  return found;
}

/**
 * The plan's relations with what the broker knows of events read as columns of the events; null when something reads it of
 * other rows, to which it was handed on.
 */
export function withMetadataColumns(plan: LogicalPlan): readonly Relation[] | null {
  try {
    return plan.relations.map((relation) => {
      if (!readsMetadata(relation)) return relation;
      switch (relation.kind) {
        case "filter":
        case "project":
        case "analytic":
        case "aggregate":
          return mapped(relation, (expression) =>
            inColumns(expression, (slot) => isEventSlot(plan, relation.source, slot)),
          );
        case "reference-join":
          return mapped(relation, (expression) =>
            inColumns(expression, (slot) => isEventSlot(plan, relation.id, slot)),
          );
        case "join":
          return joined(plan, relation);
        default:
          throw new OfAnotherSlot();
      }
    });
  } catch (error) {
    if (error instanceof OfAnotherSlot) return null;
    throw error;
  }
}
