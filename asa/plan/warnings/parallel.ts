import type { SourceRange } from "../../api";
import { keyClashes, varyingKeys } from "../distribution";
import type { Expression, LogicalPlan, Relation } from "../logical-plan";
import { reachable, streamsBelow } from "../relations";
import type { WarningContext } from "./context";

interface Obstacle {
  readonly reason: string;
  readonly hint: string;
  readonly range: SourceRange;
}

const varies = (keys: readonly Expression[]): boolean => varyingKeys(keys).length > 0;

/** Returns why a relation needs the rows of all partitions in one place. */
function obstacleOf(relation: Relation): Obstacle | undefined {
  const { range } = relation;
  switch (relation.kind) {
    case "aggregate": {
      if (!varies(relation.keys))
        return {
          reason: "GROUP BY has no key besides the window",
          hint: "Group by a partition key first, then combine the groups.",
          range,
        };
      const session = relation.windows.find(
        (window) => window.kind === "session" && window.partitionBy.length === 0,
      );
      if (session === undefined) return undefined;
      return {
        reason: "a session window without OVER (PARTITION BY ...) spans all keys",
        hint: "Add OVER (PARTITION BY key).",
        range,
      };
    }
    case "analytic": {
      const global = relation.calls.find(
        (call) => !varies(call.kind === "is-first" ? call.partitionBy : call.frame.partitionBy),
      );
      if (global === undefined) return undefined;
      return {
        reason: "an analytic function has no PARTITION BY",
        hint: "Add PARTITION BY key to OVER.",
        range: global.range,
      };
    }
    case "join":
      if (relation.equalities.length > 0) return undefined;
      return { reason: "a join has no equality of keys", hint: "Add the equality of a key to ON.", range };
    case "match":
      if (varies(relation.partitionBy)) return undefined;
      return { reason: "MATCH_RECOGNIZE has no PARTITION BY", hint: "Add PARTITION BY key.", range };
    default:
      return undefined;
  }
}

/** A query that says PARTITION BY below a step and leaves it out there combines the partitions on purpose. */
function combinesByHand(plan: LogicalPlan, relation: Relation): boolean {
  return streamsBelow(plan, relation).some((input) => input.partitionBy.length > 0);
}

function keyClash({ kind, range }: Relation): Obstacle {
  const what = { aggregate: "GROUP BY", match: "MATCH_RECOGNIZE", join: "the join" }[kind as string];
  return {
    reason: `${what ?? "an analytic function"} has no key in common with the steps that it reads`,
    hint: "Keep one key through all steps; otherwise rows are exchanged between partitions here.",
    range,
  };
}

/** A query runs in parallel when each of its steps can be computed per key. */
export function notParallel({ plan, diagnostics }: WarningContext): void {
  const used = reachable(plan);
  const clashes = keyClashes(plan);
  for (const relation of plan.relations) {
    if (!used.has(relation.id)) continue;
    const obstacle =
      obstacleOf(relation) ??
      (clashes.has(relation.id) && !combinesByHand(plan, relation) ? keyClash(relation) : undefined);
    if (obstacle === undefined) continue;
    diagnostics.warning(
      "ASA_NOT_PARALLEL",
      `the query cannot run in parallel here: ${obstacle.reason}`,
      obstacle.range,
      {
        hint: obstacle.hint,
      },
    );
  }
}
