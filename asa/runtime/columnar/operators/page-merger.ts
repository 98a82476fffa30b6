import { endOfTime } from "../../row";
import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import { pageRows, tags } from "../columns";
import { rowAt } from "../layout";
import type { Page, PageTarget } from "../page";
import { absoluteTicks } from "../ticks";
import type { TypedContext } from "./operator";
import { RowQueue } from "./row-queue";

const unknown = Number.NEGATIVE_INFINITY;

/** One way in. */
export interface MergerPort {
  readonly page: Page;
  /** Puts the places of the rows that are taken into `kept`; returns how many. */
  readonly select: (count: number, kept: Int32Array) => number;
  /** The page's columns that become those of the merged rows, from the first on. */
  readonly columns: readonly number[];
  /** Text that the last column of the merged rows has for all rows of this port; null: NULL. Absent: there is none. */
  readonly label?: number | null;
}

/** Brings the rows of several pages into one order, as `Merger` does: by time, equal times by port. */
export class PageMerger {
  readonly out: Page;
  readonly targets: readonly PageTarget[];
  private readonly ports: readonly MergerPort[];
  private readonly queues: readonly RowQueue[];
  private readonly reached: Float64Array;
  private readonly typed: TypedContext;

  constructor(out: Page, ports: readonly MergerPort[], typed: TypedContext) {
    this.out = out;
    this.ports = ports;
    this.typed = typed;
    this.queues = ports.map(({ page }) => new RowQueue(page.layout, typed.interner));
    this.reached = new Float64Array(ports.length).fill(unknown);
    const kept = new Int32Array(pageRows);
    this.targets = ports.map(({ page, select }, index) => ({
      rows: (count) => this.queues[index]!.append(kept.subarray(0, select(count, kept)), page),
      progress: (time) => this.progress(time, index),
    }));
  }

  private progress(time: number, port: number): void {
    this.reached[port] = time;
    let common = time;
    for (const reached of this.reached) if (reached < common) common = reached;
    if (common === unknown) return;
    try {
      this.release(common);
    } finally {
      this.out.send();
    }
    this.out.progress(common);
  }

  private release(before: number): void {
    const { queues, ports, out } = this;
    for (;;) {
      let best = -1;
      let time = before;
      for (let i = 0; i < queues.length; i++) {
        const first = queues[i]!.time;
        if (first < time) {
          best = i;
          time = first;
        }
      }
      if (best < 0) return;
      const row = out.count;
      const { columns, label } = ports[best]!;
      queues[best]!.shiftTo(out, row, columns);
      if (label !== undefined) {
        const { numbers, kinds } = out.columns[columns.length]!;
        numbers[row] = label ?? 0;
        kinds[row] = label === null ? tags.null : tags.text;
      }
      out.count = row + 1;
      if (out.count === pageRows) out.send();
    }
  }

  texts(map: (id: number) => number): void {
    for (const queue of this.queues) queue.texts(map);
  }

  save(writer: StateWriter): void {
    writer.array(this.reached);
    for (const queue of this.queues) queue.save(writer);
  }

  load(reader: StateReader): void {
    this.reached.set(reader.array(Float64Array));
    for (const queue of this.queues) queue.load(reader);
  }

  /** Writes the state as `Merger` has it. */
  saveRows(writer: StateWriter): void {
    for (const time of this.reached) {
      if (time === unknown) writer.optionalInteger(null);
      else writer.optionalInteger(time === Number.POSITIVE_INFINITY ? endOfTime : absoluteTicks(time));
    }
    for (const queue of this.queues)
      writer.list(queue.rows(), queue.size, ([rows, index]) =>
        writer.row(rowAt(rows, index, this.typed.interner)),
      );
  }
}
