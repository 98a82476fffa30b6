import type { EventMetadata, InputEvent } from "../../api";
import { AsaRecord, type Value } from "../../values/value";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { type ColumnStore, pageRows, tags } from "./columns";
import type { Page } from "./page";
import { orderByPlace } from "./places";
import { absoluteTicks } from "./ticks";

const noRecord = new AsaRecord([], []);

/** Width of a bucket of the calendar: 0.1 s. */
const bucketTicks = 1_000_000;
/** Buckets at hand: about 27 minutes; rows farther away are in a map. */
const ringSize = 1 << 14;

/** More than the rows of a bucket; times this a moment within a bucket still is a double exactly. */
const positions = 8_589_934_592;

/**
 * Rows that wait for their time to become final: their cells in typed arrays, their order in a calendar of buckets.
 * They leave by (time, partition, order of arrival). The arrays are rings in the order of arrival, which is nearly that of
 * leaving; what stays long behind is moved together when room is short.
 */
export class Slab {
  private capacity = 64;
  private mask = 63;
  times: Float64Array = new Float64Array(this.capacity);
  places: Float64Array = new Float64Array(this.capacity);
  masks: Int32Array = new Int32Array(this.capacity);
  /** What the broker knows of the rows; null when the query does not ask. */
  origins: { readonly metadata: (EventMetadata | null)[]; readonly arrivals: bigint[] } | null;
  /** The cells of each column, where `loadValue` reads them. */
  readonly columns: { numbers: Float64Array; kinds: Uint8Array; boxes: Value[] }[];
  private next: Int32Array = new Int32Array(this.capacity);
  /** 1 for a row that waits. */
  private waits: Uint8Array = new Uint8Array(this.capacity);
  private head = 0;
  private tail = 0;
  private count = 0;
  private readonly ring = new Int32Array(ringSize).fill(-1);
  /** Bucket that a place of the ring stands for, while it has rows. */
  private readonly ringBucket = new Float64Array(ringSize);
  private readonly far = new Map<number, number>();
  private lowest = Number.POSITIVE_INFINITY;
  private highest = Number.NEGATIVE_INFINITY;
  private keys = new Float64Array(64);
  private released = new Int32Array(64);
  private order = new Int32Array(64);

  constructor(columns: number, withOrigins: boolean) {
    this.origins = withOrigins ? { metadata: [], arrivals: [] } : null;
    this.columns = Array.from({ length: columns }, () => ({
      numbers: new Float64Array(this.capacity),
      kinds: new Uint8Array(this.capacity),
      boxes: [],
    }));
  }

  get size(): number {
    return this.count;
  }

  /** Makes room for so many more rows: moves those that wait together, into arrays of twice the size when they are many. */
  private makeRoom(more: number): void {
    const { mask, origins, times } = this;
    const old: number[] = [];
    for (let row = this.head; row < this.tail; row++) if (this.waits[row & mask] === 1) old.push(row & mask);
    while (this.capacity < 2 * (old.length + more)) this.capacity *= 2;
    const { capacity } = this;
    const moved = <T extends Float64Array | Int32Array | Uint8Array>(from: T, into: T): T => {
      for (let i = 0; i < old.length; i++) into[i] = from[old[i]!]!;
      return into;
    };
    this.mask = capacity - 1;
    this.times = moved(times, new Float64Array(capacity));
    this.places = moved(this.places, new Float64Array(capacity));
    this.masks = moved(this.masks, new Int32Array(capacity));
    for (const column of this.columns) {
      const { kinds, boxes } = column;
      column.numbers = moved(column.numbers, new Float64Array(capacity));
      column.kinds = moved(kinds, new Uint8Array(capacity));
      column.boxes = [];
      for (let i = 0; i < old.length; i++)
        if (kinds[old[i]!] === tags.boxed) column.boxes[i] = boxes[old[i]!]!;
    }
    if (origins !== null) {
      const { metadata, arrivals } = origins;
      this.origins = {
        metadata: old.map((place) => metadata[place]!),
        arrivals: old.map((place) => arrivals[place]!),
      };
    }
    this.waits = new Uint8Array(capacity).fill(1, 0, old.length);
    this.next = new Int32Array(capacity);
    this.head = 0;
    this.tail = old.length;
    this.ring.fill(-1);
    this.far.clear();
    for (let i = 0; i < old.length; i++) this.link(i, Math.floor(this.times[i]! / bucketTicks));
  }

  /** Takes `count` rows of a batch, whose numbers stand in `rows`, with their masks. */
  add(
    count: number,
    rows: Int32Array,
    masks: Int32Array,
    times: Float64Array,
    places: Float64Array,
    stores: readonly ColumnStore[],
    eventOf: (row: number) => InputEvent,
  ): void {
    if (this.tail - this.head + count > this.capacity) this.makeRoom(count);
    const { tail, mask } = this;
    for (let c = 0; c < stores.length; c++) {
      const { numbers: fromNumbers, kinds: fromKinds, boxes: fromBoxes } = stores[c]!;
      const { numbers, kinds, boxes } = this.columns[c]!;
      for (let i = 0; i < count; i++) {
        const row = rows[i]!;
        const index = (tail + i) & mask;
        const kind = fromKinds[row]!;
        numbers[index] = fromNumbers[row]!;
        kinds[index] = kind;
        if (kind === tags.boxed) boxes[index] = fromBoxes[row]!;
      }
    }
    const { origins, waits } = this;
    const { times: ownTimes, places: ownPlaces, masks: ownMasks } = this;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const index = (tail + i) & mask;
      const time = times[row]!;
      ownTimes[index] = time;
      ownPlaces[index] = places[row]!;
      ownMasks[index] = masks[i]!;
      waits[index] = 1;
      this.link(index, Math.floor(time / bucketTicks));
    }
    if (origins !== null) {
      for (let i = 0; i < count; i++) {
        const { metadata, arrival } = eventOf(rows[i]!);
        origins.metadata[(tail + i) & mask] = metadata ?? null;
        origins.arrivals[(tail + i) & mask] = arrival;
      }
    }
    this.tail = tail + count;
    this.count += count;
  }

  private link(index: number, bucket: number): void {
    const place = bucket & (ringSize - 1);
    const head = this.ring[place]!;
    if (head < 0) {
      this.ringBucket[place] = bucket;
      this.next[index] = -1;
      this.ring[place] = index;
    } else if (this.ringBucket[place] === bucket) {
      this.next[index] = head;
      this.ring[place] = index;
    } else {
      this.next[index] = this.far.get(bucket) ?? -1;
      this.far.set(bucket, index);
    }
    if (bucket < this.lowest) this.lowest = bucket;
    if (bucket > this.highest) this.highest = bucket;
  }

  /** Heads of a bucket's lists; they are taken out. */
  private unlink(bucket: number): readonly [number, number] {
    const place = bucket & (ringSize - 1);
    let near = -1;
    if (this.ring[place]! >= 0 && this.ringBucket[place] === bucket) {
      near = this.ring[place]!;
      this.ring[place] = -1;
    }
    const away = this.far.size === 0 ? -1 : (this.far.get(bucket) ?? -1);
    if (away >= 0) this.far.delete(bucket);
    return [near, away];
  }

  /** Places of all rows that wait, in order; they stay. */
  waiting(): readonly number[] {
    const all: number[] = [];
    for (let row = this.head; row < this.tail; row++)
      if (this.waits[row & this.mask] === 1) all.push(row & this.mask);
    return all.sort((a, b) => this.times[a]! - this.times[b]! || this.places[a]! - this.places[b]!);
  }

  /** Calls `visit` for every cell of a waiting row that holds an interned text; what it returns is the text's number then. */
  texts(visit: (id: number) => number): void {
    for (const index of this.waiting())
      for (const { numbers, kinds } of this.columns)
        if (kinds[index] === tags.text) numbers[index] = visit(numbers[index]!);
  }

  /** Buckets that may have rows before `time`, in order. */
  private due(time: number): readonly number[] {
    const last = Math.min(Math.ceil(time / bucketTicks) - 1, this.highest);
    const due: number[] = [];
    if (this.far.size === 0 && last - this.lowest < ringSize) {
      for (let bucket = this.lowest; bucket <= last; bucket++)
        if (this.ring[bucket & (ringSize - 1)]! >= 0) due.push(bucket);
      return due;
    }
    const found = new Set<number>();
    for (let i = 0; i < ringSize; i++) if (this.ring[i]! >= 0) found.add(this.ringBucket[i]!);
    for (const bucket of this.far.keys()) found.add(bucket);
    for (const bucket of found) if (bucket <= last) due.push(bucket);
    return due.sort((a, b) => a - b);
  }

  /** Hands over, in order, the indices of the rows before `time`, bucket by bucket, and forgets them. */
  release(time: number, give: (order: Int32Array) => void): void {
    if (this.count === 0) return;
    const due = this.due(time);
    for (const bucket of due) {
      this.lowest = bucket;
      this.releaseBucket(bucket, time, give);
    }
    if (this.count === 0) {
      this.lowest = Number.POSITIVE_INFINITY;
      this.highest = Number.NEGATIVE_INFINITY;
    }
  }

  private releaseBucket(bucket: number, time: number, give: (order: Int32Array) => void): void {
    const start = bucket * bucketTicks;
    const whole = start + bucketTicks <= time;
    const { next, times, waits } = this;
    let count = 0;
    for (const head of this.unlink(bucket)) {
      for (let i = head; i >= 0; ) {
        const following = next[i]!;
        if (!whole && times[i]! >= time) this.link(i, bucket);
        else {
          if (count === this.released.length) this.growReleased();
          this.released[count++] = i;
        }
        i = following;
      }
    }
    if (count === 0) return;
    const { released, keys } = this;
    // The list runs from the last row to the first; times within a bucket and the position fit one double, which sorts natively.
    const last = count - 1;
    for (let i = 0; i < count; i++) keys[i] = (times[released[last - i]!]! - start) * positions + i;
    keys.subarray(0, count).sort();
    const order = this.order.subarray(0, count);
    for (let i = 0; i < count; i++) {
      const key = keys[i]!;
      order[i] = released[last - (key - Math.floor(key / positions) * positions)]!;
    }
    orderByPlace(order, times, this.places);
    give(order);
    for (let i = 0; i < count; i++) waits[order[i]!] = 0;
    this.count -= count;
    while (this.head < this.tail && waits[this.head & this.mask] === 0) this.head++;
  }

  private growReleased(): void {
    const size = this.released.length * 2;
    const released = new Int32Array(size);
    released.set(this.released);
    this.released = released;
    this.keys = new Float64Array(size);
    this.order = new Int32Array(size);
  }

  /** Copies rows to a page and sends it whenever it is full. */
  copy(order: Int32Array, page: Page): void {
    const { times, columns, origins } = this;
    for (let from = 0; from < order.length; ) {
      const first = page.count;
      const count = Math.min(order.length - from, pageRows - first);
      for (let i = 0; i < count; i++) page.times[first + i] = times[order[from + i]!]!;
      for (let c = 0; c < columns.length; c++) {
        const { numbers, kinds, boxes } = columns[c]!;
        const target = page.columns[c]!;
        for (let i = 0; i < count; i++) {
          const index = order[from + i]!;
          const kind = kinds[index]!;
          target.numbers[first + i] = numbers[index]!;
          target.kinds[first + i] = kind;
          if (kind === tags.boxed) target.boxes[first + i] = boxes[index]!;
        }
      }
      if (origins !== null && page.origins !== null) {
        for (let i = 0; i < count; i++) {
          page.origins.metadata[first + i] = origins.metadata[order[from + i]!]!;
          page.origins.arrivals[first + i] = origins.arrivals[order[from + i]!]!;
        }
      }
      page.count = first + count;
      from += count;
      if (page.count === pageRows) page.send();
    }
  }

  save(writer: StateWriter): void {
    const rows = Int32Array.from(this.waiting());
    const pick = (from: Float64Array): Float64Array => Float64Array.from(rows, (row) => from[row]!);
    writer.array(pick(this.times));
    writer.array(pick(this.places));
    writer.array(Int32Array.from(rows, (row) => this.masks[row]!));
    for (const { numbers, kinds, boxes } of this.columns) {
      writer.array(pick(numbers));
      writer.array(Uint8Array.from(rows, (row) => kinds[row]!));
      writer.values([...rows].filter((row) => kinds[row] === tags.boxed).map((row) => boxes[row] ?? null));
    }
    if (this.origins === null) return;
    const { metadata, arrivals } = this.origins;
    for (const row of rows) {
      const time = absoluteTicks(this.times[row]!);
      writer.slot({ record: noRecord, time, arrival: arrivals[row]!, metadata: metadata[row] ?? null });
    }
  }

  load(reader: StateReader): void {
    const times = reader.array(Float64Array);
    const places = reader.array(Float64Array);
    const masks = reader.array(Int32Array);
    const stores = this.columns.map((): ColumnStore => {
      const numbers = reader.array(Float64Array);
      const kinds = reader.array(Uint8Array);
      const values = reader.values();
      const boxes: Value[] = [];
      let taken = 0;
      for (let row = 0; row < kinds.length; row++)
        if (kinds[row] === tags.boxed) boxes[row] = values[taken++] ?? null;
      return { numbers, kinds, boxes };
    });
    const events: InputEvent[] = [];
    if (this.origins !== null) {
      for (let row = 0; row < times.length; row++) {
        const { arrival, metadata } = reader.slot()!;
        events.push({ body: noRecord, arrival, ...(metadata === null ? {} : { metadata }) });
      }
    }
    const rows = Int32Array.from(times, (_, row) => row);
    this.add(times.length, rows, masks, times, places, stores, (row) => events[row]!);
  }
}
