import { noValues, type Row } from "../row";
import { MinHeap } from "../state/heap";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { loadWaiting, type Placed, saveWaiting, type WaitingGroup, waitingGroup } from "./waiting-rows";

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
  private readonly buckets = new Map<number, WaitingGroup>();
  private readonly open = new MinHeap<number>((a, b) => a - b);
  private lastKey = -1;
  private lastRows: Placed[] = [];

  add(placed: Placed): void {
    const key = Number(placed.slot.time / bucketTicks);
    if (key !== this.lastKey) {
      let bucket = this.buckets.get(key);
      if (bucket === undefined) {
        bucket = waitingGroup([]);
        this.buckets.set(key, bucket);
        this.open.push(key);
      }
      this.lastKey = key;
      this.lastRows = bucket.rows;
    }
    this.lastRows.push(placed);
  }

  /** Hands over, in order, every row whose time lies before `time`. */
  release(time: bigint, take: (row: Row) => void): void {
    const boundary = Number(time / bucketTicks);
    for (let key = this.open.peek(); key !== undefined && key <= boundary; key = this.open.peek()) {
      const rows = this.buckets.get(key)!.rows.sort(byPlace);
      if (key === boundary) {
        const count = rows.findIndex(({ slot }) => slot.time >= time);
        if (count >= 0) {
          // Another group: what was saved of this one has its rows in another order.
          this.buckets.set(key, waitingGroup(rows.slice(count)));
          this.lastKey = -1;
          for (let row = 0; row < count; row++) take(rowOf(rows[row]!));
          return;
        }
      }
      this.open.pop();
      this.buckets.delete(key);
      this.lastKey = -1;
      for (const placed of rows) take(rowOf(placed));
    }
  }

  save(writer: StateWriter): void {
    saveWaiting(writer, this.buckets.values());
  }

  load(reader: StateReader): void {
    this.buckets.clear();
    this.open.replace([]);
    this.lastKey = -1;
    for (const placed of loadWaiting(reader)) this.add(placed);
  }
}
