import { type Code, code } from "../../../codegen/code";
import type { AggregateRelation, Expression, WindowSpec } from "../../../plan/logical-plan";
import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import { saveInputs } from "../../windows/group";
import { Accumulators } from "../accumulators";
import { pageRows } from "../columns";
import { GroupIds } from "../group-ids";
import { Page } from "../page";
import { aggregateLayout } from "../panes";
import { RowKeys } from "../row-keys";
import { absoluteTicks } from "../ticks";
import { PageLoop } from "./loop";
import type { TypedContext, TypedOperator, WindowState } from "./operator";

const grown = <T extends Float64Array | Int32Array>(from: T, into: T): T => {
  into.set(from as never);
  return into;
};

/**
 * Sliding windows (t - size, t]: one row per group at every instant at which its content changes. Rows inside the window
 * stand in a ring in time order; each group has its own as a chain in it. Two stacks make every step cheap without an
 * inverse: the older rows of a group carry the sum from themselves to the last of the older ones, the newer share one.
 * Groups without arguments (COUNT(*) alone) are counted only.
 */
export class TypedSliding implements TypedOperator, WindowState {
  readonly relation: AggregateRelation;
  readonly out: Page;
  readonly code: Code;
  readonly rows: (count: number) => void;
  private readonly sizeTicks: number;
  private readonly accumulators: Accumulators;
  private readonly width: number;
  private readonly groups: GroupIds;
  private readonly rowKeys: RowKeys;
  // Rows inside a window; the first stands at `head`.
  private capacity = 64;
  private head = 0;
  private count = 0;
  private ringTimes: Float64Array = new Float64Array(64);
  private ringGroups: Int32Array = new Int32Array(64);
  /** Place in the ring of the group's next row. */
  private following: Int32Array = new Int32Array(64);
  private preceding: Int32Array = new Int32Array(64);
  private fields: Float64Array;
  /** What each row itself brought; null when nothing is summed. */
  private own: Float64Array;
  // By group.
  private groupCapacity = 64;
  private sizes: Int32Array = new Int32Array(64);
  private places: Float64Array = new Float64Array(64);
  private older: Int32Array = new Int32Array(64);
  private firsts: Int32Array = new Int32Array(64);
  private lasts: Int32Array = new Int32Array(64);
  private newer: Float64Array;
  private readonly result: Float64Array;
  // The instant whose rows and exits are being taken.
  private instant = Number.NaN;
  private changed: number[] = [];
  private readonly marked: Set<number> = new Set();
  private begun = 0;

  constructor(
    relation: AggregateRelation,
    window: Extract<WindowSpec, { kind: "sliding" }>,
    source: Page,
    conditions: readonly Expression[],
    typed: TypedContext,
  ) {
    this.relation = relation;
    this.sizeTicks = Number(window.sizeTicks);
    this.accumulators = new Accumulators(relation.aggregates, typed.context);
    this.width = this.accumulators.width;
    this.groups = new GroupIds(relation.keys.length, typed.interner);
    this.rowKeys = new RowKeys(typed.context.plan, relation);
    this.out = new Page(aggregateLayout(relation));
    this.fields = new Float64Array(64 * this.width);
    this.own = new Float64Array(64 * this.width);
    this.newer = new Float64Array(64 * this.width);
    this.result = new Float64Array(this.width);
    const loop = new PageLoop(source, typed);
    const { lines, group } = loop.group(this.groups, relation.keys);
    const self = loop.scope.value("sliding", this);
    const { reads, adds } = this.accumulators.add(loop.scope, loop.writer, code`fields`, code`at`);
    const sum =
      this.width === 0
        ? code``
        : code`const fields = ${self}.own, at = place * ${this.width};
${self}.accumulators.clear(fields, at);
${adds}
${self}.sum(${group}, place);`;
    this.code = loop.each(
      self,
      code``,
      code`${loop.conditions(conditions)}
${lines}
${reads}
if (!(t === ${self}.instant)) ${self}.moveTo(t);
const place = ${self}.enter(t, ${group});
${sum}`,
    );
    this.rows = loop.scope.evaluate(this.code);
  }

  /** Puts a row of a group behind the others; returns its place in the ring. */
  enter(time: number, group: number): number {
    if (this.count === this.capacity) this.grow();
    if (group >= this.groupCapacity) this.growGroups(group);
    const place = (this.head + this.count++) & (this.capacity - 1);
    this.ringTimes[place] = time;
    this.ringGroups[place] = group;
    if (this.sizes[group] === 0) {
      // A group that the instant has emptied and fills again is still the same.
      if (!this.pending(group)) this.places[group] = this.begun++;
      this.firsts[group] = place;
      this.older[group] = 0;
      if (this.width > 0) this.accumulators.clear(this.newer, group * this.width);
    } else {
      const last = this.lasts[group]!;
      this.following[last] = place;
      this.preceding[place] = last;
    }
    this.lasts[group] = place;
    this.sizes[group]!++;
    this.mark(group);
    return place;
  }

  /** Adds what the row at `place` brought to the newer rows of its group. */
  sum(group: number, place: number): void {
    this.accumulators.merge(this.newer, group * this.width, this.own, place * this.width);
  }

  /** True for a group that the instant has changed already. */
  private pending(group: number): boolean {
    return this.changed.length < 2 ? this.changed[0] === group : this.marked.has(group);
  }

  private mark(group: number): void {
    if (this.pending(group)) return;
    this.changed.push(group);
    if (this.changed.length === 2) this.marked.add(this.changed[0]!);
    if (this.changed.length > 1) this.marked.add(group);
  }

  private grow(): void {
    const { capacity, width } = this;
    const turn = <T extends Float64Array | Int32Array>(from: T, into: T, unit: number): T => {
      into.set(from.subarray(this.head * unit) as never);
      into.set(from.subarray(0, this.head * unit) as never, (capacity - this.head) * unit);
      return into;
    };
    // The ring begins at 0 again, so that all places move by the same distance.
    const moved = (from: Int32Array): Int32Array => {
      const into = turn(from, new Int32Array(capacity * 2), 1);
      for (let i = 0; i < capacity; i++) into[i] = (into[i]! - this.head) & (capacity - 1);
      return into;
    };
    this.ringTimes = turn(this.ringTimes, new Float64Array(capacity * 2), 1);
    this.ringGroups = turn(this.ringGroups, new Int32Array(capacity * 2), 1);
    this.following = moved(this.following);
    this.preceding = moved(this.preceding);
    this.fields = turn(this.fields, new Float64Array(capacity * 2 * width), width);
    this.own = turn(this.own, new Float64Array(capacity * 2 * width), width);
    for (let group = 0; group < this.groupCapacity; group++) {
      this.firsts[group] = (this.firsts[group]! - this.head) & (capacity - 1);
      this.lasts[group] = (this.lasts[group]! - this.head) & (capacity - 1);
    }
    this.capacity = capacity * 2;
    this.head = 0;
  }

  private growGroups(group: number): void {
    while (this.groupCapacity <= group) this.groupCapacity *= 2;
    const size = this.groupCapacity;
    this.sizes = grown(this.sizes, new Int32Array(size));
    this.places = grown(this.places, new Float64Array(size));
    this.older = grown(this.older, new Int32Array(size));
    this.firsts = grown(this.firsts, new Int32Array(size));
    this.lasts = grown(this.lasts, new Int32Array(size));
    this.newer = grown(this.newer, new Float64Array(size * this.width));
  }

  /** Settles all instants before `time` and applies the exits that fall on it. */
  moveTo(time: number): void {
    this.flushBefore(time);
    this.instant = time;
    this.exitAt(time);
  }

  private flushBefore(time: number): void {
    if (this.instant < time) this.settle();
    while (this.count > 0) {
      const exit = this.ringTimes[this.head]! + this.sizeTicks;
      if (!(exit < time)) break;
      this.instant = exit;
      this.exitAt(exit);
      this.settle();
    }
  }

  private exitAt(time: number): void {
    while (this.count > 0 && this.ringTimes[this.head]! + this.sizeTicks === time) {
      const place = this.head;
      const group = this.ringGroups[place]!;
      if (this.width > 0) {
        if (this.older[group] === 0) this.turn(group);
        this.older[group]!--;
      }
      this.firsts[group] = this.following[place]!;
      this.sizes[group]!--;
      this.head = (place + 1) & (this.capacity - 1);
      this.count--;
      this.mark(group);
    }
  }

  /** Makes all rows of a group the older ones. */
  private turn(group: number): void {
    const { width, fields, own, accumulators } = this;
    let place = this.lasts[group]!;
    let behind = -1;
    for (let left = this.sizes[group]!; left > 0; left--) {
      const at = place * width;
      for (let i = 0; i < width; i++) fields[at + i] = own[at + i]!;
      if (behind >= 0) accumulators.merge(fields, at, fields, behind * width);
      behind = place;
      place = this.preceding[place]!;
    }
    this.older[group] = this.sizes[group]!;
    accumulators.clear(this.newer, group * width);
  }

  private settle(): void {
    const { changed, out } = this;
    if (changed.length > 1) {
      changed.sort((a, b) => this.places[a]! - this.places[b]!);
      this.marked.clear();
    }
    const time = this.instant;
    this.instant = Number.NaN;
    this.changed = [];
    for (const group of changed) {
      if (this.sizes[group] === 0) continue;
      const row = out.count;
      out.times[row] = time;
      this.put(row, group);
      out.count = row + 1;
      if (out.count === pageRows) out.send();
    }
    changed.length = 0;
    this.changed = changed;
  }

  private put(row: number, group: number): void {
    const { out, groups, accumulators, width, result } = this;
    const keys = this.relation.keys.length;
    for (let i = 0; i < keys; i++) groups.put(group, i, out.columns[i]!, row);
    if (width > 0) {
      accumulators.clear(result, 0);
      if (this.older[group]! > 0) accumulators.merge(result, 0, this.fields, this.firsts[group]! * width);
      accumulators.merge(result, 0, this.newer, group * width);
    }
    accumulators.put(out, row, keys, result, 0, this.sizes[group]!);
  }

  progress(time: number): void {
    this.flushBefore(time);
    this.out.progress(time);
  }

  get size(): number {
    return this.groups.size;
  }

  private live(): Int32Array {
    const live: number[] = [];
    const waiting = new Set(this.changed);
    for (let group = 0; group < this.groups.size; group++)
      if ((this.sizes[group] ?? 0) > 0 || waiting.has(group)) live.push(group);
    return Int32Array.from(live);
  }

  liveTexts(visit: (id: number) => void): void {
    for (const group of this.live()) this.groups.texts(group, visit);
  }

  compact(numbers: Int32Array): void {
    const live = this.live();
    const renumbered = new Int32Array(Math.max(this.groups.size, 1)).fill(-1);
    for (let i = 0; i < live.length; i++) renumbered[live[i]!] = i;
    const { sizes, places, older, firsts, lasts, newer, width } = this;
    this.groupCapacity = 64;
    while (this.groupCapacity < live.length) this.groupCapacity *= 2;
    const size = this.groupCapacity;
    const pick = <T extends Float64Array | Int32Array>(from: T, into: T): T => {
      for (let i = 0; i < live.length; i++) into[i] = from[live[i]!] ?? 0;
      return into;
    };
    this.sizes = pick(sizes, new Int32Array(size));
    this.places = pick(places, new Float64Array(size));
    this.older = pick(older, new Int32Array(size));
    this.firsts = pick(firsts, new Int32Array(size));
    this.lasts = pick(lasts, new Int32Array(size));
    this.newer = new Float64Array(size * width);
    for (let i = 0; i < live.length; i++)
      for (let f = 0; f < width; f++) this.newer[i * width + f] = newer[live[i]! * width + f]!;
    for (let i = 0; i < this.count; i++) {
      const place = (this.head + i) & (this.capacity - 1);
      this.ringGroups[place] = renumbered[this.ringGroups[place]!]!;
    }
    this.changed = this.changed.map((group) => renumbered[group]!);
    this.marked.clear();
    if (this.changed.length > 1) for (const group of this.changed) this.marked.add(group);
    this.groups.keep(live, numbers);
  }

  save(writer: StateWriter): void {
    const { count, width } = this;
    this.groups.save(writer);
    const places = Array.from({ length: count }, (_, i) => (this.head + i) & (this.capacity - 1));
    writer.array(Float64Array.from(places, (place) => this.ringTimes[place]!));
    writer.array(Int32Array.from(places, (place) => this.ringGroups[place]!));
    const own = new Float64Array(count * width);
    for (const [i, place] of places.entries())
      own.set(this.own.subarray(place * width, (place + 1) * width), i * width);
    writer.array(own);
    if (this.groups.size > this.groupCapacity) this.growGroups(this.groups.size);
    writer.array(this.older.slice(0, this.groups.size));
    writer.array(this.places.slice(0, this.groups.size));
    writer.number(this.instant);
    writer.count(this.begun);
    writer.array(Int32Array.from(this.changed));
  }

  load(reader: StateReader): void {
    const { width } = this;
    this.groups.load(reader);
    const times = reader.array(Float64Array);
    const groups = reader.array(Int32Array);
    const own = reader.array(Float64Array);
    const older = reader.array(Int32Array);
    const places = reader.array(Float64Array);
    if (this.groups.size > this.groupCapacity) this.growGroups(this.groups.size);
    const left = Int32Array.from(older);
    for (let i = 0; i < times.length; i++) {
      const group = groups[i]!;
      const place = this.enter(times[i]!, group);
      this.own.set(own.subarray(i * width, (i + 1) * width), place * width);
      if (width === 0) continue;
      // The last of the older rows is followed by those that are summed from the front.
      if (left[group]! > 0 && --left[group]! === 0) this.turn(group);
      else if (left[group] === 0) this.sum(group, place);
    }
    this.older.set(older);
    this.places.set(places);
    this.instant = reader.number();
    this.begun = reader.count();
    this.changed = [...reader.array(Int32Array)];
    this.marked.clear();
    if (this.changed.length > 1) for (const group of this.changed) this.marked.add(group);
  }

  saveRows(writer: StateWriter): void {
    this.saveWindow(writer);
    // No row waits for another window.
    writer.count(0);
  }

  saveWindow(writer: StateWriter): void {
    const { width } = this;
    const keyOf = (group: number): string => this.rowKeys.group(this.groups.keys(group));
    writer.count(this.begun);
    writer.optionalInteger(Number.isNaN(this.instant) ? null : absoluteTicks(this.instant));
    writer.list(this.changed, this.changed.length, (group) => writer.text(keyOf(group)));
    const places = Array.from({ length: this.count }, (_, i) => (this.head + i) & (this.capacity - 1));
    writer.list(places, places.length, (place) => {
      writer.integer(absoluteTicks(this.ringTimes[place]! + this.sizeTicks));
      writer.text(keyOf(this.ringGroups[place]!));
    });
    const live = this.live();
    const byGroup = new Map<number, number[]>();
    for (const place of places) {
      const group = this.ringGroups[place]!;
      const known = byGroup.get(group);
      if (known === undefined) byGroup.set(group, [place]);
      else known.push(place);
    }
    writer.list(live, live.length, (group) => {
      writer.text(keyOf(group));
      writer.values(this.groups.keys(group));
      writer.text(this.rowKeys.partition(this.groups.keys(group)));
      writer.count(this.places[group] ?? 0);
      const members = byGroup.get(group) ?? [];
      const split = width === 0 ? 0 : this.older[group]!;
      const write = (place: number): void => {
        const time = absoluteTicks(this.ringTimes[place]!);
        writer.integer(time);
        const values = this.accumulators.inputs(this.own, place * width);
        saveInputs(
          writer,
          values.map((value) => ({ value, order: [], time })),
        );
      };
      const older = members.slice(0, split);
      const newer = members.slice(split);
      writer.list(older, older.length, write);
      writer.list(newer, newer.length, write);
    });
  }
}
