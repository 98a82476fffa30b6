import type { Value } from "../../values/value";
import { Queue } from "../state/queue";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { SlidingFrame } from "./frame";
import type { Aggregates, GroupedRow } from "./group";
import type { TakeResult, WindowState } from "./window";

interface SlidingGroup {
  readonly key: string;
  readonly keys: readonly Value[];
  readonly partition: string;
  /** Order in which the groups began. */
  readonly place: number;
  readonly frame: SlidingFrame;
}

/**
 * Sliding windows (t - size, t]: one row per group at every instant at which its content changes, by entries, exits or
 * both, unless nothing is left.
 */
export class SlidingWindow implements WindowState {
  private readonly sizeTicks: bigint;
  private readonly aggregates: Aggregates;
  private readonly groups = new Map<string, SlidingGroup>();
  /** One entry per row inside a window, in time order: all rows stay equally long. */
  private exits = new Queue<{ readonly time: bigint; readonly key: string }>();
  private instant: bigint | null = null;
  private readonly changed = new Set<string>();
  private places = 0;

  constructor(sizeTicks: bigint, aggregates: Aggregates) {
    this.sizeTicks = sizeTicks;
    this.aggregates = aggregates;
  }

  add(row: GroupedRow, take: TakeResult): void {
    if (this.instant === null || row.time > this.instant) this.moveTo(row.time, take);
    let group = this.groups.get(row.key);
    if (group === undefined) {
      group = {
        key: row.key,
        keys: row.keys,
        partition: row.partition,
        place: this.places++,
        frame: new SlidingFrame(this.aggregates),
      };
      this.groups.set(row.key, group);
    }
    group.frame.push(row.time, row.inputs);
    this.exits.push({ time: row.time + this.sizeTicks, key: row.key });
    this.changed.add(row.key);
  }

  progress(time: bigint, take: TakeResult): void {
    this.flushBefore(time, take);
  }

  /** Settles all instants before `time` and applies the exits that fall on it. */
  private moveTo(time: bigint, take: TakeResult): void {
    this.flushBefore(time, take);
    this.instant = time;
    this.exitAt(time);
  }

  private flushBefore(time: bigint, take: TakeResult): void {
    if (this.instant !== null && this.instant < time) this.settle(take);
    for (let next = this.exits.first; next !== undefined && next.time < time; next = this.exits.first) {
      this.instant = next.time;
      this.exitAt(next.time);
      this.settle(take);
    }
  }

  private exitAt(time: bigint): void {
    for (let next = this.exits.first; next !== undefined && next.time === time; next = this.exits.first) {
      this.exits.shift();
      this.groups.get(next.key)!.frame.shift();
      this.changed.add(next.key);
    }
  }

  private settle(take: TakeResult): void {
    const time = this.instant!;
    this.instant = null;
    const changed = [...this.changed].map((key) => this.groups.get(key)!).sort((a, b) => a.place - b.place);
    this.changed.clear();
    for (const group of changed) {
      if (group.frame.size === 0) this.groups.delete(group.key);
      else take({ time, keys: group.keys, partition: group.partition, values: group.frame.results() });
    }
  }

  save(writer: StateWriter): void {
    writer.count(this.places);
    writer.optionalInteger(this.instant);
    writer.list(this.changed, this.changed.size, (key) => writer.text(key));
    writer.list(this.exits, this.exits.size, ({ time, key }) => {
      writer.integer(time);
      writer.text(key);
    });
    writer.list(this.groups.values(), this.groups.size, (group) => {
      writer.text(group.key);
      writer.values(group.keys);
      writer.text(group.partition);
      writer.count(group.place);
      group.frame.save(writer);
    });
  }

  load(reader: StateReader): void {
    this.places = reader.count();
    this.instant = reader.optionalInteger();
    this.changed.clear();
    for (const key of reader.list(() => reader.text())) this.changed.add(key);
    this.exits = new Queue(reader.list(() => ({ time: reader.integer(), key: reader.text() })));
    this.groups.clear();
    const count = reader.count();
    for (let i = 0; i < count; i++) {
      const group: SlidingGroup = {
        key: reader.text(),
        keys: reader.values(),
        partition: reader.text(),
        place: reader.count(),
        frame: new SlidingFrame(this.aggregates),
      };
      group.frame.load(reader);
      this.groups.set(group.key, group);
    }
  }
}
