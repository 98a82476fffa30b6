import { type Code, code } from "../../../codegen/code";
import { expressionKey } from "../../../plan/binding/expression-tree";
import type { AggregateRelation, Expression, WindowSpec } from "../../../plan/logical-plan";
import { tupleKey } from "../../../values/group-key";
import { unixEpochTicks } from "../../../values/ticks";
import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import { Accumulators } from "../accumulators";
import { pageRows } from "../columns";
import { GroupIds } from "../group-ids";
import { Page } from "../page";
import { aggregateLayout } from "../panes";
import { RowKeys } from "../row-keys";
import { absoluteTicks, baseTicks } from "../ticks";
import { DueWheel } from "./due-wheel";
import { PageLoop } from "./loop";
import type { TypedContext, TypedOperator, WindowState } from "./operator";

/** The check of the maximum duration when it is no moment: not yet known, and due with the next row. */
const unset = Number.POSITIVE_INFINITY;
const withNext = Number.MAX_VALUE;

/** Fields of every session; then those of the accumulators. */
const fieldLast = 0;
const fieldCheck = 1;
/** Rows; 0 in a session that a check has emptied. */
const fieldRows = 2;
const fieldState = 3;
/** Moment under which the session stands in the heap; NaN: it does not. */
const fieldDue = 4;
const commonFields = 5;

const closed = 0;
const open = 1;
/** Its row has left already; the state waits for the stream to pass the same point. */
const emitted = 2;

/** Session windows whose groups are the sessions' own keys; the rules are those of SessionWindow, which explains them. */
export class TypedSessions implements TypedOperator, WindowState {
  readonly relation: AggregateRelation;
  readonly out: Page;
  readonly code: Code;
  readonly rows: (count: number) => void;
  private readonly timeout: number;
  private readonly maximum: number;
  private readonly origin: number;
  private readonly trill: boolean;
  private readonly closeAtTimeout: boolean;
  private readonly accumulators: Accumulators;
  private readonly stride: number;
  private readonly groups: GroupIds;
  private readonly rowKeys: RowKeys;
  /** Positions in the keys of the parts of a session's own key. */
  private readonly order: readonly number[];
  private state: Float64Array;
  private readonly wheel = new DueWheel((moment, group) => this.look(moment, group));
  private readonly due = this.wheel.heap;
  /** Sessions that are due together, by moment and key. */
  private readonly ready: number[] = [];
  /** Sessions that a row exactly at their timeout may still extend, and the moment of that. */
  private readonly undecided: number[] = [];
  private undecidedAt = Number.NaN;

  constructor(
    relation: AggregateRelation,
    window: Extract<WindowSpec, { kind: "session" }>,
    source: Page,
    conditions: readonly Expression[],
    typed: TypedContext,
  ) {
    this.relation = relation;
    const { dialect } = typed.context;
    this.timeout = Number(window.timeoutTicks);
    this.maximum = Number(window.maxDurationTicks);
    const epoch = dialect.gridOrigin === "unix-epoch" ? unixEpochTicks : 0n;
    this.origin = Number((epoch - baseTicks) % window.maxDurationTicks);
    this.trill = dialect.sessionMode === "trill";
    this.closeAtTimeout = dialect.sessionGapAtTimeout === "close";
    this.accumulators = new Accumulators(relation.aggregates, typed.context);
    this.stride = commonFields + this.accumulators.width;
    this.groups = new GroupIds(relation.keys.length, typed.interner);
    this.rowKeys = new RowKeys(typed.context.plan, relation);
    const keys = relation.keys.map(expressionKey);
    this.order = window.partitionBy.map((part) => keys.indexOf(expressionKey(part)));
    this.state = new Float64Array(64 * this.stride);
    this.out = new Page(aggregateLayout(relation));
    const loop = new PageLoop(source, typed);
    const { lines, group } = loop.group(this.groups, relation.keys);
    const self = loop.scope.value("sessions", this);
    const { reads, adds } = this.accumulators.add(loop.scope, loop.writer, code`fields`, code`at`);
    this.code = loop.each(
      self,
      code``,
      code`${loop.conditions(conditions)}
${lines}
${reads}
const at = ${self}.enter(${group}, t) + ${commonFields}, fields = ${self}.state;
${adds}`,
    );
    this.rows = loop.scope.evaluate(this.code);
  }

  private quotient(time: number): number {
    let quotient = Math.floor((time - this.origin) / this.maximum);
    const rest = time - this.origin - quotient * this.maximum;
    if (rest < 0) quotient--;
    else if (rest >= this.maximum) quotient++;
    return quotient;
  }

  private nextCheck(time: number): number {
    return (this.quotient(time) + 1) * this.maximum + this.origin;
  }

  /** First check at which a session that the rules look at for the first time at `time` can close. */
  private firstCheck(time: number): number {
    const quotient = this.quotient(time);
    const onGrid = quotient * this.maximum + this.origin === time;
    return onGrid ? time + this.maximum : (quotient + 2) * this.maximum + this.origin;
  }

  private threshold(at: number): number {
    const end = this.state[at + fieldLast]! + this.timeout;
    const check = this.state[at + fieldCheck]!;
    return Math.min(end, check);
  }

  /** Puts the session into the heap when it is not there or stands there under a later moment. */
  private schedule(group: number, at: number): void {
    const time = this.threshold(at);
    const due = this.state[at + fieldDue]!;
    // Under an earlier moment it is found in time, and looked at again.
    if (due <= time) return;
    this.state[at + fieldDue] = time;
    this.wheel.push(time, group);
  }

  /** A session's moment has come near: it may have moved on since it was noted. */
  private look(moment: number, group: number): void {
    const at = group * this.stride;
    if (this.state[at + fieldState] === closed || this.state[at + fieldDue] !== moment) return;
    const threshold = this.threshold(at);
    if (threshold > moment) {
      this.state[at + fieldDue] = threshold;
      this.wheel.push(threshold, group);
    } else this.due.push(moment, group);
  }

  private fit(group: number): void {
    if ((group + 1) * this.stride <= this.state.length) return;
    const state = new Float64Array(Math.max(this.state.length * 2, (group + 1) * this.stride));
    state.set(this.state);
    this.state = state;
  }

  /** Closes what the row ends and counts it; returns where the session's fields begin. */
  enter(group: number, time: number): number {
    this.fit(group);
    const at = group * this.stride;
    const known = this.state[at + fieldState] !== closed;
    if (known && this.trill) {
      // The row sets the check before it closes what is due: a session it closes itself leaves none to the next.
      const check = this.state[at + fieldCheck]!;
      if (check === unset || check === withNext) {
        this.state[at + fieldCheck] = check === unset ? this.firstCheck(time) : this.nextCheck(time);
        this.schedule(group, at);
      }
    }
    if (this.wheel.edge <= time || this.due.time <= time || this.undecidedAt < time) this.closeDue(time);
    const { state } = this;
    if (state[at + fieldState] === closed) {
      state[at + fieldState] = open;
      state[at + fieldCheck] = this.trill && known ? unset : this.firstCheck(time);
      state[at + fieldRows] = 0;
      // NaN is never earlier than a moment.
      state[at + fieldDue] = Number.NaN;
    }
    if (state[at + fieldRows] === 0) this.accumulators.clear(state, at + commonFields);
    state[at + fieldLast] = time;
    state[at + fieldRows]!++;
    this.schedule(group, at);
    return at;
  }

  /**
   * Takes the sessions whose moment lies before `time`, or on it with `inclusive`, from the heap, in order of moment and key. An entry whose
   * session has moved on is put back under its moment.
   */
  private takeDue(time: number, inclusive: boolean): readonly number[] {
    const { due, ready, state, stride } = this;
    ready.length = 0;
    this.wheel.advance(time);
    while (due.size > 0 && (due.time < time || (inclusive && due.time === time))) {
      const group = due.item;
      const at = group * stride;
      const moment = due.time;
      if (state[at + fieldState] === closed || state[at + fieldDue] !== moment) {
        due.pop();
        continue;
      }
      const threshold = this.threshold(at);
      if (threshold > moment) {
        state[at + fieldDue] = threshold;
        due.delay(threshold);
        continue;
      }
      due.pop();
      state[at + fieldDue] = Number.NaN;
      ready.push(group);
    }
    this.sortTies(ready);
    return ready;
  }

  /** Sessions of one moment go by the text of their keys. */
  private sortTies(ready: number[]): void {
    if (ready.length < 2) return;
    const { stride } = this;
    // They are in order of moment already.
    for (let from = 0; from < ready.length; ) {
      const moment = this.threshold(ready[from]! * stride);
      let to = from + 1;
      while (to < ready.length && this.threshold(ready[to]! * stride) === moment) to++;
      if (to - from > 1) {
        const ties = ready.slice(from, to).map((group) => ({ group, text: this.keyText(group) }));
        ties.sort((a, b) => (a.text < b.text ? -1 : 1));
        for (const [index, { group }] of ties.entries()) ready[from + index] = group;
      }
      from = to;
    }
  }

  private keyText(group: number): string {
    const keys = this.groups.keys(group);
    const own = this.order.length === 0 ? "" : tupleKey(this.order.map((index) => keys[index]!));
    return this.rowKeys.partition(keys) + own;
  }

  /** Closes, in order, every session that a row at `time` ends. */
  private closeDue(time: number): void {
    const { state, stride, undecided } = this;
    if (this.undecidedAt < time) this.decide();
    // What a check has emptied may be due again at once, by its gap.
    for (let ready = this.takeDue(time, true); ready.length > 0; ready = this.takeDue(time, true)) {
      for (const group of [...ready]) {
        const at = group * stride;
        const end = state[at + fieldLast]! + this.timeout;
        const timedOut = this.closeAtTimeout ? time >= end : time > end;
        const check = state[at + fieldCheck]!;
        const checked = check < withNext && time >= check;
        if (!timedOut && !checked) {
          // Exactly at the timeout the session may still be extended.
          undecided.push(group);
          this.undecidedAt = time;
          continue;
        }
        this.emit(group, at, this.threshold(at));
        if (timedOut || !this.trill) state[at + fieldState] = closed;
        else {
          state[at + fieldCheck] = withNext;
          state[at + fieldRows] = 0;
          state[at + fieldState] = open;
          // An empty session still ends by its gap, so that its key is forgotten.
          this.schedule(group, at);
        }
      }
    }
  }

  /** Puts what was undecided back among what is due: its moment has passed, or is looked at again. */
  private decide(): void {
    for (const group of this.undecided)
      if (this.state[group * this.stride + fieldState] !== closed) this.schedule(group, group * this.stride);
    this.undecided.length = 0;
    this.undecidedAt = Number.NaN;
  }

  private emit(group: number, at: number, time: number): void {
    const { state, out, groups } = this;
    if (state[at + fieldState] === emitted) return;
    state[at + fieldState] = emitted;
    const count = state[at + fieldRows]!;
    if (count === 0) return;
    const row = out.count;
    const keys = this.relation.keys.length;
    out.times[row] = time;
    for (let i = 0; i < keys; i++) groups.put(group, i, out.columns[i]!, row);
    this.accumulators.put(out, row, keys, state, at + commonFields, count);
    out.count = row + 1;
    if (out.count === pageRows) out.send();
  }

  progress(time: number): void {
    this.decide();
    const passed = [...this.takeDue(time, false)];
    for (const group of passed) {
      const at = group * this.stride;
      this.emit(group, at, this.threshold(at));
    }
    for (const group of passed) this.schedule(group, group * this.stride);
    this.out.progress(time);
  }

  get size(): number {
    return this.groups.size;
  }

  private live(): Int32Array {
    const live: number[] = [];
    for (let group = 0; group < this.groups.size; group++)
      if ((this.state[group * this.stride + fieldState] ?? closed) !== closed) live.push(group);
    return Int32Array.from(live);
  }

  liveTexts(visit: (id: number) => void): void {
    for (const group of this.live()) this.groups.texts(group, visit);
  }

  compact(numbers: Int32Array): void {
    const live = this.live();
    const { state, stride } = this;
    this.state = new Float64Array(Math.max(64, live.length) * stride);
    for (let i = 0; i < live.length; i++)
      this.state.set(state.subarray(live[i]! * stride, (live[i]! + 1) * stride), i * stride);
    this.groups.keep(live, numbers);
    this.reschedule();
  }

  private reschedule(): void {
    this.wheel.clear();
    this.undecided.length = 0;
    this.undecidedAt = Number.NaN;
    for (const group of this.live()) {
      const at = group * this.stride;
      this.state[at + fieldDue] = Number.NaN;
      this.schedule(group, at);
    }
  }

  save(writer: StateWriter): void {
    this.groups.save(writer);
    if (this.groups.size > 0) this.fit(this.groups.size - 1);
    const state = this.state.slice(0, this.groups.size * this.stride);
    // When a session is looked at again is no part of its state.
    for (let at = fieldDue; at < state.length; at += this.stride) state[at] = Number.NaN;
    writer.array(state);
  }

  load(reader: StateReader): void {
    this.groups.load(reader);
    const state = reader.array(Float64Array);
    this.state = new Float64Array(Math.max(64 * this.stride, state.length));
    this.state.set(state);
    this.reschedule();
  }

  saveRows(writer: StateWriter): void {
    this.saveWindow(writer);
    // No row waits for another window.
    writer.count(0);
  }

  saveWindow(writer: StateWriter): void {
    const live = this.live();
    writer.list(live, live.length, (group) => {
      const at = group * this.stride;
      const { state } = this;
      const check = state[at + fieldCheck]!;
      const rows = state[at + fieldRows]!;
      writer.text(this.keyText(group));
      writer.integer(absoluteTicks(state[at + fieldLast]!));
      writer.value(check === unset ? "unset" : check === withNext ? "next" : absoluteTicks(check));
      writer.flag(state[at + fieldState] === emitted);
      writer.list([group], rows === 0 ? 0 : 1, () => {
        if (rows === 0) return;
        const keys = this.groups.keys(group);
        writer.text(this.rowKeys.group(keys));
        writer.values(keys);
        writer.text(this.rowKeys.partition(keys));
        this.accumulators.saveRows(writer, state, at + commonFields, rows);
      });
    });
  }
}
