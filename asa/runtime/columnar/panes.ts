import { type Code, code } from "../../codegen/code";
import type { Scope } from "../../codegen/scope";
import type { AggregateRelation } from "../../plan/logical-plan";
import { unixEpochTicks } from "../../values/ticks";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { Accumulators } from "./accumulators";
import { pageRows } from "./columns";
import type { LoopWriter } from "./expression";
import { GroupIds } from "./group-ids";
import type { Layout } from "./layout";
import type { TypedContext, TypedState } from "./operators/operator";
import { Page } from "./page";
import { RowKeys } from "./row-keys";
import { absoluteTicks, baseTicks } from "./ticks";

/** Fields of every group: rows, time and place of its first row; then those of the accumulators. */
const fieldCount = 0;
const fieldFirst = 1;
const fieldPlace = 2;
const commonFields = 3;

/** Groups that a pane has room for at first. */
const leastCapacity = 64;
/** Logarithm of the groups of a pane that share a flag of change. */
const flagShift = 5;

/** One flag for each 32 groups of a state. */
const flagsOf = (state: Float64Array, stride: number): Uint8Array =>
  new Uint8Array(((state.length / stride) >> flagShift) + 1);

/** State of the groups that had rows in (end - length, end]: all fields of a group side by side. */
class Pane {
  readonly end: number;
  state: Float64Array;
  /** Set for each 32 groups in which something changed; a snapshot in the making clears it. */
  changed: Uint8Array;
  touched: Int32Array = new Int32Array(64);
  count = 0;

  constructor(end: number, state: Float64Array, stride: number) {
    this.end = end;
    this.state = state;
    this.changed = flagsOf(state, stride);
  }
}

const floorQuotient = (value: number, unit: number): number => {
  let quotient = Math.floor(value / unit);
  const rest = value - quotient * unit;
  if (rest < 0) quotient--;
  else if (rest >= unit) quotient++;
  return quotient;
};

const greatestDivisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : greatestDivisor(b, a % b));

/**
 * Tumbling and hopping windows of COUNT, SUM, AVG, MIN and MAX over typed state. Rows come in any order; panes as long as
 * the greatest common divisor of size and hop are merged when a window closes.
 */
export class PaneAggregator implements TypedState {
  readonly relation: AggregateRelation;
  readonly out: Page;
  readonly groups: GroupIds;
  private readonly accumulators: Accumulators;
  private readonly rowKeys: RowKeys;
  private readonly stride: number;
  private readonly paneTicks: number;
  private readonly hopTicks: number;
  private readonly sizeTicks: number;
  private readonly origin: number;
  private readonly panes = new Map<number, Pane>();
  private readonly spare: Float64Array[] = [];
  private emittedEnd = Number.NEGATIVE_INFINITY;
  private capacity = leastCapacity;

  constructor(relation: AggregateRelation, { context, interner }: TypedContext) {
    this.relation = relation;
    const [window] = relation.windows;
    if (window?.kind !== "tumbling" && window?.kind !== "hopping") throw new TypeError("no grid window");
    const size = window.sizeTicks;
    const hop = window.kind === "hopping" ? window.hopTicks : size;
    const epoch = context.dialect.gridOrigin === "unix-epoch" ? unixEpochTicks : 0n;
    const origin = (window.offsetTicks + epoch - baseTicks) % hop;
    this.sizeTicks = Number(size);
    this.hopTicks = Number(hop);
    this.paneTicks = Number(greatestDivisor(size, hop));
    this.origin = Number(origin);
    this.groups = new GroupIds(relation.keys.length, interner);
    this.rowKeys = new RowKeys(context.plan, relation);
    this.accumulators = new Accumulators(relation.aggregates, context);
    this.stride = commonFields + this.accumulators.width;
    this.out = new Page(aggregateLayout(relation));
  }

  /** The pane that a moment falls into. */
  pane(time: number): Pane {
    const end = this.origin - floorQuotient(this.origin - time, this.paneTicks) * this.paneTicks;
    let pane = this.panes.get(end);
    if (pane === undefined) {
      pane = new Pane(end, this.spare.pop() ?? new Float64Array(this.capacity * this.stride), this.stride);
      this.panes.set(end, pane);
    }
    return pane;
  }

  /** True when some window has the moment. */
  isInWindow(time: number): boolean {
    return (
      this.origin - floorQuotient(this.origin - time, this.hopTicks) * this.hopTicks - time < this.sizeTicks
    );
  }

  /** Makes room for every known group, and notes the group as one of the pane. */
  private touch(pane: Pane, group: number): void {
    this.fit(pane);
    if (pane.count === pane.touched.length) {
      const touched = new Int32Array(pane.count * 2);
      touched.set(pane.touched);
      pane.touched = touched;
    }
    pane.touched[pane.count++] = group;
    this.clear(pane.state, group * this.stride);
  }

  private clear(state: Float64Array, at: number): void {
    state[at + fieldCount] = 0;
    state[at + fieldFirst] = Number.POSITIVE_INFINITY;
    state[at + fieldPlace] = 0;
    this.accumulators.clear(state, at + commonFields);
  }

  /** Grows a pane's state to hold all groups. */
  private fit(pane: Pane): void {
    if (this.groups.size > this.capacity) {
      while (this.capacity < this.groups.size) this.capacity *= 2;
      this.spare.length = 0;
    }
    const length = this.capacity * this.stride;
    if (pane.state.length >= length) return;
    const state = new Float64Array(length);
    state.set(pane.state);
    pane.state = state;
    pane.changed = flagsOf(state, this.stride);
  }

  /** Statements that add row `r` with time `t` and place `p` to the group `g`. */
  update(scope: Scope, writer: LoopWriter, group: Code): Code {
    const self = scope.value("panes", this);
    const pane = scope.name("pane");
    const state = scope.name("state");
    const at = scope.name("at");
    const { reads, adds } = this.accumulators.add(scope, writer, state, code`${at} + ${commonFields}`);
    this.headLines = [code`let ${pane} = null, ${pane}From = 0, ${pane}To = -1;`];
    const changed = scope.name("moved");
    // Between windows that are shorter than their hop nothing is added.
    const [open, close] =
      this.hopTicks > this.sizeTicks ? [code`if (${self}.isInWindow(t)) {`, code`}`] : [code``, code``];
    return code`${reads}
${open}
if (!(t > ${pane}From && t <= ${pane}To)) { ${pane} = ${self}.pane(t); ${pane}To = ${pane}.end; ${pane}From = ${pane}To - ${this.paneTicks}; }
const ${at} = ${group} * ${this.stride};
let ${state} = ${pane}.state;
if (!(${state}[${at}] > 0)) { ${self}.touch(${pane}, ${group}); ${state} = ${pane}.state; }
${state}[${at}]++;
${pane}.changed[${group} >> ${flagShift}] = 1;
const ${changed} = ${state}[${at} + ${fieldFirst}];
if (t < ${changed}) { ${state}[${at} + ${fieldFirst}] = t; ${state}[${at} + ${fieldPlace}] = p; }
else if (t === ${changed} && p < ${state}[${at} + ${fieldPlace}]) ${state}[${at} + ${fieldPlace}] = p;
${adds}${close}`;
  }

  private headLines: readonly Code[] = [];

  /** Declarations before the loop that `update` relies on. */
  get declarations(): readonly Code[] {
    return this.headLines;
  }

  /** No later row lies before `time`: closes every window whose end has passed. */
  progress(time: number): void {
    while (this.panes.size > 0) {
      let first = Number.POSITIVE_INFINITY;
      for (const end of this.panes.keys()) if (end < first) first = end;
      const origin = this.origin;
      let end = origin - floorQuotient(origin - first, this.hopTicks) * this.hopTicks;
      if (end <= this.emittedEnd) end = this.emittedEnd + this.hopTicks;
      if (end >= time) break;
      // With a hop longer than the window, a pane may lie in no window at all.
      this.emit(end);
      this.emittedEnd = end;
      for (const pane of this.panes.values())
        if (pane.end <= end + this.hopTicks - this.sizeTicks) this.free(pane);
    }
    this.out.progress(time);
  }

  private free(pane: Pane): void {
    this.panes.delete(pane.end);
    for (let i = 0; i < pane.count; i++) pane.state[pane.touched[i]! * this.stride] = 0;
    if (pane.state.length === this.capacity * this.stride && this.spare.length < 8)
      this.spare.push(pane.state);
  }

  /** Merges the panes of the window that ends at `end` and sends its groups on, in the order in which they began. */
  private emit(end: number): void {
    const panes = [...this.panes.values()]
      .filter((pane) => pane.end > end - this.sizeTicks && pane.end <= end)
      .sort((a, b) => a.end - b.end);
    if (panes.length === 0) return;
    const merged = panes.length === 1 ? panes[0]! : this.merge(panes, end);
    const { state, touched, count } = merged;
    const order = inOrder(state, touched, count, this.stride);
    const { out, groups, accumulators, stride } = this;
    const keys = this.relation.keys.length;
    for (const group of order) {
      const row = out.count++;
      const at = group * stride;
      out.times[row] = end;
      for (let i = 0; i < keys; i++) groups.put(group, i, out.columns[i]!, row);
      accumulators.put(out, row, keys, state, at + commonFields, state[at + fieldCount]!);
      if (out.count === pageRows) out.send();
    }
    if (panes.length > 1) {
      for (let i = 0; i < count; i++) state[touched[i]! * this.stride] = 0;
      if (this.spare.length < 8) this.spare.push(state);
    }
  }

  private merge(panes: readonly Pane[], end: number): Pane {
    const spare = this.spare.pop() ?? new Float64Array(this.capacity * this.stride);
    const merged = new Pane(end, spare, this.stride);
    this.fit(merged);
    const { stride } = this;
    for (const { state: from, touched, count } of panes) {
      for (let i = 0; i < count; i++) {
        const at = touched[i]! * stride;
        if (!(merged.state[at]! > 0)) {
          this.touch(merged, touched[i]!);
          merged.state.set(from.subarray(at, at + stride), at);
          continue;
        }
        const to = merged.state;
        to[at + fieldCount]! += from[at + fieldCount]!;
        this.accumulators.merge(to, at + commonFields, from, at + commonFields);
      }
    }
    return merged;
  }

  get size(): number {
    return this.groups.size;
  }

  /** Calls `visit` for the texts in the keys of every group that an open window has. */
  liveTexts(visit: (id: number) => void): void {
    for (const { touched, count } of this.panes.values())
      for (let i = 0; i < count; i++) this.groups.texts(touched[i]!, visit);
  }

  /** Forgets groups that no open window has; `texts` has the new number of each text. */
  compact(texts: Int32Array): void {
    const { stride } = this;
    const numbers = new Int32Array(this.groups.size).fill(-1);
    const live: number[] = [];
    for (const { touched, count } of this.panes.values()) {
      for (let i = 0; i < count; i++) {
        const group = touched[i]!;
        if (numbers[group]! >= 0) continue;
        numbers[group] = live.length;
        live.push(group);
      }
    }
    this.groups.keep(Int32Array.from(live), texts);
    this.capacity = leastCapacity;
    while (this.capacity < live.length) this.capacity *= 2;
    this.spare.length = 0;
    for (const pane of this.panes.values()) {
      const state = new Float64Array(this.capacity * stride);
      for (let i = 0; i < pane.count; i++) {
        const from = pane.touched[i]! * stride;
        const group = numbers[pane.touched[i]!]!;
        state.set(pane.state.subarray(from, from + stride), group * stride);
        pane.touched[i] = group;
      }
      pane.state = state;
      pane.changed = flagsOf(state, stride);
    }
  }

  /** Writes the state as AggregateOperator has it, so that the row engine can go on from here. */
  saveRows(writer: StateWriter): void {
    this.saveWindow(writer);
    writer.count(0);
  }

  /** Writes what is open as GridWindow has it. */
  saveWindow(writer: StateWriter): void {
    const ends = new Set<number>();
    for (const { end } of this.panes.values()) {
      let first = this.origin - floorQuotient(this.origin - end, this.hopTicks) * this.hopTicks;
      if (first <= this.emittedEnd) first = this.emittedEnd + this.hopTicks;
      for (; first < end + this.sizeTicks; first += this.hopTicks) ends.add(first);
    }
    const windows = [...ends].sort((a, b) => a - b);
    writer.list(windows, windows.length, (end) => {
      writer.integer(absoluteTicks(end));
      const panes = [...this.panes.values()].filter(
        (pane) => pane.end > end - this.sizeTicks && pane.end <= end,
      );
      panes.sort((a, b) => a.end - b.end);
      const { state, touched, count } = this.merge(panes, end);
      const order = inOrder(state, touched, count, this.stride);
      writer.list(order, order.length, (group) => {
        const keys = this.groups.keys(group);
        writer.text(this.rowKeys.group(keys));
        writer.values(keys);
        writer.text(this.rowKeys.partition(keys));
        const at = group * this.stride;
        this.accumulators.saveRows(writer, state, at + commonFields, state[at + fieldCount]!);
      });
    });
  }

  /** Writes the typed state; restored by `load` into an aggregator of the same relation. */
  save(writer: StateWriter): void {
    this.groups.save(writer);
    writer.number(this.emittedEnd);
    writer.count(this.capacity);
    const bytesPerFlag = (this.stride * Float64Array.BYTES_PER_ELEMENT) << flagShift;
    writer.list(this.panes.values(), this.panes.size, ({ end, state, touched, count, changed }) => {
      writer.number(end);
      writer.array(touched.subarray(0, count));
      // Behind the last known group there is nothing.
      writer.array(state.subarray(0, this.groups.size * this.stride), { flags: changed, bytesPerFlag });
    });
  }

  load(reader: StateReader): void {
    this.groups.load(reader);
    this.emittedEnd = reader.number();
    this.capacity = reader.count();
    this.panes.clear();
    this.spare.length = 0;
    const count = reader.count();
    for (let i = 0; i < count; i++) {
      const end = reader.number();
      const touched = reader.array(Int32Array);
      const pane = new Pane(end, reader.array(Float64Array), this.stride);
      pane.count = touched.length;
      pane.touched = new Int32Array(Math.max(64, touched.length));
      pane.touched.set(touched);
      this.panes.set(end, pane);
    }
  }
}

/** The touched groups by time and place of their first rows. */
function inOrder(state: Float64Array, touched: Int32Array, count: number, stride: number): Int32Array {
  const order = touched.slice(0, count);
  return order.sort((a, b) => {
    const x = a * stride;
    const y = b * stride;
    return state[x + fieldFirst]! - state[y + fieldFirst]! || state[x + fieldPlace]! - state[y + fieldPlace]!;
  });
}

/** Keys, then aggregates. */
export function aggregateLayout({ keys, aggregates, windows }: AggregateRelation): Layout {
  const width = keys.length + aggregates.length;
  const computed = Array.from({ length: width }, (_, index) => index);
  return { slots: [], computed, window: windows[0]?.id ?? null, width };
}
