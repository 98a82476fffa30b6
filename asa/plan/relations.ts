import type { Expression, LogicalPlan, Relation, StreamInput } from "./logical-plan";

/** Returns the relations that a relation reads directly. */
export function readsOf(relation: Relation): readonly number[] {
  switch (relation.kind) {
    case "stream-input":
    case "reference-input":
      return [];
    case "join":
    case "reference-join":
      return [relation.left, relation.right];
    case "union":
      return relation.sources;
    default:
      return [relation.source];
  }
}

/** Returns the relations that some output depends on. */
export function reachable(plan: LogicalPlan): ReadonlySet<number> {
  const found = new Set<number>();
  const pending = plan.outputs.map((output) => output.relation);
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    pending.push(...readsOf(plan.relations[id] as Relation));
  }
  return found;
}

/** Returns the stream inputs that a relation depends on. */
export function streamsBelow(plan: LogicalPlan, relation: Relation): readonly StreamInput[] {
  const found = new Set<StreamInput>();
  const seen = new Set<number>();
  const pending = [relation.id];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const current = plan.relations[id] as Relation;
    if (current.kind === "stream-input") found.add(current);
    pending.push(...readsOf(current));
  }
  return [...found];
}

const relationParts: ReadonlySet<string> = new Set(["lag", "is-first", "anomaly", "aggregate-over"]);

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
