import { noValues, type Row, type Slot } from "../row";
import { MinHeap } from "../state/heap";
import { type StateReader, stateMismatch } from "../state/reader";
import type { StateWriter } from "../state/writer";

/** An event with the place that decides between equal times. Its row is made on release: what waits long stays small. */
export interface Placed {
  readonly slot: Slot;
  /** Key of the PARTITION BY clause. */
  readonly key: string;
  readonly partition: number;
  /** Position in its partition, in order of arrival. */
  readonly sequence: number;
}

/** Rows within one bucket are sorted together; wide enough to sort many at once, narrow enough to wait little. */
const bucketTicks = 1_000_000n;

const rowOf = ({ slot, key }: Placed): Row => ({
  time: slot.time,
  slots: [slot],
  computed: noValues,
  partition: key,
  window: null,
});

function byPlace(a: Placed, b: Placed): number {
  if (a.slot.time !== b.slot.time) return a.slot.time < b.slot.time ? -1 : 1;
  return a.partition - b.partition || a.sequence - b.sequence;
}

/** Holds rows until their time is final and gives them out by (time, partition, sequence). */
export class OrderingBuffer {
  private readonly buckets = new Map<number, Placed[]>();
  private readonly open = new MinHeap<number>((a, b) => a - b);
  private lastKey = -1;
  private lastBucket: Placed[] = [];

  add(placed: Placed): void {
    const key = Number(placed.slot.time / bucketTicks);
    if (key !== this.lastKey) {
      let bucket = this.buckets.get(key);
      if (bucket === undefined) {
        bucket = [];
        this.buckets.set(key, bucket);
        this.open.push(key);
      }
      this.lastKey = key;
      this.lastBucket = bucket;
    }
    this.lastBucket.push(placed);
  }

  /** Hands over, in order, every row whose time lies before `time`. */
  release(time: bigint, take: (row: Row) => void): void {
    const boundary = Number(time / bucketTicks);
    for (let key = this.open.peek(); key !== undefined && key <= boundary; key = this.open.peek()) {
      const bucket = this.buckets.get(key)!;
      bucket.sort(byPlace);
      let count = bucket.length;
      if (key === boundary) {
        count = bucket.findIndex(({ slot }) => slot.time >= time);
        if (count === 0) return;
        if (count > 0) {
          const ready = bucket.splice(0, count);
          for (const placed of ready) take(rowOf(placed));
          return;
        }
      }
      this.open.pop();
      this.buckets.delete(key);
      this.lastKey = -1;
      for (const placed of bucket) take(rowOf(placed));
    }
  }

  save(writer: StateWriter): void {
    const all = [...this.buckets.values()].flat();
    writer.list(all, all.length, ({ slot, key, partition, sequence }) => {
      writer.slot(slot);
      writer.text(key);
      writer.count(partition);
      writer.count(sequence);
    });
  }

  load(reader: StateReader): void {
    this.buckets.clear();
    this.open.replace([]);
    this.lastKey = -1;
    const placed = reader.list((): Placed => {
      const slot = reader.slot();
      if (slot === null) throw stateMismatch("snapshot is damaged");
      return { slot, key: reader.text(), partition: reader.count(), sequence: reader.count() };
    });
    for (const item of placed) this.add(item);
  }
}
