import type { Value } from "../../values/value";
import type { Accumulator, AggregateInput } from "../aggregates/index";
import { Queue } from "../state/queue";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { type Aggregates, loadInputs, saveInputs } from "./group";

interface Item {
  readonly time: bigint;
  readonly inputs: readonly AggregateInput[];
}

/**
 * Aggregates over a moving stretch of rows: added at the end, removed at the front.
 *
 * Two stacks make each step cheap without an inverse: the older rows carry the combined state from themselves to the
 * last of the older ones, the newer rows share one state. Aggregates that do not combine are computed from all rows.
 */
export class SlidingFrame {
  private readonly aggregates: Aggregates;
  private older: (Item & { readonly states: readonly Accumulator[] })[] = [];
  private newer = new Queue<Item>();
  private newerStates: readonly Accumulator[];

  constructor(aggregates: Aggregates) {
    this.aggregates = aggregates;
    this.newerStates = aggregates.create();
  }

  get size(): number {
    return this.older.length + this.newer.size;
  }

  get firstTime(): bigint | null {
    return this.older[this.older.length - 1]?.time ?? this.newer.first?.time ?? null;
  }

  get lastTime(): bigint | null {
    return this.newer.at(this.newer.size - 1)?.time ?? this.older[0]?.time ?? null;
  }

  push(time: bigint, inputs: readonly AggregateInput[]): void {
    this.newer.push({ time, inputs });
    this.aggregates.accumulate(this.newerStates, inputs);
  }

  /** Removes the oldest row. */
  shift(): void {
    if (this.older.length === 0) {
      this.turn([...this.newer]);
      this.newer = new Queue();
      this.newerStates = this.aggregates.create();
    }
    this.older.pop();
  }

  /** Makes the given rows, oldest first, the older ones. */
  private turn(items: readonly Item[]): void {
    this.older = [];
    let following: readonly Accumulator[] | null = null;
    for (let i = items.length - 1; i >= 0; i--) {
      const states = this.aggregates.create();
      const { factories } = this.aggregates;
      this.aggregates.accumulate(states, items[i]!.inputs);
      if (following !== null) {
        states.forEach((state, index) => {
          if (factories[index]!.combinable) state.combine(following![index]!);
        });
      }
      this.older.push({ ...items[i]!, states });
      following = states;
    }
  }

  results(): Value[] {
    const states = this.aggregates.create();
    const top = this.older[this.older.length - 1]?.states;
    states.forEach((state, index) => {
      if (this.aggregates.factories[index]!.combinable) {
        if (top !== undefined) state.combine(top[index]!);
        state.combine(this.newerStates[index]!);
        return;
      }
      for (let i = this.older.length - 1; i >= 0; i--) state.accumulate(this.older[i]!.inputs[index]!);
      for (const item of this.newer) state.accumulate(item.inputs[index]!);
    });
    return this.aggregates.results(states);
  }

  save(writer: StateWriter): void {
    const items = [...this.older].reverse();
    const write = ({ time, inputs }: Item) => {
      writer.integer(time);
      saveInputs(writer, inputs);
    };
    writer.list(items, items.length, write);
    writer.list(this.newer, this.newer.size, write);
  }

  load(reader: StateReader): void {
    const read = (): Item => ({ time: reader.integer(), inputs: loadInputs(reader) });
    this.turn(reader.list(read));
    this.newer = new Queue();
    this.newerStates = this.aggregates.create();
    for (const { time, inputs } of reader.list(read)) this.push(time, inputs);
  }
}
