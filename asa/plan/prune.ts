import type { LogicalPlan, Relation } from "./logical-plan";
import { reachable } from "./relations";

/** Returns the plan without relations that no output reads, so that an unused step costs and delays nothing. */
export function prune(plan: LogicalPlan): LogicalPlan {
  const used = reachable(plan);
  const numbers = new Map<number, number>();
  const kept = plan.relations.filter((relation) => used.has(relation.id));
  for (const [index, relation] of kept.entries()) numbers.set(relation.id, index);
  const renumbered = (id: number): number => numbers.get(id) as number;
  return {
    ...plan,
    relations: kept.map((relation) => renumber(relation, renumbered)),
    outputs: plan.outputs.map((output) => ({ ...output, relation: renumbered(output.relation) })),
  };
}

function renumber(relation: Relation, number: (id: number) => number): Relation {
  const id = number(relation.id);
  switch (relation.kind) {
    case "stream-input":
    case "reference-input":
      return { ...relation, id };
    case "join":
    case "reference-join":
      return { ...relation, id, left: number(relation.left), right: number(relation.right) };
    case "union":
      return { ...relation, id, sources: relation.sources.map(number) };
    default:
      return { ...relation, id, source: number(relation.source) };
  }
}
