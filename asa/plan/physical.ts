import { loneSurrogate } from "../values/lone-surrogate";
import { expressionKey, walkExpression } from "./binding/expression-tree";
import { brokerColumns, isEventSlot, metadataPath, withMetadataColumns } from "./broker-columns";
import type {
  AggregateCall,
  AggregateRelation,
  Expression,
  LogicalPlan,
  Relation,
  StreamInput,
  UnionRelation,
  WindowSpec,
} from "./logical-plan";
import { mayBeMoment } from "./moments";
import { expressionsOf, readsOf } from "./relations";

/**
 * What runs over columns: all that can, or what the third format of snapshots had typed state for in its first form; a state of
 * that form is carried on with the same relations.
 */
export type PhysicalReach = "all" | "third-format";

/** How a relation is run: over typed columns, or row by row. */
export interface PhysicalRelation {
  readonly relation: Relation;
  /** The relation as operators over columns run it: what the broker knows of events is a column of theirs. */
  readonly typed: Relation;
  readonly mode: "columns" | "rows";
  /** Why it is run by rows; null in columns. */
  readonly reason: string | null;
  /** In columns: the names of the columns that are read from an input's events, or of the rows of reference data. */
  readonly columns: readonly string[];
  /** Those whose texts occur again and again: keys of groups, partitions and joins. */
  readonly keys: ReadonlySet<string>;
}

/** The logical plan with the way in which each relation is run. */
export interface PhysicalPlan {
  readonly plan: LogicalPlan;
  readonly relations: readonly PhysicalRelation[];
}

/** The names of columns that the plan reads of a slot of a relation's rows; a text: why it needs the whole record. */
function columnsOf(plan: LogicalPlan, input: Relation, place: number): readonly string[] | string {
  const names = new Set<string>();
  // A relation and the slot in which its rows have the event.
  const pending: { readonly relation: Relation; readonly slot: number }[] = [
    { relation: input, slot: place },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { relation, slot } = next;
    if (
      relation.kind === "project" &&
      relation.items.some((item) => item.kind === "star" && item.slot === slot)
    )
      return "SELECT * needs the whole event";
    // The input's own expressions are read by the input itself.
    const own = relation === input && relation.kind === "stream-input";
    for (const expression of own ? [] : expressionsOf(relation)) {
      let whole = false;
      walkExpression(expression, (node) => {
        if (node.kind === "event" && node.slot === slot) whole = true;
        if (node.kind === "column" && node.slot === slot) names.add(node.name);
        if (node.kind === "match-column" || node.kind === "match-aggregate") names.add(node.name);
      });
      if (whole) return "an expression needs the whole event";
    }
    const ends = relation.kind === "project" || relation.kind === "aggregate" || relation.kind === "match";
    if (ends) continue;
    if (relation !== input && plan.outputs.some((output) => output.relation === relation.id))
      return "the whole event is written";
    for (const reader of plan.relations) {
      if (!readsOf(reader).includes(relation.id)) continue;
      if (reader.kind === "union") return "UNION passes whole events";
      const before =
        reader.kind === "join" && reader.right === relation.id ? plan.relations[reader.left] : null;
      pending.push({ relation: reader, slot: slot + (before?.slots.length ?? 0) });
      // A stream joined with itself has its rows on both sides.
      if (reader.kind === "join" && reader.left === reader.right) pending.push({ relation: reader, slot });
    }
  }
  if (plan.outputs.some((output) => output.relation === input.id)) return "the whole event is written";
  return [...names];
}

function inputMode(plan: LogicalPlan, input: StreamInput, reach: PhysicalReach): readonly string[] | string {
  if (input.over.length > 0) return "substreams have clocks of their own";
  if (input.declared !== null) return "CREATE TABLE checks every column";
  if (input.partitionBy.length > 0 && (reach === "third-format" || !partsOnly(plan, input)))
    return "PARTITION BY keys its rows";
  if (input.timestampBy !== null && input.timestampBy.kind !== "column")
    return "TIMESTAMP BY is an expression";
  if (plan.dialect.fieldCase !== "exact-first" || plan.dialect.duplicateKeys !== "last")
    return "a dialect switch changes how fields are found";
  const columns = columnsOf(plan, input, 0);
  if (typeof columns === "string") return columns;
  const time = input.timestampBy?.kind === "column" ? [input.timestampBy.name] : [];
  const broker = [...columns, ...time].find((name) => brokerColumns.has(name.toLowerCase()));
  if (broker !== undefined && reach === "third-format") return `column "${broker}" may be the broker's`;
  const parts = input.partitionBy.flatMap((part) => (part.kind === "column" ? [part.name] : []));
  return [...new Set([...columns, ...parts])];
}

/**
 * True when the keys of an input's PARTITION BY are columns, and what reads it is a SELECT list, which makes one stream again, or
 * groups by all of them.
 */
function partsOnly(plan: LogicalPlan, input: StreamInput): boolean {
  if (input.partitionBy.some((part) => part.kind !== "column")) return false;
  const parts = input.partitionBy.map(expressionKey);
  const groups = ({ keys }: AggregateRelation): boolean => {
    const own = keys.map(expressionKey);
    return parts.every((part) => own.includes(part));
  };
  const ends = (id: number): boolean =>
    plan.relations
      .filter((reader) => readsOf(reader).includes(id))
      .every(
        (reader) =>
          reader.kind === "project" ||
          (reader.kind === "aggregate" && groups(reader)) ||
          (reader.kind === "filter" && ends(reader.id)),
      );
  return ends(input.id);
}

/** Columns that some relation groups, partitions or joins by, or writes as they are. */
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
    else if (relation.kind === "project")
      add(relation.items.flatMap((item) => (item.kind === "star" ? [] : [item.expression])));
  }
  return names;
}

/**
 * Decides which relations run over columns: inputs whose needed columns are known, and operators that have a typed form and
 * read such relations alone.
 */
export function physicalPlan(plan: LogicalPlan, reach: PhysicalReach = "all"): PhysicalPlan {
  const readsBroker = (relation: Relation): boolean => reads(expressionsOf(relation), brokerKinds);
  const metadata = plan.relations.some(readsBroker);
  const changed = metadata && reach === "all" ? withMetadataColumns(plan) : null;
  if (changed !== null) {
    const relations = physicalRelations(plan, changed, false, reach);
    // A relation by rows reads it of the events themselves, which columns do not hand on.
    if (!relations.some(({ mode, relation }) => mode === "rows" && readsBroker(relation)))
      return { plan, relations };
  }
  return { plan, relations: physicalRelations(plan, plan.relations, metadata, reach) };
}

/** `typed`: the relations as operators over columns run them; `metadata`: some of them still read it of the events. */
function physicalRelations(
  plan: LogicalPlan,
  typed: readonly Relation[],
  metadata: boolean,
  reach: PhysicalReach,
): readonly PhysicalRelation[] {
  const relations: PhysicalRelation[] = [];
  const typedPlan = { ...plan, relations: typed };
  for (const relation of typedPlan.relations) {
    const common = { relation: plan.relations[relation.id]!, typed: relation };
    const rows = (reason: string): PhysicalRelation => ({
      ...common,
      mode: "rows",
      reason,
      columns: [],
      keys: new Set(),
    });
    const columns: PhysicalRelation = {
      ...common,
      mode: "columns",
      reason: null,
      columns: [],
      keys: new Set(),
    };
    if (relation.kind === "stream-input") {
      const mode = inputMode(typedPlan, relation, reach);
      relations.push(
        typeof mode === "string" ? rows(mode) : { ...columns, columns: mode, keys: keyColumns(typedPlan) },
      );
      continue;
    }
    const streams = readsOf(relation).filter((id) => plan.relations[id]!.kind !== "reference-input");
    const reason = streams.every((id) => relations[id]!.mode === "columns")
      ? rowsReason(typedPlan, relation, metadata, reach)
      : "its rows are made by an operator";
    if (reason === null && relation.kind === "reference-join") {
      const read = columnsOf(typedPlan, relation, plan.relations[relation.left]!.slots.length);
      relations.push(typeof read === "string" ? rows(read) : { ...columns, columns: read });
    } else relations.push(reason === null ? columns : rows(reason));
  }
  return relations;
}

/** Why a relation over columns has to be run by rows; null when it has a typed form. */
function rowsReason(
  plan: LogicalPlan,
  relation: Relation,
  metadata: boolean,
  reach: PhysicalReach,
): string | null {
  const overInput = readsOf(relation).every((id) => isInput(plan, id));
  if (metadata && !(overInput && (relation.kind === "filter" || relation.kind === "aggregate")))
    return "the query reads metadata";
  switch (relation.kind) {
    case "filter":
      return reads([relation.condition], brokerKinds) ? "it reads metadata" : null;
    case "aggregate":
      return aggregateReason(plan, relation, metadata, reach);
    case "project": {
      const names = relation.items.map((item) => (item.kind === "column" ? item.name.toLowerCase() : null));
      if (names.includes(null)) return "its columns are known by the events only";
      return new Set(names).size === names.length ? null : "two columns of one name";
    }
    case "analytic": {
      const other = relation.calls.find(({ kind }) => kind !== "lag" && kind !== "is-first");
      return other === undefined ? null : `${other.kind} has no typed state`;
    }
    case "reference-join":
      return relation.equalities.length > 0 ? null : "no equality";
    case "join": {
      if (relation.outer) return "a left join";
      if (plan.dialect.joinDistance !== "boundaries") return "a dialect switch";
      if (relation.equalities.length === 0) return "no equality";
      const plain = relation.equalities.every(
        ({ left, right }) =>
          isEventColumn(plan, relation.left, left) && isEventColumn(plan, relation.right, right),
      );
      return plain ? null : "a key that is no column of an event";
    }
    case "union":
      return reach === "all" ? unionReason(plan, relation) : "a union";
    default:
      return `a ${relation.kind}`;
  }
}

/** Rows of SELECT lists with as many columns, and the same names where columns go by name. */
function unionReason(plan: LogicalPlan, relation: UnionRelation): string | null {
  const lists = relation.sources.map((id): readonly string[] | null => {
    let source = plan.relations[id]!;
    while (source.kind === "filter") source = plan.relations[source.source]!;
    if (source.kind !== "project") return null;
    return source.items.map((item) => (item.kind === "column" ? item.name : ""));
  });
  const [first] = lists;
  if (lists.includes(null)) return "a union of rows that no SELECT list makes";
  const alike = lists.every(
    (names) =>
      names!.length === first!.length &&
      (relation.match === "position" || names!.every((name, index) => name === first![index])),
  );
  return alike ? null : "a union of columns that go by name";
}

function aggregateReason(
  plan: LogicalPlan,
  relation: AggregateRelation,
  metadata: boolean,
  reach: PhysicalReach,
): string | null {
  const [first, ...more] = relation.windows;
  if (first === undefined) return "no window";
  if (more.length > 0 && (reach === "third-format" || metadata)) return "several windows";
  if (plan.dialect.offsetTimestamp !== "shifted" || plan.dialect.nonFinite !== "null")
    return "a dialect switch";
  if (relation.substreamKeys.length > 0) return "substream keys";
  const beyond = isInput(plan, relation.source) ? eventKinds : brokerKinds;
  if (reads(relation.keys, beyond)) return "a key that needs more than the event";
  const atOnce = relation.windows.every(({ kind }) => kind === "snapshot");
  const untyped = relation.aggregates.find(
    (call) =>
      !(atOnce && isTypedTop(plan, relation, call)) &&
      (!isTypedAggregate(call, plan) ||
        (reach === "all" && isExtremeOfMoments(plan, relation, call)) ||
        (call.argument !== null && reads([call.argument], beyond))),
  );
  if (untyped !== undefined) return `${untyped.function} has no typed state`;
  for (const window of relation.windows) {
    const reason = windowReason(relation, window, metadata, reach);
    if (reason !== null) return reason;
  }
  return null;
}

function windowReason(
  relation: AggregateRelation,
  window: WindowSpec,
  metadata: boolean,
  reach: PhysicalReach,
): string | null {
  if (window.id !== null && loneSurrogate.test(window.id)) return "an id that UTF-8 does not hold";
  if (window.kind === "tumbling" || window.kind === "hopping") return null;
  if (window.kind === "snapshot" && reach === "third-format") return "a snapshot window";
  if (metadata) return "the query reads metadata";
  if (window.kind !== "session") return null;
  // Those of the input's PARTITION BY may stand there twice.
  const own = new Set(window.partitionBy.map(expressionKey));
  const keys = new Set(relation.keys.map(expressionKey));
  if (own.size === 0) return "one session timeline for all keys";
  const isSame = own.size === keys.size && [...own].every((key) => keys.has(key));
  return isSame && (reach === "all" || window.partitionBy.length === relation.keys.length)
    ? null
    : "sessions of other keys than the groups";
}

/** MIN or MAX of what may be a datetime, which typed state does not hold. */
function isExtremeOfMoments(plan: LogicalPlan, { source }: AggregateRelation, call: AggregateCall): boolean {
  const isExtreme = call.function === "min" || call.function === "max";
  return isExtreme && call.argument !== null && mayBeMoment(plan, source, call.argument);
}

/** TOPONE of a value, or of the whole row of a SELECT list. */
function isTypedTop(plan: LogicalPlan, relation: AggregateRelation, call: AggregateCall): boolean {
  if (call.function !== "topone" || call.argument === null) return false;
  const order = call.orderBy.map((item) => item.expression);
  if (call.argument.kind !== "event") return !reads([call.argument, ...order], wholeKinds);
  let source = plan.relations[relation.source]!;
  while (source.kind === "filter") source = plan.relations[source.source]!;
  const plain = source.kind === "project" && call.argument.timestampColumn === null;
  return plain && !reads(order, wholeKinds);
}

/** True for an input, and for filters over one: what reads it may take rows in any order. */
export function isInput(plan: LogicalPlan, id: number): boolean {
  const relation = plan.relations[id]!;
  return relation.kind === "filter" ? isInput(plan, relation.source) : relation.kind === "stream-input";
}

/** True when an expression reads nothing but columns of the event and its time. */
export function isEventOnly(expression: Expression): boolean {
  return !reads([expression], eventKinds);
}

/** True for a column of an event as it came: text, number, bit, record or array, and never a datetime. */
function isEventColumn(plan: LogicalPlan, id: number, expression: Expression): boolean {
  if (expression.kind !== "column" || metadataPath(expression.name) !== null) return false;
  return !brokerColumns.has(expression.name.toLowerCase()) && isEventSlot(plan, id, expression.slot);
}

const brokerKinds: ReadonlySet<string> = new Set(["metadata"]);

/** What only a row as a whole gives. */
const wholeKinds: ReadonlySet<string> = new Set(["metadata", "window", "event"]);

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

/** True when an expression reads something of the given kinds. */
function reads(expressions: readonly Expression[], kinds: ReadonlySet<string>): boolean {
  let found = false;
  for (const expression of expressions) {
    walkExpression(expression, (node) => {
      if (kinds.has(node.kind)) found = true;
    });
  }
  return found;
}

/** True for a call that typed state can hold. */
function isTypedAggregate(call: AggregateCall, plan: LogicalPlan): boolean {
  if (call.distinct) return false;
  if (call.function === "count") return true;
  const type = call.argument?.type;
  if (call.function === "avg" && type === "bigint" && plan.dialect.averageOfBigint !== "float") return false;
  if (call.function === "sum" || call.function === "avg")
    return type === "any" || type === "float" || type === "bigint";
  return (call.function === "min" || call.function === "max") && (type === "any" || type === "float");
}
