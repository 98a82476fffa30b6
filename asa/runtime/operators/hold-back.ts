import type { Output } from "../operator";
import type { Row } from "../row";
import { MinHeap } from "../state/heap";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";

interface Held {
  readonly row: Row;
  readonly place: number;
}

/** Puts rows that are decided out of turn back into time order; equal times leave by place, by default the order of decision. */
export class HoldBack {
  private readonly held = new MinHeap<Held>((a, b) =>
    a.row.time < b.row.time ? -1 : a.row.time > b.row.time ? 1 : a.place - b.place,
  );
  private places = 0;
  private readonly output: Output;

  constructor(output: Output) {
    this.output = output;
  }

  add(row: Row, place: number = this.places++): void {
    this.held.push({ row, place });
  }

  /** Lets out what lies before `time`, which no later addition goes below. */
  progress(time: bigint): void {
    for (let next = this.held.peek(); next !== undefined && next.row.time < time; next = this.held.peek()) {
      this.held.pop();
      this.output.row(next.row);
    }
    this.output.progress(time);
  }

  save(writer: StateWriter): void {
    writer.count(this.places);
    const held = this.held.contents;
    writer.list(held, held.length, ({ row, place }) => {
      writer.row(row);
      writer.count(place);
    });
  }

  load(reader: StateReader): void {
    this.places = reader.count();
    this.held.replace(reader.list(() => ({ row: reader.row(), place: reader.count() })));
  }
}
