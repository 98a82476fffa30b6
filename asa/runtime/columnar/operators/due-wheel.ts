import { DueHeap } from "./due-heap";

/** Width of a bucket: 0.1 s. */
const bucketTicks = 1_000_000;
const ringSize = 4096;

/**
 * Moments at which something is due. What is due soon stands in a heap, what is due within minutes in buckets of a wheel, where
 * it costs next to nothing to stand; what is due later stands in the heap, too.
 */
export class DueWheel {
  readonly heap = new DueHeap();
  private readonly ring = new Int32Array(ringSize).fill(-1);
  private reached = Number.NEGATIVE_INFINITY;
  /** Begin of the first bucket that was not moved to the heap. */
  edge: number = Number.NEGATIVE_INFINITY;
  private times: Float64Array = new Float64Array(64);
  private items: Int32Array = new Int32Array(64);
  private next: Int32Array = new Int32Array(64);
  private used = 0;
  private free = -1;
  private readonly look: (time: number, item: number) => void;

  /** `look` takes what has come near, and pushes it into the heap, or under a later moment, or forgets it. */
  constructor(look: (time: number, item: number) => void) {
    this.look = look;
  }

  push(time: number, item: number): void {
    const bucket = Math.floor(time / bucketTicks);
    if (this.reached === Number.NEGATIVE_INFINITY) this.reach(bucket - 1);
    if (bucket <= this.reached || bucket - this.reached >= ringSize) {
      this.heap.push(time, item);
      return;
    }
    let entry = this.free;
    if (entry >= 0) this.free = this.next[entry]!;
    else {
      if (this.used === this.items.length) this.grow();
      entry = this.used++;
    }
    const place = bucket & (ringSize - 1);
    this.times[entry] = time;
    this.items[entry] = item;
    this.next[entry] = this.ring[place]!;
    this.ring[place] = entry;
  }

  private reach(bucket: number): void {
    this.reached = bucket;
    this.edge = (bucket + 1) * bucketTicks;
  }

  private grow(): void {
    const size = this.items.length * 2;
    const times = new Float64Array(size);
    times.set(this.times);
    this.times = times;
    const items = new Int32Array(size);
    items.set(this.items);
    this.items = items;
    const next = new Int32Array(size);
    next.set(this.next);
    this.next = next;
  }

  /** Has everything looked at whose bucket begins at `time` or before. */
  advance(time: number): void {
    if (time < this.edge) return;
    const target = Math.floor(time / bucketTicks);
    const from = Math.max(this.reached + 1, target - ringSize + 1);
    if (from > this.reached + 1) {
      // Farther than the wheel reaches: all that stands in it has come near.
      const first = this.reached + 1;
      this.reach(target);
      for (let bucket = first; bucket < first + ringSize; bucket++) this.empty(bucket & (ringSize - 1));
      return;
    }
    for (let bucket = from; bucket <= target; bucket++) {
      this.reach(bucket);
      this.empty(bucket & (ringSize - 1));
    }
  }

  private empty(place: number): void {
    let entry = this.ring[place]!;
    this.ring[place] = -1;
    while (entry >= 0) {
      const following = this.next[entry]!;
      const time = this.times[entry]!;
      const item = this.items[entry]!;
      this.next[entry] = this.free;
      this.free = entry;
      this.look(time, item);
      entry = following;
    }
  }

  clear(): void {
    this.heap.clear();
    this.ring.fill(-1);
    this.used = 0;
    this.free = -1;
    this.reached = Number.NEGATIVE_INFINITY;
    this.edge = Number.NEGATIVE_INFINITY;
  }
}
