import type { QueryNode, SelectNode, StepNode, TimestampByNode } from "../../language";

/**
 * Returns the query with the TIMESTAMP BY moved to the inputs that its branches read, for steps that pass the column
 * through (OPEN-42, switch `timestampByOnStep`); undefined when a branch reads something else.
 */
export function pushTimestampBy(
  query: QueryNode,
  timestampBy: TimestampByNode | null,
  steps: ReadonlyMap<string, StepNode>,
): QueryNode | undefined {
  const branches: (SelectNode | QueryNode)[] = [];
  for (const branch of query.branches) {
    const pushed =
      branch.kind === "query"
        ? pushTimestampBy(branch, timestampBy, steps)
        : intoSelect(branch, timestampBy, steps);
    if (pushed === undefined) return undefined;
    branches.push(pushed);
  }
  return { ...query, branches };
}

function intoSelect(
  select: SelectNode,
  timestampBy: TimestampByNode | null,
  steps: ReadonlyMap<string, StepNode>,
): SelectNode | undefined {
  const { from } = select;
  if (from.timestampBy !== null || select.joins.length > 0 || select.groupBy !== null) return undefined;
  if (from.kind === "derived-source") {
    const query = pushTimestampBy(from.query, timestampBy, steps);
    return query && { ...select, from: { ...from, query } };
  }
  const step = steps.get(from.name.text.toLowerCase());
  if (step === undefined) return { ...select, from: { ...from, timestampBy } };
  const query = pushTimestampBy(step.query, timestampBy, steps);
  if (query === undefined) return undefined;
  const alias = from.alias ?? from.name;
  return {
    ...select,
    from: {
      kind: "derived-source",
      query,
      alias,
      timestampBy: null,
      partitionBy: from.partitionBy,
      range: from.range,
    },
  };
}
