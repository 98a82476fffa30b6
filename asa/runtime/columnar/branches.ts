import type { Expression, LogicalPlan, Relation, StreamInput } from "../../plan/logical-plan";
import type { PhysicalRelation } from "../../plan/physical";
import { readsOf } from "../../plan/relations";
import type { RuntimeContext } from "../context";
import type { Graph } from "../graph";
import type { Branch } from "./input";
import type { Interner } from "./interner";
import { PaneAggregator } from "./panes";

/** Readers of a relation that run over columns themselves, and whether others read it too. */
function readersOf(plan: LogicalPlan, modes: readonly PhysicalRelation[], relation: Relation) {
  const readers = plan.relations.filter((reader) => readsOf(reader).includes(relation.id));
  const columns = readers.filter((reader) => modes[reader.id]!.mode === "columns");
  return { columns, rows: columns.length < readers.length };
}

/** Numbers of the relations behind an input that run over its columns. */
export function relationsOf(
  plan: LogicalPlan,
  modes: readonly PhysicalRelation[],
  input: StreamInput,
): readonly number[] {
  const found: number[] = [];
  const visit = (relation: Relation): void => {
    for (const reader of readersOf(plan, modes, relation).columns) {
      found.push(reader.id);
      visit(reader);
    }
  };
  visit(input);
  return found;
}

/** What an input does with its events: one branch for each aggregate and each relation that row operators read. */
export function columnarBranches(
  context: RuntimeContext,
  modes: readonly PhysicalRelation[],
  input: StreamInput,
  graph: Graph,
  interner: Interner,
): readonly Branch[] {
  const branches: Branch[] = [];
  const visit = (relation: Relation, conditions: readonly Expression[]): void => {
    const { columns, rows } = readersOf(context.plan, modes, relation);
    if (rows) branches.push({ conditions, aggregator: null, exit: graph.output(relation.id) });
    for (const reader of columns) {
      if (reader.kind === "filter") visit(reader, [...conditions, reader.condition]);
      else if (reader.kind === "aggregate") {
        const aggregator = new PaneAggregator(reader, context, graph.output(reader.id), interner);
        branches.push({ conditions, aggregator, exit: null });
      }
    }
  };
  visit(input, []);
  return branches;
}
