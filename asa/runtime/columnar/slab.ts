import type { EventMetadata, InputEvent } from "../../api";
import { AsaRecord, type Value } from "../../values/value";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { type ColumnStore, cellValue, loadColumn, pageRows, tags } from "./columns";
import type { Interner } from "./interner";
import type { Page } from "./page";
import { RowSorter } from "./row-sorter";
import { absoluteTicks } from "./ticks";

const noRecord = new AsaRecord([], []);

/** Width of a bucket of the calendar: 0.1 s. */
const bucketTicks = 1_000_000;
/** Buckets at hand: about 27 minutes; rows farther away are in a map. */
const ringSize = 1 << 14;

/**
 * Rows that wait for their time to become final: their cells in typed arrays, their order in a calendar of buckets.
 * They leave by (time, partition, order of arrival). The arrays are rings in the order of arrival, which is nearly that of
 * leaving; what stays long behind is moved together when room is short.
 */
export class Slab {
  private capacity = 64;
  private mask = 63;
  private readonly width: number;
  /** Doubles of a row: time, place, then the number of each column; side by side, because a row leaves as a whole. */
  private readonly stride: number;
  private cells: Float64Array;
  private kinds: Uint8Array;
  private readonly boxes: Value[][];
  masks: Int32Array = new Int32Array(this.capacity);
  /** What the broker knows of the rows; null when the query does not ask. */
  origins: { readonly metadata: (EventMetadata | null)[]; readonly arrivals: bigint[] } | null;
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
  private released = new Int32Array(64);
  private readonly sorter = new RowSorter();

  constructor(columns: number, withOrigins: boolean) {
    this.origins = withOrigins ? { metadata: [], arrivals: [] } : null;
    this.width = columns;
    this.stride = columns + 2;
    this.cells = new Float64Array(this.capacity * this.stride);
    this.kinds = new Uint8Array(this.capacity * columns);
    this.boxes = Array.from({ length: columns }, () => []);
  }

  get size(): number {
    return this.count;
  }

  time(row: number): number {
    return this.cells[row * this.stride]!;
  }

  place(row: number): number {
    return this.cells[row * this.stride + 1]!;
  }

  value(row: number, column: number, interner: Interner): Value {
    const at = row * this.stride + 2 + column;
    const kind = this.kinds[row * this.width + column]!;
    return cellValue(kind, this.cells[at]!, kind === tags.boxed ? this.boxes[column]![row] : null, interner);
  }

  /** Makes room for so many more rows: moves those that wait together, into arrays of twice the size when they are many. */
  private makeRoom(more: number): void {
    const { mask, origins, stride, width, cells, kinds, masks } = this;
    const old: number[] = [];
    for (let row = this.head; row < this.tail; row++) if (this.waits[row & mask] === 1) old.push(row & mask);
    while (this.capacity < 2 * (old.length + more)) this.capacity *= 2;
    const { capacity } = this;
    this.mask = capacity - 1;
    this.cells = new Float64Array(capacity * stride);
    this.kinds = new Uint8Array(capacity * width);
    this.masks = new Int32Array(capacity);
    for (const [row, from] of old.entries()) {
      for (let i = 0; i < stride; i++) this.cells[row * stride + i] = cells[from * stride + i]!;
      for (let i = 0; i < width; i++) this.kinds[row * width + i] = kinds[from * width + i]!;
      this.masks[row] = masks[from]!;
    }
    for (let column = 0; column < width; column++) {
      const boxes = this.boxes[column]!;
      const moved: Value[] = [];
      for (const [row, from] of old.entries())
        if (kinds[from * width + column] === tags.boxed) moved[row] = boxes[from]!;
      this.boxes[column] = moved;
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
    for (let row = 0; row < old.length; row++) this.link(row, Math.floor(this.time(row) / bucketTicks));
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
    const { tail, mask, stride, width, cells, kinds } = this;
    for (let c = 0; c < stores.length; c++) {
      const { numbers: fromNumbers, kinds: fromKinds, boxes: fromBoxes } = stores[c]!;
      const boxes = this.boxes[c]!;
      for (let i = 0; i < count; i++) {
        const row = rows[i]!;
        const index = (tail + i) & mask;
        const kind = fromKinds[row]!;
        cells[index * stride + 2 + c] = fromNumbers[row]!;
        kinds[index * width + c] = kind;
        if (kind === tags.boxed) boxes[index] = fromBoxes[row]!;
      }
    }
    const { origins, waits, masks: ownMasks } = this;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const index = (tail + i) & mask;
      const time = times[row]!;
      cells[index * stride] = time;
      cells[index * stride + 1] = places[row]!;
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

  /** All rows that wait, in order; they stay. */
  waiting(): readonly number[] {
    const all: number[] = [];
    for (let row = this.head; row < this.tail; row++)
      if (this.waits[row & this.mask] === 1) all.push(row & this.mask);
    return all.sort((a, b) => this.time(a) - this.time(b) || this.place(a) - this.place(b));
  }

  /** Calls `visit` for every cell of a waiting row that holds an interned text; what it returns is the text's number then. */
  texts(visit: (id: number) => number): void {
    const { cells, kinds, stride, width } = this;
    for (const row of this.waiting()) {
      for (let column = 0; column < width; column++) {
        const at = row * stride + 2 + column;
        if (kinds[row * width + column] === tags.text) cells[at] = visit(cells[at]!);
      }
    }
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
    const { next, cells, stride, waits } = this;
    let count = 0;
    for (const head of this.unlink(bucket)) {
      for (let i = head; i >= 0; ) {
        const following = next[i]!;
        if (!whole && cells[i * stride]! >= time) this.link(i, bucket);
        else {
          if (count === this.released.length) {
            const released = new Int32Array(count * 2);
            released.set(this.released);
            this.released = released;
          }
          this.released[count++] = i;
        }
        i = following;
      }
    }
    if (count === 0) return;
    const order = this.sorter.sort(this.released, count, cells, stride, start, bucketTicks);
    this.count -= count;
    give(order);
    for (let i = 0; i < count; i++) waits[order[i]!] = 0;
    while (this.head < this.tail && waits[this.head & this.mask] === 0) this.head++;
  }

  /** Copies rows to a page and sends it whenever it is full. */
  copy(order: Int32Array, page: Page): void {
    const { cells, kinds, stride, width, origins } = this;
    for (let from = 0; from < order.length; ) {
      const first = page.count;
      const count = Math.min(order.length - from, pageRows - first);
      const { times } = page;
      for (let i = 0; i < count; i++) times[first + i] = cells[order[from + i]! * stride]!;
      for (let c = 0; c < width; c++) {
        const { numbers, kinds: toKinds, boxes } = page.columns[c]!;
        const own = this.boxes[c]!;
        for (let i = 0; i < count; i++) {
          const row = order[from + i]!;
          const kind = kinds[row * width + c]!;
          numbers[first + i] = cells[row * stride + 2 + c]!;
          toKinds[first + i] = kind;
          if (kind === tags.boxed) boxes[first + i] = own[row]!;
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
    const { cells, kinds, stride, width, boxes } = this;
    writer.array(Float64Array.from(rows, (row) => this.time(row)));
    writer.array(Float64Array.from(rows, (row) => this.place(row)));
    writer.array(Int32Array.from(rows, (row) => this.masks[row]!));
    for (let column = 0; column < width; column++) {
      writer.array(Float64Array.from(rows, (row) => cells[row * stride + 2 + column]!));
      writer.array(Uint8Array.from(rows, (row) => kinds[row * width + column]!));
      const boxed = [...rows].filter((row) => kinds[row * width + column] === tags.boxed);
      writer.values(boxed.map((row) => boxes[column]![row] ?? null));
    }
    if (this.origins === null) return;
    const { metadata, arrivals } = this.origins;
    for (const row of rows) {
      const time = absoluteTicks(this.time(row));
      writer.slot({ record: noRecord, time, arrival: arrivals[row]!, metadata: metadata[row] ?? null });
    }
  }

  load(reader: StateReader): void {
    const times = reader.array(Float64Array);
    const places = reader.array(Float64Array);
    const masks = reader.array(Int32Array);
    const stores = this.boxes.map(() => loadColumn(reader));
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
