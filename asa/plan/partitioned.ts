import { type Distribution, distributionKey, distributionOf, varyingKeys } from "./distribution";
import type { Expression, LogicalPlan, Relation } from "./logical-plan";

/** Why the rows of a relation cannot be computed partition by partition. */
export interface PartitionObstacle {
  readonly relation: Relation;
  readonly reason: string;
}

/**
 * Returns what keeps a plan from running partition by partition, each on its own; null when nothing does.
 *
 * `keyOf` names, for each stream input, the column whose equal values all inputs have in one partition number.
 */
export function partitionObstacle(
  plan: LogicalPlan,
  keyOf: (input: string) => string,
): PartitionObstacle | null {
  const found: Distribution[] = [];
  for (const relation of plan.relations) {
    if (relation.kind === "stream-input") {
      if (relation.over.length > 0)
        return { relation, reason: "TIMESTAMP BY ... OVER has timelines that span partitions" };
      const { range } = relation;
      const key = keyOf(relation.input);
      found.push(
        new Set([distributionKey({ kind: "column", slot: 0, name: key, index: null, type: "any", range })]),
      );
      continue;
    }
    const reason = reasonOf(relation, found);
    if (reason !== null) return { relation, reason };
    found.push(distributionOf(relation, found));
  }
  return null;
}

function has(keys: readonly Expression[], below: Distribution): boolean {
  return below === null || varyingKeys(keys).some((key) => below.has(distributionKey(key)));
}

function reasonOf(relation: Relation, found: readonly Distribution[]): string | null {
  const below = (id: number): Distribution => found[id] ?? null;
  switch (relation.kind) {
    case "aggregate": {
      if (!has(relation.keys, below(relation.source)))
        return "GROUP BY has no key that follows the partitions";
      const spanning = relation.windows.some(
        (window) => window.kind === "session" && !has(window.partitionBy, below(relation.source)),
      );
      return spanning ? "a session window has no OVER (PARTITION BY ...) that follows the partitions" : null;
    }
    case "analytic": {
      const spanning = relation.calls.some((call) => {
        const keys = call.kind === "is-first" ? call.partitionBy : call.frame.partitionBy;
        return !has(keys, below(relation.source));
      });
      return spanning ? "an analytic function has no PARTITION BY that follows the partitions" : null;
    }
    case "match":
      return has(relation.partitionBy, below(relation.source))
        ? null
        : "MATCH_RECOGNIZE has no PARTITION BY that follows the partitions";
    case "join": {
      const [left, right] = [below(relation.left), below(relation.right)];
      const follows = relation.equalities.some((pair) => has([pair.left], left) && has([pair.right], right));
      return follows ? null : "a join has no equality of keys that follow the partitions";
    }
    default:
      return null;
  }
}
