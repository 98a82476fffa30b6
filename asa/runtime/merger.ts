import type { Row } from "./row";
import { Queue } from "./state/queue";
import type { StateReader } from "./state/reader";
import type { StateWriter } from "./state/writer";

/**
 * Brings the rows of several ports into one order: by time, equal times by port, within a port as they came.
 *
 * A row is final once every port has progressed past its time; nothing depends on how rows were batched.
 */
export class Merger {
  private readonly queues: Queue<Row>[];
  private readonly reached: (bigint | null)[];

  constructor(ports: number) {
    this.queues = Array.from({ length: ports }, () => new Queue<Row>());
    this.reached = new Array<bigint | null>(ports).fill(null);
  }

  add(row: Row, port: number): void {
    this.queues[port]!.push(row);
  }

  /**
   * Notes a port's progress, hands over what became final and returns the common progress; null while a port is unknown.
   */
  progress(time: bigint, port: number, take: (row: Row, port: number) => void): bigint | null {
    this.reached[port] = time;
    let common: bigint | null = time;
    for (const reached of this.reached) {
      if (reached === null) return null;
      if (reached < common) common = reached;
    }
    for (;;) {
      let best = -1;
      let bestTime = common;
      for (let i = 0; i < this.queues.length; i++) {
        const first = this.queues[i]!.first;
        if (first !== undefined && first.time < bestTime) {
          best = i;
          bestTime = first.time;
        }
      }
      if (best < 0) return common;
      take(this.queues[best]!.shift()!, best);
    }
  }

  save(writer: StateWriter): void {
    for (const reached of this.reached) writer.optionalInteger(reached);
    for (const queue of this.queues) writer.list(queue, queue.size, (row) => writer.row(row));
  }

  load(reader: StateReader): void {
    for (let i = 0; i < this.reached.length; i++) this.reached[i] = reader.optionalInteger();
    for (let i = 0; i < this.queues.length; i++) this.queues[i] = new Queue(reader.list(() => reader.row()));
  }
}
