import { AsaError } from "../../errors";
import type { BuiltinError } from "../../language/builtins/builtin";
import type { AggregateCall, AggregateRelation, WindowSpec } from "../../plan/logical-plan";
import { tupleKey } from "../../values/group-key";
import { unixEpochTicks } from "../../values/ticks";
import type { Value } from "../../values/value";
import { type AggregateInput, aggregateFactory } from "../aggregates/index";
import type { RuntimeContext } from "../context";
import type { Operator, Output } from "../operator";
import type { Evaluator, Row } from "../row";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { GridWindow } from "../windows/grid";
import { Aggregates, type GroupResult } from "../windows/group";
import { SessionWindow } from "../windows/session";
import { SlidingWindow } from "../windows/sliding";
import { SnapshotWindow } from "../windows/snapshot";
import type { WindowState } from "../windows/window";

const laterOf = (a: bigint, b: bigint): bigint => (b > a ? b : a);
const noOrder: readonly Value[] = [];

/** Evaluates the argument and the ORDER BY of aggregate calls on a row. */
export function inputReader(
  context: RuntimeContext,
  calls: readonly AggregateCall[],
): (row: Row) => AggregateInput[] {
  const readers = calls.map((call) => ({
    argument: call.argument === null ? null : context.compile(call.argument),
    order: call.orderBy.map((item) => context.compile(item.expression)),
  }));
  return (row) => {
    const inputs = new Array<AggregateInput>(readers.length);
    for (let i = 0; i < readers.length; i++) {
      const { argument, order } = readers[i]!;
      inputs[i] = {
        value: argument === null ? null : argument(row),
        order: order.length === 0 ? noOrder : order.map((evaluate) => evaluate(row)),
        time: row.time,
      };
    }
    return inputs;
  };
}

/** The accumulators of aggregate calls; a rejected value gives an error that names the call's place. */
export function aggregatesOf(context: RuntimeContext, calls: readonly AggregateCall[]): Aggregates {
  const factories = calls.map((call) => aggregateFactory(call, context.dialect, context.functions));
  const locate = (error: BuiltinError, index: number) => {
    const { range } = calls[index]!;
    const text = context.plan.text.slice(range.start, range.end).replace(/\s+/g, " ");
    const place = `At line '${range.line}' and column '${range.column}'.`;
    return new AsaError("ASA_ARGUMENT_VALUE", `${error.message} in expression '${text}'. ${place}`, {
      location: range,
      cause: error,
    });
  };
  return new Aggregates(factories, locate);
}

function windowState(context: RuntimeContext, spec: WindowSpec, aggregates: Aggregates): WindowState {
  const { dialect } = context;
  const originTicks = dialect.gridOrigin === "unix-epoch" ? unixEpochTicks : 0n;
  const shift = (offset: bigint) => (dialect.offsetTimestamp === "unshifted" ? offset : 0n);
  switch (spec.kind) {
    case "tumbling":
      return new GridWindow(
        { ...spec, hopTicks: spec.sizeTicks, originTicks },
        aggregates,
        shift(spec.offsetTicks),
      );
    case "hopping":
      return new GridWindow({ ...spec, originTicks }, aggregates, shift(spec.offsetTicks));
    case "snapshot":
      return new SnapshotWindow(aggregates);
    case "sliding":
      return new SlidingWindow(spec.sizeTicks, aggregates);
    case "session": {
      const keys = spec.partitionBy.map(context.compile);
      const rules = {
        ...spec,
        mode: dialect.sessionMode,
        closeAtTimeout: dialect.sessionGapAtTimeout === "close",
        originTicks,
      };
      return new SessionWindow(rules, aggregates, ({ source }) => source.partition + keyOf(keys, source));
    }
  }
}

const keyOf = (keys: readonly Evaluator[], row: Row): string =>
  keys.length === 0 ? "" : tupleKey(keys.map((key) => key(row)));

/** Windowed grouping; rows of several windows leave in time order, equal times in the order of the windows. */
export class AggregateOperator implements Operator {
  private readonly output: Output;
  private readonly windows: readonly { readonly id: string | null; readonly state: WindowState }[];
  private readonly keys: readonly Evaluator[];
  private readonly inputs: (row: Row) => AggregateInput[];
  /** Results of several windows that wait for the others: closed by a row, not yet by progress. */
  private pending: { readonly window: number; readonly row: Row }[] = [];
  /** How far a row's time can lie before its window's end (OPEN-16). */
  private readonly lagTicks: bigint;

  constructor(relation: AggregateRelation, context: RuntimeContext, output: Output) {
    this.output = output;
    this.keys = relation.keys.map(context.compile);
    this.inputs = inputReader(context, relation.aggregates);
    const aggregates = aggregatesOf(context, relation.aggregates);
    this.windows = relation.windows.map((spec) => ({
      id: spec.id,
      state: windowState(context, spec, aggregates),
    }));
    const offsets = relation.windows.map((spec) => ("offsetTicks" in spec ? spec.offsetTicks : 0n));
    const greatest = offsets.reduce(laterOf, 0n);
    this.lagTicks = context.dialect.offsetTimestamp === "unshifted" ? greatest : 0n;
  }

  row(row: Row): void {
    const keys = this.keys.map((key) => key(row));
    const key = keys.length === 0 ? "" : tupleKey(keys);
    const grouped = {
      time: row.time,
      key: row.partition === "" ? key : `${row.partition.length}:${row.partition}${key}`,
      keys,
      partition: row.partition,
      inputs: this.inputs(row),
      source: row,
    };
    for (let i = 0; i < this.windows.length; i++) {
      this.windows[i]!.state.add(grouped, (result) => this.take(result, i));
    }
  }

  private take({ time, keys, values, partition }: GroupResult, window: number): void {
    const { id } = this.windows[window]!;
    const row: Row = { time, slots: [], computed: [...keys, ...values], partition, window: id };
    if (this.windows.length === 1) this.output.row(row);
    else this.pending.push({ window, row });
  }

  progress(time: bigint): void {
    for (let i = 0; i < this.windows.length; i++) {
      this.windows[i]!.state.progress(time, (result) => this.take(result, i));
    }
    if (this.pending.length > 0) {
      const ready = this.pending.filter(({ row }) => row.time < time);
      this.pending = this.pending.filter(({ row }) => row.time >= time);
      ready.sort((a, b) =>
        a.row.time < b.row.time ? -1 : a.row.time > b.row.time ? 1 : a.window - b.window,
      );
      for (const { row } of ready) this.output.row(row);
    }
    this.output.progress(time - this.lagTicks);
  }

  save(writer: StateWriter): void {
    for (const { state } of this.windows) state.save(writer);
    writer.list(this.pending, this.pending.length, ({ window, row }) => {
      writer.count(window);
      writer.row(row);
    });
  }

  load(reader: StateReader): void {
    for (const { state } of this.windows) state.load(reader);
    this.pending = reader.list(() => ({ window: reader.count(), row: reader.row() }));
  }
}
