import type { ApplyNode, JoinNode, SelectNode } from "../../language";
import type { Expression, RelationId, Schema } from "../logical-plan";
import { bindCondition, bindValue } from "./bind";
import type { Environment } from "./environment";
import { sameExpression, shiftSlots, walkExpression } from "./expression-tree";
import type { BoundFrom } from "./from";
import { conjuncts, extractBounds, extractEqualities } from "./join-bounds";
import { type AnalyticCollector, plainPlace } from "./place";
import type { ScopeSource } from "./scope";

/** The conditions and arguments of the joins, bound before the relations are built. */
export interface BoundJoins {
  readonly parts: readonly ((left: RelationId, right: RelationId | null) => RelationId)[];
}

/** Binds the joins and APPLYs of a SELECT; `parts` build their relations over the relations on their left. */
export function bindJoins(select: SelectNode, from: BoundFrom, environment: Environment): BoundJoins {
  const first = from.sources[0];
  if (first?.kind === "reference") {
    environment.diagnostics.error(
      "ASA_JOIN_REFERENCE",
      `reference input "${first.name}" cannot be the first source`,
      first.range,
      {
        hint: "Read a stream first and join the reference data to it.",
      },
    );
  }
  const parts = select.joins.map((node, index) => {
    const slot = index + 1;
    return node.kind === "join"
      ? bindJoin(node, slot, from, environment)
      : bindApply(node, slot, from, environment);
  });
  return { parts };
}

type Build = (left: RelationId, right: RelationId | null) => RelationId;

function bindJoin(node: JoinNode, slot: number, from: BoundFrom, environment: Environment): Build {
  const { diagnostics } = environment;
  const sources = from.sources.slice(0, slot + 1);
  const right = sources[slot] as ScopeSource;
  const place = { ...plainPlace(environment, { sources }, "ON"), sourceTimes: true };
  const condition = node.on === null ? null : bindCondition(node.on, place);
  const slots = sources.map((source) => source.schema);
  const equalities = condition === null ? [] : extractEqualities(condition, slot);
  const shared = { slots, equalities, range: node.range, outer: node.type === "left" };
  if (right.kind === "reference") {
    if (node.type === "cross" && environment.dialect.crossJoinReference === "error") {
      diagnostics.error("ASA_NOT_SUPPORTED", "CROSS JOIN is switched off", node.range, {
        hint: "Use JOIN ... ON 1 = 1.",
      });
    }
    return (left, relation) =>
      environment.add({
        ...shared,
        kind: "reference-join",
        left,
        right: relation as RelationId,
        condition,
        computed: computedOf(environment, [left]),
      });
  }
  if (condition === null) {
    diagnostics.error("ASA_JOIN_REFERENCE", "CROSS JOIN takes reference data only", node.range, {
      hint: `Use JOIN ${right.name} ON DATEDIFF(...) BETWEEN ... AND ...`,
    });
    return (left) => left;
  }
  const bounds = extractBounds(condition, slot, diagnostics);
  const bounded = bounds.some((bound) => bound.lower !== null && bound.upper !== null);
  if (!bounded && sources[0]?.kind !== "reference")
    reportUnbounded(node, condition, sources, right, environment);
  checkPartitionKeys(node, condition, sources, right, environment);
  checkSubstreams(node, condition, sources, right, environment);
  if (bounds.some((bound) => bound.lower !== null && bound.upper !== null && bound.lower > bound.upper)) {
    diagnostics.warning(
      "ASA_NEVER_MATCHES",
      `the bounds of the join with "${right.name}" exclude each other`,
      node.range,
    );
  }
  return (left, relation) =>
    environment.add({
      ...shared,
      kind: "join",
      left,
      right: relation as RelationId,
      condition,
      bounds,
      computed: computedOf(environment, [left, relation as RelationId]),
    });
}

function reportUnbounded(
  node: JoinNode,
  condition: Expression,
  sources: readonly ScopeSource[],
  right: ScopeSource,
  environment: Environment,
): void {
  const left = sources.find((source) => source.kind !== "reference" && source.kind !== "apply");
  const partial = conjuncts(condition).some((part) =>
    JSON.stringify(part, plainBigint).includes('"slot-time"'),
  );
  const names = `${left?.name || "left"}, ${right.name || "right"}`;
  let columns = false;
  walkExpression(condition, (part) => {
    if (part.kind === "call" && part.function === "datediff" && !partial) columns = true;
  });
  environment.diagnostics.error(
    "ASA_JOIN_UNBOUNDED",
    partial
      ? `the join with "${right.name}" is not bounded in time on both sides`
      : `the join with "${right.name}" is not bounded in time`,
    node.on?.range ?? node.range,
    {
      detail:
        "The join predicate is not time bounded. JOIN operation between data streams requires specifying max time distances between matching events. Please add DATEDIFF to the JOIN condition.",
      hint:
        (columns
          ? `DATEDIFF bounds a join when it takes the sources, not columns: DATEDIFF(minute, ${names}) BETWEEN 0 AND 5`
          : `Add AND DATEDIFF(minute, ${names}) BETWEEN 0 AND 5`) +
        (right.kind === "stream" && environment.inputs.size === 0
          ? ", or declare the input as reference data."
          : "."),
    },
  );
}

function plainBigint(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** Partitioned streams are joined within a partition: ON has to equate their keys. */
function checkPartitionKeys(
  node: JoinNode,
  condition: Expression,
  sources: readonly ScopeSource[],
  right: ScopeSource,
  environment: Environment,
): void {
  const left = sources.find((source) => source !== right && source.partitionBy.length > 0);
  if (left === undefined || right.partitionBy.length === 0) return;
  if (equates(condition, left, left.partitionBy, right, right.partitionBy)) return;
  environment.diagnostics.error(
    "ASA_JOIN_PARTITION",
    `the join of "${left.name}" and "${right.name}" does not equate their partition keys`,
    node.on?.range ?? node.range,
    {
      hint: "Add the equality of the keys of PARTITION BY to ON.",
    },
  );
}

/** Substreams of different keys have clocks of their own, so a join equates the keys. */
function checkSubstreams(
  node: JoinNode,
  condition: Expression,
  sources: readonly ScopeSource[],
  right: ScopeSource,
  environment: Environment,
): void {
  const left = sources.find((source) => source !== right && source.over.length > 0);
  if (left === undefined || right.over.length === 0) return;
  if (equates(condition, left, left.over, right, right.over)) return;
  environment.diagnostics.error(
    "ASA_SUBSTREAM",
    `the join of "${left.name}" and "${right.name}" does not equate their substream keys`,
    node.on?.range ?? node.range,
    {
      hint: "Add the equality of the keys of TIMESTAMP BY ... OVER to ON.",
    },
  );
}

function equates(
  condition: Expression,
  left: ScopeSource,
  leftKeys: readonly Expression[],
  right: ScopeSource,
  rightKeys: readonly Expression[],
): boolean {
  const equalities = conjuncts(condition).filter(
    (part) => part.kind === "comparison" && part.operator === "=",
  );
  const has = (one: Expression, other: Expression): boolean =>
    equalities.some(
      (part) =>
        part.kind === "comparison" &&
        ((sameExpression(part.left, one) && sameExpression(part.right, other)) ||
          (sameExpression(part.left, other) && sameExpression(part.right, one))),
    );
  return leftKeys.every((leftKey) =>
    rightKeys.some((rightKey) => has(shiftSlots(leftKey, left.slot), shiftSlots(rightKey, right.slot))),
  );
}

function bindApply(node: ApplyNode, slot: number, from: BoundFrom, environment: Environment): Build {
  const sources = from.sources.slice(0, slot);
  const [argumentNode] = node.arguments;
  const place = plainPlace(environment, { sources }, "APPLY");
  const argument = argumentNode === undefined ? null : bindValue(argumentNode, place);
  const of = from.sources[slot]?.schema.columns[0]?.name === "PropertyName" ? "record" : "array";
  if (argument !== null && argument.type !== "any" && argument.type !== of) {
    environment.diagnostics.error(
      "ASA_ARGUMENT_TYPE",
      `APPLY ${node.function.text} takes ${of === "array" ? "an array" : "a record"}, not ${argument.type}`,
      argument.range,
    );
  }
  const slots: readonly Schema[] = from.sources.slice(0, slot + 1).map((source) => source.schema);
  return (left) =>
    environment.add({
      kind: "apply",
      source: left,
      outer: node.outer,
      of,
      argument: argument ?? { kind: "literal", value: null, type: "any", range: node.range },
      slots,
      computed: computedOf(environment, [left]),
      range: node.range,
    });
}

export function computedOf(
  environment: Environment,
  relations: readonly RelationId[],
): readonly Expression["type"][] {
  return relations.flatMap((id) => environment.relations[id]?.computed ?? []);
}

/**
 * Builds the relations of a FROM clause: each source with the analytic functions evaluated on it, the joins, and the
 * analytic functions that read joined rows.
 */
export function buildFrom(
  select: SelectNode,
  from: BoundFrom,
  joins: BoundJoins,
  analytics: AnalyticCollector,
  environment: Environment,
): RelationId {
  const positions: number[] = [];
  let offset = 0;
  const withCalls = (source: RelationId, slot: number | null): RelationId => {
    const calls = analytics.calls.flatMap((entry, index) =>
      entry.slot === slot ? [{ call: entry.call, index }] : [],
    );
    if (calls.length === 0) return source;
    for (const [order, { index }] of calls.entries()) positions[index] = offset + order;
    offset += calls.length;
    const below = environment.relations[source];
    return environment.add({
      kind: "analytic",
      source,
      calls: calls.map(({ call }) => call),
      slots: below?.slots ?? [],
      computed: [...(below?.computed ?? []), ...calls.map(({ call }) => call.type)],
      range: select.range,
    });
  };
  let current = withCalls(from.relations[0] as RelationId, 0);
  for (const [index, build] of joins.parts.entries()) {
    const slot = index + 1;
    const own = from.relations[slot] ?? null;
    current = build(current, own === null ? null : withCalls(own, slot));
  }
  current = withCalls(current, null);
  analytics.place(positions);
  return current;
}
