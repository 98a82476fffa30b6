import { expressionKey } from "../../plan/binding/expression-tree";
import type { AggregateRelation, LogicalPlan } from "../../plan/logical-plan";
import { tupleKey } from "../../values/group-key";
import type { Value } from "../../values/value";

/** How the row engine knows the groups of an aggregate: by their keys, behind that of the input's PARTITION BY. */
export class RowKeys {
  /** Places of the partition's keys among the group's. */
  private readonly places: readonly number[];

  constructor(plan: LogicalPlan, relation: AggregateRelation) {
    let source = plan.relations[relation.source]!;
    while (source.kind === "filter") source = plan.relations[source.source]!;
    const keys = relation.keys.map(expressionKey);
    const parts = source.kind === "stream-input" ? source.partitionBy : [];
    this.places = parts.map((part) => keys.indexOf(expressionKey(part)));
  }

  /** Key of the PARTITION BY of a group's rows. */
  partition(keys: readonly Value[]): string {
    return this.places.length === 0 ? "" : tupleKey(this.places.map((place) => keys[place]!));
  }

  /** Text that tells a group from others. */
  group(keys: readonly Value[]): string {
    const own = keys.length === 0 ? "" : tupleKey(keys);
    const partition = this.partition(keys);
    return partition === "" ? own : `${partition.length}:${partition}${own}`;
  }
}
