import { type Code, code } from "../../codegen/code";
import type { Scope } from "../../codegen/scope";
import { AsaError } from "../../errors";
import { convertArgument } from "../../language/builtins/bind";
import { BuiltinError, takes } from "../../language/builtins/builtin";
import { expressionKey } from "../../plan/binding/expression-tree";
import type { AggregateCall, AggregateRelation, Expression } from "../../plan/logical-plan";
import { tupleKey } from "../../values/group-key";
import { unixEpochTicks } from "../../values/ticks";
import { finite, fitsBigint } from "../../values/types";
import type { Value } from "../../values/value";
import type { RuntimeContext } from "../context";
import type { Output } from "../operator";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import type { LoopWriter } from "./expression";
import { GroupIds } from "./group-ids";
import type { Interner } from "./interner";
import { absoluteTicks, baseTicks } from "./ticks";

/** Fields of every group: rows, time and place of its first row. */
const fieldCount = 0;
const fieldFirst = 1;
const fieldPlace = 2;
const commonFields = 3;

/** Fields of one argument, counted from its offset. */
const nulls = 0;
const integers = 1;
const fraction = 2;
const lost = 3;
const low = 4;
const high = 5;
const least = 6;
const greatest = 7;
const argumentFields = 8;

/** Integers are summed in two parts: the low one is brought below this size again whenever it grows beyond. */
const carryUnit = 1_099_511_627_776;
const carryLimit = 4_503_599_627_370_496;
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

/** What an argument of any kind but null, integer and float adds to its fields. */
type AddOther = (state: Float64Array, at: number, value: Value) => void;

/**
 * Tumbling and hopping windows of COUNT, SUM, AVG, MIN and MAX over typed state. Rows come in any order; panes as long as
 * the greatest common divisor of size and hop are merged when a window closes. Float sums carry their rounding error
 * along, so that the order of the rows does not matter.
 */
export class PaneAggregator {
  readonly relation: AggregateRelation;
  private readonly context: RuntimeContext;
  readonly output: Output;
  readonly groups: GroupIds;
  private readonly arguments: readonly Expression[];
  private readonly argumentOf: readonly number[];
  private readonly stride: number;
  private readonly paneTicks: number;
  private readonly hopTicks: number;
  private readonly sizeTicks: number;
  private readonly origin: number;
  private readonly panes = new Map<number, Pane>();
  private readonly spare: Float64Array[] = [];
  private readonly windowId: string | null;
  private emittedEnd = Number.NEGATIVE_INFINITY;
  private capacity = leastCapacity;

  constructor(relation: AggregateRelation, context: RuntimeContext, output: Output, interner: Interner) {
    this.relation = relation;
    this.context = context;
    this.output = output;
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
    this.windowId = window.id;
    this.groups = new GroupIds(relation.keys.length, interner);
    const keys: string[] = [];
    const expressions: Expression[] = [];
    this.argumentOf = relation.aggregates.map(({ argument }) => {
      if (argument === null) return -1;
      const key = expressionKey(argument);
      if (!keys.includes(key)) {
        keys.push(key);
        expressions.push(argument);
      }
      return keys.indexOf(key);
    });
    this.arguments = expressions;
    this.stride = commonFields + expressions.length * argumentFields;
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
    state.fill(0, at, at + this.stride);
    state[at + fieldFirst] = Number.POSITIVE_INFINITY;
    for (let i = commonFields; i < this.stride; i += argumentFields) {
      state[at + i + least] = Number.POSITIVE_INFINITY;
      state[at + i + greatest] = Number.NEGATIVE_INFINITY;
    }
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

  /** Adds a value that is no plain number, by the rules that the row engine's accumulators have. */
  private readonly addOther = (argument: number): AddOther => {
    const calls = this.relation.aggregates.filter((_, index) => this.argumentOf[index] === argument);
    return (state, at, value) => {
      for (const call of calls) {
        let number: bigint | number | null = null;
        try {
          if (call.function === "count") continue;
          if (call.function === "min" || call.function === "max") {
            const float = convertArgument(call.function, 0, value, takes.float) as number | null;
            if (float === null) continue;
            if (call.function === "min") state[at + least] = Math.min(state[at + least]!, float);
            else state[at + greatest] = Math.max(state[at + greatest]!, float);
            continue;
          }
          number = convertArgument(call.function, 0, value, takes.number) as bigint | number | null;
        } catch (error) {
          throw error instanceof BuiltinError ? this.located(call, error) : error;
        }
        // SUM and AVG of one argument share their fields: only the first of them adds.
        if (call !== calls.find((other) => other.function === "sum" || other.function === "avg")) continue;
        if (typeof number === "bigint") {
          const unit = BigInt(carryUnit);
          state[at + integers]!++;
          state[at + high]! += Number(number / unit);
          state[at + low]! += Number(number % unit);
        } else if (number !== null) addFloat(state, at, number);
      }
    };
  };

  private located(call: AggregateCall, error: BuiltinError): AsaError {
    const { range } = call;
    const text = this.context.plan.text.slice(range.start, range.end).replace(/\s+/g, " ");
    const place = `At line '${range.line}' and column '${range.column}'.`;
    return new AsaError("ASA_ARGUMENT_VALUE", `${error.message} in expression '${text}'. ${place}`, {
      location: range,
      cause: error,
    });
  }

  /** Statements that add row `r` with time `t` and place `p` to the group `g`. */
  update(scope: Scope, writer: LoopWriter, group: Code): Code {
    const self = scope.value("panes", this);
    const pane = scope.name("pane");
    const state = scope.name("state");
    const at = scope.name("at");
    const reads = this.arguments.map((argument) => writer.number(argument));
    const adds = reads.map(({ kind, value, boxed }, index) => {
      const base = commonFields + index * argumentFields;
      const calls = this.relation.aggregates.filter((_, call) => this.argumentOf[call] === index);
      const uses = (...names: string[]) => calls.some((call) => names.includes(call.function));
      const field = (offset: number) => code`${state}[${at} + ${base + offset}]`;
      const sums = uses("sum", "avg");
      const other = scope.value("addOther", this.addOther(index));
      const extremes = [
        ...(uses("min") ? [code`if (${value} < ${field(least)}) ${field(least)} = ${value};`] : []),
        ...(uses("max") ? [code`if (${value} > ${field(greatest)}) ${field(greatest)} = ${value};`] : []),
      ];
      const sumFloat = sums
        ? code`{ const s = ${field(fraction)}, n = s + ${value};
${field(lost)} += (s < 0 ? -s : s) >= (${value} < 0 ? -${value} : ${value}) ? s - n + ${value} : ${value} - n + s;
${field(fraction)} = n; }`
        : code``;
      const sumInteger = sums
        ? code`{ const n = ${field(low)} + ${value};
if (n > ${carryLimit} || n < ${-carryLimit}) { const c = Math.trunc(n / ${carryUnit}); ${field(high)} += c; ${field(low)} = n - c * ${carryUnit}; } else ${field(low)} = n;
${field(integers)}++; }`
        : code``;
      return code`if (${kind} === 2) {
${sumFloat}
${extremes}
} else if (${kind} === 1) {
${sumInteger}
${extremes}
} else if (${kind} === 0) ${field(nulls)}++;
else ${other}(${state}, ${at} + ${base}, ${boxed});`;
    });
    this.headLines = [code`let ${pane} = null, ${pane}From = 0, ${pane}To = -1;`];
    const changed = scope.name("moved");
    return code`${reads.flatMap(({ lines }) => lines)}
if (!(t > ${pane}From && t <= ${pane}To)) { ${pane} = ${self}.pane(t); ${pane}To = ${pane}.end; ${pane}From = ${pane}To - ${this.paneTicks}; }
const ${at} = ${group} * ${this.stride};
let ${state} = ${pane}.state;
if (!(${state}[${at}] > 0)) { ${self}.touch(${pane}, ${group}); ${state} = ${pane}.state; }
${state}[${at}]++;
${pane}.changed[${group} >> ${flagShift}] = 1;
const ${changed} = ${state}[${at} + ${fieldFirst}];
if (t < ${changed}) { ${state}[${at} + ${fieldFirst}] = t; ${state}[${at} + ${fieldPlace}] = p; }
else if (t === ${changed} && p < ${state}[${at} + ${fieldPlace}]) ${state}[${at} + ${fieldPlace}] = p;
${adds}`;
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
    const time = absoluteTicks(end);
    for (const group of order) {
      const values = this.values(state, group * this.stride);
      this.output.row({
        time,
        slots: [],
        computed: [...this.groups.keys(group), ...values],
        partition: "",
        window: this.windowId,
      });
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
        for (let field = at + commonFields; field < at + stride; field += argumentFields) {
          to[field + nulls]! += from[field + nulls]!;
          to[field + integers]! += from[field + integers]!;
          addFloat(to, field, from[field + fraction]!);
          to[field + lost]! += from[field + lost]!;
          to[field + low]! += from[field + low]!;
          to[field + high]! += from[field + high]!;
          if (Math.abs(to[field + low]!) > carryLimit) {
            const carry = Math.trunc(to[field + low]! / carryUnit);
            to[field + high]! += carry;
            to[field + low]! -= carry * carryUnit;
          }
          if (from[field + least]! < to[field + least]!) to[field + least] = from[field + least]!;
          if (from[field + greatest]! > to[field + greatest]!) to[field + greatest] = from[field + greatest]!;
        }
      }
    }
    return merged;
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
        writer.text(keys.length === 0 ? "" : tupleKey(keys));
        writer.values(keys);
        writer.text("");
        this.saveAccumulators(writer, state, group * this.stride);
      });
    });
    writer.count(0);
  }

  private saveAccumulators(writer: StateWriter, state: Float64Array, at: number): void {
    for (const [index, call] of this.relation.aggregates.entries()) {
      const rows = state[at + fieldCount]!;
      const argument = this.argumentOf[index]!;
      const base = at + commonFields + argument * argumentFields;
      const count = argument < 0 ? rows : rows - state[base + nulls]!;
      // COUNT(*) has no fields of an argument.
      const whole = argument < 0 ? 0n : wholeSum(state, base);
      const float = argument < 0 ? 0 : state[base + fraction]! + state[base + lost]!;
      if (call.function === "count") writer.count(count);
      else if (call.function === "min" || call.function === "max")
        writer.value(count === 0 ? null : state[base + (call.function === "min" ? least : greatest)]!);
      else if (call.function === "avg") {
        writer.number(float);
        writer.integer(whole);
        writer.count(count);
      } else {
        writer.integer(whole);
        writer.number(float);
        writer.count(count - state[base + integers]!);
        writer.count(count);
      }
    }
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

  private values(state: Float64Array, at: number): Value[] {
    return this.relation.aggregates.map((call, index) => {
      const rows = state[at + fieldCount]!;
      const argument = this.argumentOf[index]!;
      if (argument < 0) return BigInt(rows);
      const base = at + commonFields + argument * argumentFields;
      const count = rows - state[base + nulls]!;
      if (call.function === "count") return BigInt(count);
      if (count === 0) return null;
      if (call.function === "min") return state[base + least]!;
      if (call.function === "max") return state[base + greatest]!;
      const whole = wholeSum(state, base);
      const float = state[base + fraction]! + state[base + lost]!;
      if (call.function === "avg") return finite((float + Number(whole)) / count);
      if (state[base + integers]! < count) return finite(float + Number(whole));
      if (fitsBigint(whole)) return whole;
      throw this.located(call, new BuiltinError("the sum does not fit into 64 bits"));
    });
  }
}

function wholeSum(state: Float64Array, at: number): bigint {
  return BigInt(state[at + high]!) * BigInt(carryUnit) + BigInt(state[at + low]!);
}

function addFloat(state: Float64Array, at: number, value: number): void {
  const sum = state[at + fraction]!;
  const next = sum + value;
  state[at + lost]! += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
  state[at + fraction] = next;
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

/** True for a call that the typed state can hold. */
export function isTypedAggregate(call: AggregateCall): boolean {
  if (call.distinct) return false;
  if (call.function === "count") return true;
  const type = call.argument?.type;
  if (call.function === "sum" || call.function === "avg")
    return type === "any" || type === "float" || type === "bigint";
  return (call.function === "min" || call.function === "max") && (type === "any" || type === "float");
}
