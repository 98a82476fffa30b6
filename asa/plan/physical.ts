import { walkExpression } from "./binding/expression-tree";
import type { Expression, LogicalPlan, Relation, StreamInput } from "./logical-plan";
import { readsOf } from "./relations";

/** How a relation is run: over typed columns, or row by row. */
export interface PhysicalRelation {
  readonly relation: Relation;
  readonly mode: "columns" | "rows";
  /** Why it is run by rows; null in columns. */
  readonly reason: string | null;
  /** Stream inputs in columns: the names of the columns that are read from the events. */
  readonly columns: readonly string[];
  /** Those whose texts occur again and again: keys of groups, partitions and joins. */
  readonly keys: ReadonlySet<string>;
}

/** The logical plan with the way in which each relation is run. */
export interface PhysicalPlan {
  readonly plan: LogicalPlan;
  readonly relations: readonly PhysicalRelation[];
}

/** Columns that the broker adds to an event; only the row engine has them. */
const brokerColumns: ReadonlySet<string> = new Set([
  "eventprocessedutctime",
  "partitionid",
  "eventenqueuedutctime",
]);

/** Every expression that a relation evaluates. */
export function expressionsOf(relation: Relation): readonly Expression[] {
  const found: Expression[] = [];
  const collect = (value: unknown): void => {
    if (value === null || typeof value !== "object") return;
    if ("kind" in value && "range" in value && "type" in value && !("relation" in value)) {
      const kind = (value as { kind: string }).kind;
      if (!relationParts.has(kind)) {
        found.push(value as Expression);
        return;
      }
    }
    for (const [name, member] of Object.entries(value))
      if (name !== "range" && name !== "slots" && name !== "computed") collect(member);
  };
  for (const [name, member] of Object.entries(relation))
    if (name !== "slots" && name !== "computed" && name !== "range") collect(member);
  return found;
}

const relationParts: ReadonlySet<string> = new Set(["lag", "is-first", "anomaly", "aggregate-over"]);

/** The names of event columns that the plan reads below an input; null when it needs whole events. */
function columnsOf(plan: LogicalPlan, input: StreamInput): readonly string[] | string {
  const names = new Set<string>();
  const pending: Relation[] = [input];
  const seen = new Set<Relation>();
  for (let relation = pending.pop(); relation !== undefined; relation = pending.pop()) {
    if (seen.has(relation)) continue;
    seen.add(relation);
    if (relation.kind === "project" && relation.items.some((item) => item.kind === "star"))
      return "SELECT * needs the whole event";
    // The input's own expressions are read by the input itself.
    for (const expression of relation === input ? [] : expressionsOf(relation)) {
      let whole = false;
      walkExpression(expression, (node) => {
        if (node.kind === "event") whole = true;
        if (node.kind === "column" || node.kind === "match-column" || node.kind === "match-aggregate")
          names.add(node.name);
      });
      if (whole) return "an expression needs the whole event";
    }
    const ends = relation.kind === "project" || relation.kind === "aggregate" || relation.kind === "match";
    if (ends) continue;
    if (relation !== input && plan.outputs.some((output) => output.relation === relation.id))
      return "the whole event is written";
    for (const reader of plan.relations) if (readsOf(reader).includes(relation.id)) pending.push(reader);
  }
  if (plan.outputs.some((output) => output.relation === input.id)) return "the whole event is written";
  return [...names];
}

function inputMode(plan: LogicalPlan, input: StreamInput): readonly string[] | string {
  if (input.over.length > 0) return "substreams have clocks of their own";
  if (input.declared !== null) return "CREATE TABLE checks every column";
  if (input.partitionBy.length > 0) return "PARTITION BY keys its rows";
  if (input.timestampBy !== null && input.timestampBy.kind !== "column")
    return "TIMESTAMP BY is an expression";
  if (plan.dialect.fieldCase !== "exact-first" || plan.dialect.duplicateKeys !== "last")
    return "a dialect switch changes how fields are found";
  const columns = columnsOf(plan, input);
  if (typeof columns === "string") return columns;
  const all =
    input.timestampBy?.kind === "column" ? [...new Set([...columns, input.timestampBy.name])] : columns;
  const broker = all.find((name) => brokerColumns.has(name.toLowerCase()));
  return broker === undefined ? columns : `column "${broker}" may be the broker's`;
}

/** Columns that some relation groups, partitions or joins by. */
function keyColumns(plan: LogicalPlan): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (expressions: readonly Expression[]): void => {
    for (const expression of expressions) if (expression.kind === "column") names.add(expression.name);
  };
  for (const relation of plan.relations) {
    if (relation.kind === "aggregate") {
      add(relation.keys);
      for (const window of relation.windows) if (window.kind === "session") add(window.partitionBy);
    } else if (relation.kind === "analytic") {
      for (const call of relation.calls)
        add(call.kind === "is-first" ? call.partitionBy : call.frame.partitionBy);
    } else if (relation.kind === "join" || relation.kind === "reference-join") {
      add(relation.equalities.flatMap(({ left, right }) => [left, right]));
    } else if (relation.kind === "match") add(relation.partitionBy);
  }
  return names;
}

/** Decides which relations run over columns: inputs whose needed columns are known, and what reads those alone. */
export function physicalPlan(plan: LogicalPlan): PhysicalPlan {
  const relations: PhysicalRelation[] = [];
  for (const relation of plan.relations) relations.push(modeOf(plan, relation, relations));
  return { plan, relations };
}

function modeOf(
  plan: LogicalPlan,
  relation: Relation,
  before: readonly PhysicalRelation[],
): PhysicalRelation {
  const rows = (reason: string): PhysicalRelation => ({
    relation,
    mode: "rows",
    reason,
    columns: [],
    keys: new Set(),
  });
  const columns: PhysicalRelation = { relation, mode: "columns", reason: null, columns: [], keys: new Set() };
  switch (relation.kind) {
    case "stream-input": {
      const mode = inputMode(plan, relation);
      return typeof mode === "string" ? rows(mode) : { ...columns, columns: mode, keys: keyColumns(plan) };
    }
    case "filter":
      return before[relation.source]!.mode === "columns" && isEventOnly([relation.condition])
        ? columns
        : rows("its rows are made by an operator");
    case "aggregate": {
      if (before[relation.source]!.mode !== "columns") return rows("its rows are made by an operator");
      const [window, ...more] = relation.windows;
      if (window === undefined || more.length > 0) return rows("several windows");
      if (window.kind !== "tumbling" && window.kind !== "hopping") return rows(`a ${window.kind} window`);
      if (plan.dialect.offsetTimestamp !== "shifted" || plan.dialect.nonFinite !== "null")
        return rows("a dialect switch");
      if (relation.substreamKeys.length > 0) return rows("substream keys");
      if (!isEventOnly(relation.keys)) return rows("a key that needs more than the event");
      const untyped = relation.aggregates.find((call) => !isTypedAggregate(call, plan));
      return untyped === undefined ? columns : rows(`${untyped.function} has no typed state`);
    }
    default:
      return rows(`a ${relation.kind}`);
  }
}

const eventKinds: ReadonlySet<string> = new Set([
  "slot-time",
  "metadata",
  "computed",
  "window",
  "event",
  "match-column",
  "match-aggregate",
  "classifier",
]);

/** True when expressions read nothing but columns of the event and its time. */
function isEventOnly(expressions: readonly Expression[]): boolean {
  let only = true;
  for (const expression of expressions) {
    walkExpression(expression, (node) => {
      if (eventKinds.has(node.kind)) only = false;
    });
  }
  return only;
}

/** True for a call that typed state can hold. */
function isTypedAggregate(
  call: Extract<Relation, { kind: "aggregate" }>["aggregates"][number],
  plan: LogicalPlan,
): boolean {
  if (call.distinct || (call.argument !== null && !isEventOnly([call.argument]))) return false;
  if (call.function === "count") return true;
  const type = call.argument?.type;
  if (call.function === "avg" && type === "bigint" && plan.dialect.averageOfBigint !== "float") return false;
  if (call.function === "sum" || call.function === "avg")
    return type === "any" || type === "float" || type === "bigint";
  return (call.function === "min" || call.function === "max") && (type === "any" || type === "float");
}
