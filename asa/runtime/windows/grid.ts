import { floorDiv } from "../../values/ticks";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import type { Aggregates, Group, GroupedRow } from "./group";
import type { TakeResult, WindowState } from "./window";

/** Window ends at `origin + k * hop + offset`; each window is (end - size, end]. */
export interface Grid {
  readonly sizeTicks: bigint;
  readonly hopTicks: bigint;
  readonly offsetTicks: bigint;
  /** Moment that the grid counts from: 0001-01-01 or 1970-01-01 (OPEN-15). */
  readonly originTicks: bigint;
}

/** The first grid end at or after a moment. */
export function firstEnd({ hopTicks, offsetTicks, originTicks }: Grid, time: bigint): bigint {
  const base = offsetTicks + originTicks;
  return -floorDiv(-(time - base), hopTicks) * hopTicks + base;
}

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Tumbling and hopping windows: a moment belongs to every window with `t <= end < t + size`.
 *
 * A window is closed once progress has passed its end: a row exactly at the end still belongs to it.
 */
export class GridWindow implements WindowState {
  private readonly grid: Grid;
  private readonly aggregates: Aggregates;
  /** Subtracted from an end to give the row's time (OPEN-16). */
  private readonly shiftTicks: bigint;
  private readonly open = new Map<bigint, Map<string, Group>>();
  private readonly single: boolean;
  /** The tumbling window that rows fall into now: its end, the end of the one before it, its groups. */
  private currentEnd = -1n;
  private currentStart = 0n;
  private current: Map<string, Group> = new Map();

  constructor(grid: Grid, aggregates: Aggregates, shiftTicks: bigint) {
    this.grid = grid;
    this.aggregates = aggregates;
    this.shiftTicks = shiftTicks;
    this.single = grid.sizeTicks === grid.hopTicks;
  }

  add(row: GroupedRow): void {
    if (this.single && row.time <= this.currentEnd && row.time > this.currentStart) {
      this.addTo(this.current, row);
      return;
    }
    const { sizeTicks, hopTicks } = this.grid;
    const limit = row.time + sizeTicks;
    for (let end = firstEnd(this.grid, row.time); end < limit; end += hopTicks) {
      let groups = this.open.get(end);
      if (groups === undefined) {
        groups = new Map();
        this.open.set(end, groups);
      }
      this.addTo(groups, row);
      this.currentEnd = end;
      this.currentStart = end - sizeTicks;
      this.current = groups;
    }
  }

  private addTo(groups: Map<string, Group>, row: GroupedRow): void {
    let group = groups.get(row.key);
    if (group === undefined) {
      group = this.aggregates.group(row);
      groups.set(row.key, group);
    }
    this.aggregates.accumulate(group.states, row.inputs);
  }

  progress(time: bigint, take: TakeResult): void {
    const due = [...this.open.keys()].filter((end) => end < time).sort(ascending);
    for (const end of due) {
      const groups = this.open.get(end)!;
      this.open.delete(end);
      for (const group of groups.values()) take(this.aggregates.result(group, end - this.shiftTicks));
    }
    if (due.includes(this.currentEnd)) this.currentEnd = -1n;
  }

  save(writer: StateWriter): void {
    writer.list(this.open, this.open.size, ([end, groups]) => {
      writer.integer(end);
      this.aggregates.saveGroups(writer, groups);
    });
  }

  load(reader: StateReader): void {
    this.open.clear();
    this.currentEnd = -1n;
    const count = reader.count();
    for (let i = 0; i < count; i++) this.open.set(reader.integer(), this.aggregates.loadGroups(reader));
  }
}
