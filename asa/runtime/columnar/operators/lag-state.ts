import type { LagCall } from "../../../plan/logical-plan";
import type { Value } from "../../../values/value";
import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import { loadValue, tags } from "../columns";
import type { Interner } from "../interner";
import { absoluteTicks } from "../ticks";

const none = Number.NEGATIVE_INFINITY;

/** The last rows of each group that LAG or LAST can still give, side by side: as many as the offset needs. */
export class LagState {
  readonly keep: number;
  readonly limit: number;
  private readonly inclusive: boolean;
  capacity = 64;
  times: Float64Array;
  numbers: Float64Array;
  kinds: Uint8Array;
  boxes: Value[] = [];
  /** How many rows a group had; the next one overwrites the oldest. */
  counts: Float64Array;

  constructor(call: LagCall, inclusive: boolean) {
    this.keep = Math.max(call.offset, 1);
    this.limit = Number(call.frame.limitTicks);
    this.inclusive = inclusive;
    this.times = new Float64Array(this.capacity * this.keep).fill(none);
    this.numbers = new Float64Array(this.capacity * this.keep);
    this.kinds = new Uint8Array(this.capacity * this.keep);
    this.counts = new Float64Array(this.capacity);
  }

  /** Makes room for a group. */
  grow(group: number): void {
    if (group < this.capacity) return;
    const { times, numbers, kinds, counts, keep } = this;
    while (this.capacity <= group) this.capacity *= 2;
    this.times = new Float64Array(this.capacity * keep).fill(none);
    this.times.set(times);
    this.numbers = new Float64Array(this.capacity * keep);
    this.numbers.set(numbers);
    this.kinds = new Uint8Array(this.capacity * keep);
    this.kinds.set(kinds);
    this.counts = new Float64Array(this.capacity);
    this.counts.set(counts);
  }

  /** True when the group has a row that one at `now` can still get. */
  live(group: number, now: number): boolean {
    for (let at = group * this.keep; at < (group + 1) * this.keep; at++) {
      const age = now - this.times[at]!;
      if (this.inclusive ? age <= this.limit : age < this.limit) return true;
    }
    return false;
  }

  texts(group: number, visit: (id: number) => void): void {
    for (let at = group * this.keep; at < (group + 1) * this.keep; at++)
      if (this.kinds[at] === tags.text) visit(this.numbers[at]!);
  }

  /** Keeps the given groups in this order; `texts` has the new number of each text. */
  keepGroups(groups: Int32Array, texts: Int32Array): void {
    const { times, numbers, kinds, boxes, counts, keep } = this;
    this.capacity = 64;
    while (this.capacity < groups.length) this.capacity *= 2;
    this.times = new Float64Array(this.capacity * keep).fill(none);
    this.numbers = new Float64Array(this.capacity * keep);
    this.kinds = new Uint8Array(this.capacity * keep);
    this.boxes = [];
    this.counts = new Float64Array(this.capacity);
    for (let group = 0; group < groups.length; group++) {
      const old = groups[group]!;
      this.counts[group] = counts[old]!;
      for (let i = 0; i < keep; i++) {
        const from = old * keep + i;
        const to = group * keep + i;
        this.times[to] = times[from]!;
        this.kinds[to] = kinds[from]!;
        this.numbers[to] = kinds[from] === tags.text ? texts[numbers[from]!]! : numbers[from]!;
        if (kinds[from] === tags.boxed) this.boxes[to] = boxes[from]!;
      }
    }
  }

  /** Writes the rows of a group, oldest first, as the row engine has them. */
  saveRows(writer: StateWriter, group: number, interner: Interner): void {
    const { keep } = this;
    const count = this.counts[group]!;
    const rows = Array.from({ length: Math.min(count, keep) }, (_, i) => {
      const place = count < keep ? i : (count + i) % keep;
      return group * keep + place;
    });
    writer.list(rows, rows.length, (at) => {
      writer.integer(absoluteTicks(this.times[at]!));
      writer.value(loadValue(this, at, interner));
    });
  }

  save(writer: StateWriter, groups: number): void {
    const size = groups * this.keep;
    this.grow(groups);
    writer.array(this.times.slice(0, size));
    writer.array(this.numbers.slice(0, size));
    writer.array(this.kinds.slice(0, size));
    writer.array(this.counts.slice(0, groups));
    const boxed: Value[] = [];
    for (let at = 0; at < size; at++) if (this.kinds[at] === tags.boxed) boxed.push(this.boxes[at] ?? null);
    writer.column(boxed);
  }

  load(reader: StateReader, groups: number): void {
    this.grow(groups);
    this.times.set(reader.array(Float64Array));
    this.numbers.set(reader.array(Float64Array));
    this.kinds.set(reader.array(Uint8Array));
    this.counts.set(reader.array(Float64Array));
    const boxed = reader.column();
    let taken = 0;
    for (let at = 0; at < groups * this.keep; at++)
      if (this.kinds[at] === tags.boxed) this.boxes[at] = boxed[taken++] ?? null;
  }
}
