import { BuiltinError } from "../../language/builtins/builtin";
import { IncomparableError } from "../../values/equality";
import type { Value } from "../../values/value";
import type { Accumulator, AggregateFactory, AggregateInput } from "../aggregates/index";
import type { Row } from "../row";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";

/** What one row brings to its group. */
export interface GroupedRow {
  readonly time: bigint;
  readonly key: string;
  readonly keys: readonly Value[];
  readonly partition: string;
  readonly inputs: readonly AggregateInput[];
  readonly source: Row;
}

/** One group of one window. */
export interface Group {
  readonly keys: readonly Value[];
  readonly partition: string;
  readonly states: readonly Accumulator[];
}

/** A group's row on its way out. */
export interface GroupResult {
  readonly time: bigint;
  readonly keys: readonly Value[];
  readonly partition: string;
  readonly values: readonly Value[];
}

/** Makes, feeds and reads the accumulators of a group; errors get the place of the aggregate that failed. */
export class Aggregates {
  readonly factories: readonly AggregateFactory[];
  private readonly locate: (error: BuiltinError, index: number) => Error;

  constructor(factories: readonly AggregateFactory[], locate: (error: BuiltinError, index: number) => Error) {
    this.factories = factories;
    this.locate = locate;
  }

  private located(error: unknown, index: number): unknown {
    if (error instanceof BuiltinError) return this.locate(error, index);
    return error instanceof IncomparableError ? this.locate(new BuiltinError(error.message), index) : error;
  }

  create(): Accumulator[] {
    return this.factories.map((factory) => factory.initial());
  }

  group(row: GroupedRow): Group {
    return { keys: row.keys, partition: row.partition, states: this.create() };
  }

  accumulate(states: readonly Accumulator[], inputs: readonly AggregateInput[]): void {
    let index = 0;
    try {
      for (; index < states.length; index++) states[index]!.accumulate(inputs[index]!);
    } catch (error) {
      throw this.located(error, index);
    }
  }

  results(states: readonly Accumulator[]): Value[] {
    let index = 0;
    try {
      const values: Value[] = [];
      for (; index < states.length; index++) values.push(states[index]!.result());
      return values;
    } catch (error) {
      throw this.located(error, index);
    }
  }

  result(group: Group, time: bigint): GroupResult {
    return { time, keys: group.keys, partition: group.partition, values: this.results(group.states) };
  }

  saveGroups(writer: StateWriter, groups: ReadonlyMap<string, Group>): void {
    writer.list(groups, groups.size, ([key, group]) => {
      writer.text(key);
      writer.values(group.keys);
      writer.text(group.partition);
      for (const state of group.states) state.save(writer);
    });
  }

  loadGroups(reader: StateReader): Map<string, Group> {
    const groups = new Map<string, Group>();
    const count = reader.count();
    for (let i = 0; i < count; i++) {
      const key = reader.text();
      const group: Group = { keys: reader.values(), partition: reader.text(), states: this.create() };
      for (const state of group.states) state.load(reader);
      groups.set(key, group);
    }
    return groups;
  }
}

/** Writes a row's aggregate inputs. */
export function saveInputs(writer: StateWriter, inputs: readonly AggregateInput[]): void {
  writer.list(inputs, inputs.length, ({ value, order, time }) => {
    writer.value(value);
    writer.values(order);
    writer.integer(time);
  });
}

/** Reads what `saveInputs` wrote. */
export function loadInputs(reader: StateReader): AggregateInput[] {
  return reader.list(() => ({ value: reader.value(), order: reader.values(), time: reader.integer() }));
}
