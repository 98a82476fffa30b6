import { operandsOf } from "./binding/expression-tree";
import { metadataPath } from "./broker-columns";
import type { AggregateRelation, Expression, LogicalPlan } from "./logical-plan";

/** What the broker knows and is never a moment. */
const otherNames: ReadonlySet<string> = new Set([
  "partitionid",
  "offset",
  "sequencenumber",
  "partitionkey",
  "eventid",
]);
const momentNames: ReadonlySet<string> = new Set(["eventprocessedutctime", "eventenqueuedutctime"]);

type Column = Extract<Expression, { kind: "column" }>;

/** True when a value of no known type may be a datetime: an expression on the rows that leave relation `id`. */
export function mayBeMoment(plan: LogicalPlan, id: number, expression: Expression): boolean {
  if (expression.type !== "any") return expression.type === "datetime";
  switch (expression.kind) {
    case "literal":
      return false;
    case "column":
      return columnMayBe(plan, id, expression);
    case "computed":
      return computedMayBe(plan, id, expression.index, (source, value) => mayBeMoment(plan, source, value));
    case "member":
      return memberMayBe(plan, id, expression.target, expression.name);
    case "udf":
    case "metadata":
      return true;
    default:
      return operandsOf(expression).some((operand) => mayBeMoment(plan, id, operand));
  }
}

/** Finds the relation and the expression that a column of a slot stands for; `found` judges it, or the event's own column. */
function resolve(
  plan: LogicalPlan,
  id: number,
  column: Column,
  found: (source: number, expression: Expression) => boolean,
  ofEvent: (name: string) => boolean,
): boolean {
  const relation = plan.relations[id]!;
  switch (relation.kind) {
    case "stream-input":
      return relation.declared !== null || ofEvent(column.name);
    case "reference-input":
      return relation.declared !== null;
    case "filter":
    case "analytic":
      return resolve(plan, relation.source, column, found, ofEvent);
    case "project": {
      const folded = column.name.toLowerCase();
      return relation.items.some(
        (item) =>
          item.kind !== "column" ||
          (item.name.toLowerCase() === folded && found(relation.source, item.expression)),
      );
    }
    case "join":
    case "reference-join": {
      const left = plan.relations[relation.left]!.slots.length;
      if (column.slot < left) return resolve(plan, relation.left, column, found, ofEvent);
      return resolve(plan, relation.right, { ...column, slot: column.slot - left }, found, ofEvent);
    }
    case "union": {
      const names = plan.relations[relation.sources[0]!]!.slots[0]!.columns.map(({ name }) => name);
      const place = names.indexOf(column.name);
      return relation.sources.some((source) => {
        const own = plan.relations[source]!.slots[0]!.columns[place]?.name ?? column.name;
        const name = relation.match === "position" ? own : column.name;
        return resolve(plan, source, { ...column, name, index: null }, found, ofEvent);
      });
    }
    default:
      return true;
  }
}

function columnMayBe(plan: LogicalPlan, id: number, column: Column): boolean {
  const ofEvent = (name: string): boolean => {
    const path = metadataPath(name);
    if (path === null) return momentNames.has(name.toLowerCase());
    return !otherNames.has(path.at(-1)!.toLowerCase());
  };
  return resolve(plan, id, column, (source, expression) => mayBeMoment(plan, source, expression), ofEvent);
}

function computedMayBe(
  plan: LogicalPlan,
  id: number,
  index: number,
  found: (source: number, expression: Expression) => boolean,
): boolean {
  const relation = plan.relations[id]!;
  switch (relation.kind) {
    case "filter":
      return computedMayBe(plan, relation.source, index, found);
    case "analytic": {
      const before = plan.relations[relation.source]!.computed.length;
      if (index < before) return computedMayBe(plan, relation.source, index, found);
      const call = relation.calls[index - before]!;
      if (call.kind !== "lag") return call.kind !== "is-first";
      return [call.expression, call.otherwise].some(
        (value) => value !== null && found(relation.source, value),
      );
    }
    case "aggregate":
      return aggregateMayBe(relation, index, found);
    case "join": {
      const left = plan.relations[relation.left]!.computed.length;
      return index < left
        ? computedMayBe(plan, relation.left, index, found)
        : computedMayBe(plan, relation.right, index - left, found);
    }
    case "reference-join":
      return computedMayBe(plan, relation.left, index, found);
    default:
      return true;
  }
}

function aggregateMayBe(
  { keys, aggregates, source }: AggregateRelation,
  index: number,
  found: (source: number, expression: Expression) => boolean,
): boolean {
  if (index < keys.length) return found(source, keys[index]!);
  const call = aggregates[index - keys.length]!;
  if (call.function === "count" || call.function === "sum" || call.function === "avg") return false;
  const isOne = call.function === "min" || call.function === "max" || call.function === "topone";
  return !isOne || call.argument === null || found(source, call.argument);
}

/** A member of a record: of JSON it never is, of a row that the query made it may be. */
function memberMayBe(plan: LogicalPlan, id: number, target: Expression, name: string): boolean {
  const member = (source: number, expression: Expression): boolean =>
    memberMayBe(plan, source, expression, name);
  switch (target.kind) {
    case "column":
      return resolve(plan, id, target, member, (column) => metadataPath(column) !== null);
    case "computed":
      return computedMayBe(plan, id, target.index, member);
    case "event": {
      const { slot, range } = target;
      return columnMayBe(plan, id, { kind: "column", slot, name, index: null, type: "any", range });
    }
    case "member":
      return memberMayBe(plan, id, target.target, target.name);
    default:
      return true;
  }
}
