import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import type { Aggregates, Group, GroupedRow } from "./group";
import type { TakeResult, WindowState } from "./window";

/** Groups rows of one moment; a moment is over when a later row or progress comes. */
export class SnapshotWindow implements WindowState {
  private readonly aggregates: Aggregates;
  private instant: bigint | null = null;
  private groups = new Map<string, Group>();

  constructor(aggregates: Aggregates) {
    this.aggregates = aggregates;
  }

  add(row: GroupedRow, take: TakeResult): void {
    if (row.time !== this.instant) {
      this.settle(take);
      this.instant = row.time;
    }
    let group = this.groups.get(row.key);
    if (group === undefined) {
      group = this.aggregates.group(row);
      this.groups.set(row.key, group);
    }
    this.aggregates.accumulate(group.states, row.inputs);
  }

  progress(time: bigint, take: TakeResult): void {
    if (this.instant !== null && this.instant < time) this.settle(take);
  }

  private settle(take: TakeResult): void {
    if (this.instant === null) return;
    const time = this.instant;
    const { groups } = this;
    this.instant = null;
    for (const group of groups.values()) take(this.aggregates.result(group, time));
    groups.clear();
  }

  save(writer: StateWriter): void {
    writer.optionalInteger(this.instant);
    this.aggregates.saveGroups(writer, this.groups);
  }

  load(reader: StateReader): void {
    this.instant = reader.optionalInteger();
    this.groups = this.aggregates.loadGroups(reader);
  }
}
