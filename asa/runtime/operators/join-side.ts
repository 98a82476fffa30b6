import type { Row } from "../row";
import { Queue } from "../state/queue";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";

/** A row kept by a join; left rows of an outer join remember whether they have matched. */
export interface Kept {
  readonly row: Row;
  readonly key: string;
  matched: boolean;
}

/** The rows of one side that can still match, by look-up key, in the order of their times. */
export class JoinSide {
  private readonly byKey = new Map<string, Queue<Kept>>();
  private order = new Queue<Kept>();
  private readonly keepTicks: bigint;

  constructor(keepTicks: bigint) {
    this.keepTicks = keepTicks;
  }

  add(kept: Kept): void {
    this.order.push(kept);
    const queue = this.byKey.get(kept.key);
    if (queue === undefined) this.byKey.set(kept.key, new Queue([kept]));
    else queue.push(kept);
  }

  candidates(key: string): Iterable<Kept> {
    return this.byKey.get(key) ?? [];
  }

  /** Forgets rows that nothing at or after `time` can match. */
  forgetBefore(time: bigint): void {
    for (
      let next = this.order.first;
      next !== undefined && next.row.time + this.keepTicks < time;
      next = this.order.first
    ) {
      this.order.shift();
      const queue = this.byKey.get(next.key)!;
      queue.shift();
      if (queue.size === 0) this.byKey.delete(next.key);
    }
  }

  all(): Iterable<Kept> {
    return this.order;
  }

  save(writer: StateWriter): void {
    writer.list(this.order, this.order.size, ({ row, key, matched }) => {
      writer.row(row);
      writer.text(key);
      writer.flag(matched);
    });
  }

  load(reader: StateReader): void {
    this.byKey.clear();
    this.order = new Queue();
    for (const kept of reader.list(() => ({ row: reader.row(), key: reader.text(), matched: reader.flag() })))
      this.add(kept);
  }
}
