import type { EventMetadata } from "../../api";
import type { Value } from "../../values/value";
import { type ColumnStore, tags } from "./columns";
import { orderByPlace } from "./places";

/** Width of a bucket of the calendar: 0.1 s. */
const bucketTicks = 1_000_000;

/**
 * Rows that wait for their time to become final: their cells in typed arrays, their order in a calendar of buckets.
 * `release` gives out indices by (time, partition, order of arrival).
 */
export class Slab {
  private capacity = 64;
  times: Float64Array = new Float64Array(this.capacity);
  places: Float64Array = new Float64Array(this.capacity);
  masks: Int32Array = new Int32Array(this.capacity);
  readonly metadata: (EventMetadata | null)[] = [];
  readonly arrivals: bigint[] = [];
  readonly numbers: Float64Array[];
  readonly kinds: Uint8Array[];
  readonly boxes: Value[][];
  private next: Int32Array = new Int32Array(this.capacity);
  private free = -1;
  private used = 0;
  private readonly heads = new Map<number, number>();
  private keys = new Float64Array(64);
  private released = new Int32Array(64);

  constructor(columns: number) {
    this.numbers = Array.from({ length: columns }, () => new Float64Array(this.capacity));
    this.kinds = Array.from({ length: columns }, () => new Uint8Array(this.capacity));
    this.boxes = Array.from({ length: columns }, () => []);
  }

  private grow(): void {
    this.capacity *= 2;
    const floats = (from: Float64Array): Float64Array => {
      const grown = new Float64Array(this.capacity);
      grown.set(from);
      return grown;
    };
    const wholes = (from: Int32Array): Int32Array => {
      const grown = new Int32Array(this.capacity);
      grown.set(from);
      return grown;
    };
    this.times = floats(this.times);
    this.places = floats(this.places);
    this.masks = wholes(this.masks);
    this.next = wholes(this.next);
    for (let c = 0; c < this.numbers.length; c++) {
      this.numbers[c] = floats(this.numbers[c]!);
      const kinds = new Uint8Array(this.capacity);
      kinds.set(this.kinds[c]!);
      this.kinds[c] = kinds;
    }
  }

  add(
    time: number,
    place: number,
    mask: number,
    stores: readonly ColumnStore[],
    row: number,
    metadata: EventMetadata | null,
    arrival: bigint,
  ): number {
    let index = this.free;
    if (index >= 0) this.free = this.next[index]!;
    else {
      if (this.used === this.capacity) this.grow();
      index = this.used++;
    }
    this.times[index] = time;
    this.places[index] = place;
    this.masks[index] = mask;
    this.metadata[index] = metadata;
    this.arrivals[index] = arrival;
    for (let c = 0; c < stores.length; c++) {
      const store = stores[c]!;
      const kind = store.kinds[row]!;
      this.numbers[c]![index] = store.numbers[row]!;
      this.kinds[c]![index] = kind;
      if (kind === tags.boxed) this.boxes[c]![index] = store.boxes[row]!;
    }
    this.link(index);
    return index;
  }

  private link(index: number): void {
    const bucket = Math.floor(this.times[index]! / bucketTicks);
    this.next[index] = this.heads.get(bucket) ?? -1;
    this.heads.set(bucket, index);
  }

  get size(): number {
    let size = 0;
    for (const head of this.heads.values()) for (let i = head; i >= 0; i = this.next[i]!) size++;
    return size;
  }

  /** Indices of all rows that wait, in order; they stay. */
  waiting(): readonly number[] {
    const all: number[] = [];
    for (const head of this.heads.values()) for (let i = head; i >= 0; i = this.next[i]!) all.push(i);
    return all.sort((a, b) => this.times[a]! - this.times[b]! || this.places[a]! - this.places[b]!);
  }

  /** Calls `visit` for every cell of a waiting row that holds an interned text; what it returns is the text's number then. */
  texts(visit: (id: number) => number): void {
    for (const index of this.waiting()) {
      for (let c = 0; c < this.kinds.length; c++)
        if (this.kinds[c]![index] === tags.text) this.numbers[c]![index] = visit(this.numbers[c]![index]!);
    }
  }

  /** Hands over, in order, the index of every row before `time`, and forgets it. */
  release(time: number, take: (index: number) => void): void {
    const due: number[] = [];
    for (const bucket of this.heads.keys()) if (bucket * bucketTicks < time) due.push(bucket);
    due.sort((a, b) => a - b);
    for (const bucket of due) this.releaseBucket(bucket, time, take);
  }

  private releaseBucket(bucket: number, time: number, take: (index: number) => void): void {
    const start = bucket * bucketTicks;
    const head = this.heads.get(bucket)!;
    this.heads.delete(bucket);
    let count = 0;
    for (let i = head; i >= 0; ) {
      const following = this.next[i]!;
      if (this.times[i]! >= time) {
        this.next[i] = this.heads.get(bucket) ?? -1;
        this.heads.set(bucket, i);
      } else {
        if (count === this.released.length) {
          const released = new Int32Array(count * 2);
          released.set(this.released);
          this.released = released;
        }
        this.released[count++] = i;
      }
      i = following;
    }
    if (count > this.keys.length) this.keys = new Float64Array(this.released.length);
    // The list runs from the last row to the first; times within a bucket and the position fit one double, which sorts natively.
    const factor = 8_589_934_592;
    const packed = this.keys.subarray(0, count);
    for (let i = 0; i < count; i++)
      packed[i] = (this.times[this.released[count - 1 - i]!]! - start) * factor + i;
    packed.sort();
    const order = new Int32Array(count);
    for (let i = 0; i < count; i++) order[i] = this.released[count - 1 - (packed[i]! % factor)]!;
    orderByPlace(order, this.times, this.places);
    for (let i = 0; i < count; i++) {
      const index = order[i]!;
      take(index);
      this.next[index] = this.free;
      this.free = index;
    }
  }
}
