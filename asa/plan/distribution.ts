import { expressionKey, mapOperands } from "./binding/expression-tree";
import type { Expression, LogicalPlan, Relation, RelationId } from "./logical-plan";
import { readsOf } from "./relations";

/**
 * How the rows of a relation may lie on partitions. `null`: in any way, the events can still be dealt out by any key.
 * Otherwise the keys, as `expressionKey` of an expression over the relation's rows, of which each alone keeps rows that
 * belong together in one place; none is left when the relation gave its key away or needs all rows in one place.
 */
export type Distribution = ReadonlySet<string> | null;

/** The text by which equal keys are known; types and positions do not tell keys apart. */
export function distributionKey(expression: Expression): string {
  const plain = (node: Expression): Expression => {
    const copy = { ...mapOperands(node, plain), type: "any" } as Expression;
    return copy.kind === "column" ? { ...copy, index: null } : copy;
  };
  return expressionKey(plain(expression));
}

/** Keys that differ between rows; constants and System.Timestamp() do not. */
export function varyingKeys(keys: readonly Expression[]): readonly Expression[] {
  return keys.filter((key) => key.kind !== "literal" && key.kind !== "timestamp");
}

/**
 * Returns the relations whose keys share none with the relations below them: their rows have to be exchanged between
 * partitions. Behind such an exchange the rows lie by the new keys.
 */
export function keyClashes(plan: LogicalPlan): ReadonlySet<RelationId> {
  const found: Distribution[] = [];
  const clashes = new Set<RelationId>();
  for (const relation of plan.relations) {
    const below = distributionOf(relation, found);
    const clash =
      below !== null && below.size === 0 && needsKey(relation) && readsPlacedRows(relation, found);
    if (clash) clashes.add(relation.id);
    found.push(clash ? distributionOf(relation, []) : below);
  }
  return clashes;
}

function needsKey(relation: Relation): boolean {
  if (relation.kind === "join") return relation.equalities.length > 0;
  const keys = wantedKeys(relation);
  return keys !== null && varyingKeys(keys).length > 0;
}

function readsPlacedRows(relation: Relation, found: readonly Distribution[]): boolean {
  return readsOf(relation).some((id) => {
    const source = found[id] ?? null;
    return source !== null && source.size > 0;
  });
}

/** The keys that a relation wants rows to be together by; null when it takes rows one by one. */
function wantedKeys(relation: Relation): readonly Expression[] | null {
  switch (relation.kind) {
    case "aggregate":
      return relation.keys;
    case "match":
      return relation.partitionBy;
    case "analytic": {
      const [first, ...rest] = relation.calls.map((call) =>
        call.kind === "is-first" ? call.partitionBy : call.frame.partitionBy,
      );
      const common = (first ?? []).filter((key) =>
        rest.every((keys) => keys.some((other) => distributionKey(other) === distributionKey(key))),
      );
      return common;
    }
    default:
      return null;
  }
}

function meet(below: Distribution, keys: readonly Expression[]): ReadonlySet<string> {
  const own = varyingKeys(keys).map(distributionKey);
  return new Set(below === null ? own : own.filter((key) => below.has(key)));
}

/** How the rows of a relation lie when those of the relations below lie as `found` says. */
export function distributionOf(relation: Relation, found: readonly Distribution[]): Distribution {
  const below = (id: number): Distribution => found[id] ?? null;
  switch (relation.kind) {
    case "stream-input":
    case "reference-input":
      return null;
    case "filter":
    case "apply":
      return below(relation.source);
    case "reference-join":
      return below(relation.left);
    case "analytic":
      return meet(below(relation.source), wantedKeys(relation) ?? []);
    case "aggregate": {
      const kept = meet(below(relation.source), relation.keys);
      return new Set(
        relation.keys.flatMap((key, index) =>
          kept.has(distributionKey(key))
            ? [distributionKey({ kind: "computed", index, type: "any", range: key.range })]
            : [],
        ),
      );
    }
    case "match": {
      const kept = meet(below(relation.source), relation.partitionBy);
      return named(
        relation.measures.map(({ name, expression }) => [name, expression] as const),
        (expression) => kept.has(distributionKey(expression)),
        relation,
      );
    }
    case "project": {
      const kept = below(relation.source);
      if (kept === null) return null;
      const stars = relation.items.flatMap((item) => (item.kind === "star" ? [item.slot] : []));
      const passed = [...kept].filter((key) => stars.some((slot) => key.includes(`"slot":${slot},`)));
      const columns = relation.items.flatMap((item) =>
        item.kind === "column" ? [[item.name, item.expression] as const] : [],
      );
      return new Set([
        ...passed.map((key) => key.replace(/"slot":\d+,/, '"slot":0,')),
        ...named(columns, (expression) => kept.has(distributionKey(expression)), relation),
      ]);
    }
    case "union": {
      const [first, ...rest] = relation.sources.map(below).filter((source) => source !== null);
      if (first === undefined) return null;
      return new Set([...first].filter((key) => rest.every((source) => source.has(key))));
    }
    case "join": {
      const [left, right] = [below(relation.left), below(relation.right)];
      return new Set(
        relation.equalities.flatMap((pair) =>
          (left === null || left.has(distributionKey(pair.left))) &&
          (right === null || right.has(distributionKey(pair.right)))
            ? [distributionKey(pair.left)]
            : [],
        ),
      );
    }
  }
}

/** Output columns that are plain copies of kept keys, as keys over the output's only slot. */
function named(
  columns: readonly (readonly [string, Expression])[],
  kept: (expression: Expression) => boolean,
  relation: Relation,
): ReadonlySet<string> {
  return new Set(
    columns.flatMap(([name, expression]) =>
      kept(expression)
        ? [
            distributionKey({
              kind: "column",
              slot: 0,
              name,
              index: null,
              type: "any",
              range: relation.range,
            }),
          ]
        : [],
    ),
  );
}
