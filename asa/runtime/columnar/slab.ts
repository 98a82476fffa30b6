import type { EventMetadata, InputEvent } from "../../api";
import { AsaRecord, type Value } from "../../values/value";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { type ColumnStore, cellValue, loadColumn, pageRows, tags } from "./columns";
import type { Interner } from "./interner";
import type { Page } from "./page";
import { RowSorter } from "./row-sorter";
import { packed, unpacked } from "./saved-column";
import { absoluteTicks } from "./ticks";

const noRecord = new AsaRecord([], []);

/** Width of a bucket of the calendar: 0.1 s. */
const bucketTicks = 1_000_000;
/** Buckets at hand: about 27 minutes; rows farther away are in a map. */
const ringSize = 1 << 14;
/** Rows of the oldest chunk of a bucket, which is small because most buckets of a slow stream hold no more, and of any other. */
const firstRows = 2;
const chunkRows = 16;

/** The rows of a bucket: its newest chunk, and how many rows are in that one. */
interface Bucket {
  chunk: number;
  fill: number;
}

/**
 * Rows that wait for their time to become final: their cells in typed arrays, their order in a calendar of buckets.
 * They leave by (time, partition, order of arrival). The rows of a bucket lie in chunks, since they leave together.
 */
export class Slab {
  private capacity = 64;
  private readonly width: number;
  /** Doubles of a row: time, place, then the number of each column; side by side, because a row leaves as a whole. */
  private readonly stride: number;
  private cells: Float64Array;
  private kinds: Uint8Array;
  private readonly boxes: Value[][];
  masks: Int32Array = new Int32Array(this.capacity);
  /** What the broker knows of the rows; null when the query does not ask. */
  readonly origins: { readonly metadata: (EventMetadata | null)[]; readonly arrivals: bigint[] } | null;
  /** By half the number of a chunk's first row: the next older chunk of its bucket, or the next free one; -1 at the end. */
  private older: Int32Array = new Int32Array(this.capacity / firstRows);
  private freeFirst = -1;
  private freeOther = -1;
  /** Rows in chunks that were taken at some time. */
  private used = 0;
  private count = 0;
  /** Newest chunk of each bucket at hand, -1 for none, and how many rows it holds. */
  private readonly newest = new Int32Array(ringSize).fill(-1);
  private readonly fills = new Uint8Array(ringSize);
  /** Bucket that a place of the ring stands for, while it has rows. */
  private readonly ringBucket = new Float64Array(ringSize);
  private readonly far = new Map<number, Bucket>();
  private lowest = Number.POSITIVE_INFINITY;
  private highest = Number.NEGATIVE_INFINITY;
  private targets = new Int32Array(64);
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

  private grow(): void {
    this.capacity *= 2;
    const { capacity, stride, width, cells, kinds, masks, older } = this;
    this.cells = new Float64Array(capacity * stride);
    this.cells.set(cells);
    this.kinds = new Uint8Array(capacity * width);
    this.kinds.set(kinds);
    this.masks = new Int32Array(capacity);
    this.masks.set(masks);
    this.older = new Int32Array(capacity / firstRows);
    this.older.set(older);
  }

  /** A chunk in front of the chunk `before` of its bucket, -1 for the bucket's first. */
  private chunk(before: number): number {
    const free = before < 0 ? this.freeFirst : this.freeOther;
    let chunk = free;
    if (free >= 0) {
      const next = this.older[free / firstRows]!;
      if (before < 0) this.freeFirst = next;
      else this.freeOther = next;
    } else {
      chunk = this.used;
      this.used += before < 0 ? firstRows : chunkRows;
      while (this.used > this.capacity) this.grow();
    }
    this.older[chunk / firstRows] = before;
    return chunk;
  }

  /** A new row of the bucket. */
  private enter(bucket: number): number {
    const at = bucket & (ringSize - 1);
    const chunk = this.newest[at]!;
    if (chunk < 0) {
      if (bucket < this.lowest) this.lowest = bucket;
      if (bucket > this.highest) this.highest = bucket;
      this.ringBucket[at] = bucket;
      this.fills[at] = 1;
      const first = this.chunk(-1);
      this.newest[at] = first;
      return first;
    }
    if (this.ringBucket[at] !== bucket) return this.enterFar(bucket);
    const fill = this.fills[at]!;
    if (fill < this.room(chunk)) {
      this.fills[at] = fill + 1;
      return chunk + fill;
    }
    const next = this.chunk(chunk);
    this.newest[at] = next;
    this.fills[at] = 1;
    return next;
  }

  private enterFar(bucket: number): number {
    if (bucket < this.lowest) this.lowest = bucket;
    if (bucket > this.highest) this.highest = bucket;
    let known = this.far.get(bucket);
    if (known === undefined) {
      known = { chunk: this.chunk(-1), fill: 0 };
      this.far.set(bucket, known);
    } else if (known.fill === this.room(known.chunk)) {
      known.chunk = this.chunk(known.chunk);
      known.fill = 0;
    }
    return known.chunk + known.fill++;
  }

  private room(chunk: number): number {
    return this.older[chunk / firstRows]! < 0 ? firstRows : chunkRows;
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
    if (count > this.targets.length) this.targets = new Int32Array(2 * count);
    const { targets, stride, width, origins } = this;
    for (let i = 0; i < count; i++) targets[i] = this.enter(Math.floor(times[rows[i]!]! / bucketTicks));
    const { cells, kinds, masks: ownMasks } = this;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const target = targets[i]!;
      cells[target * stride] = times[row]!;
      cells[target * stride + 1] = places[row]!;
      ownMasks[target] = masks[i]!;
    }
    for (let c = 0; c < stores.length; c++) {
      const { numbers: fromNumbers, kinds: fromKinds, boxes: fromBoxes } = stores[c]!;
      const boxes = this.boxes[c]!;
      for (let i = 0; i < count; i++) {
        const row = rows[i]!;
        const target = targets[i]!;
        const kind = fromKinds[row]!;
        cells[target * stride + 2 + c] = fromNumbers[row]!;
        kinds[target * width + c] = kind;
        if (kind === tags.boxed) boxes[target] = fromBoxes[row]!;
      }
    }
    if (origins !== null) {
      for (let i = 0; i < count; i++) {
        const { metadata, arrival } = eventOf(rows[i]!);
        origins.metadata[targets[i]!] = metadata ?? null;
        origins.arrivals[targets[i]!] = arrival;
      }
    }
    this.count += count;
  }

  /** Puts a bucket's rows behind the first `count` of `released`, the last that came first; returns how many there are then. */
  private collect(newest: number, fill: number, count: number): number {
    const { older } = this;
    let total = count;
    for (let chunk = newest, rows = fill; chunk >= 0; ) {
      if (total + rows > this.released.length) {
        const released = new Int32Array(2 * (total + rows));
        released.set(this.released);
        this.released = released;
      }
      const { released } = this;
      for (let i = rows - 1; i >= 0; i--) released[total++] = chunk + i;
      chunk = older[chunk / firstRows]!;
      if (chunk >= 0) rows = this.room(chunk);
    }
    return total;
  }

  /** The rows that wait, in no order, but that which they have again when they are added like this; the next call overwrites them. */
  private all(): Int32Array {
    let count = 0;
    const take = (newest: number, fill: number): void => {
      const from = count;
      count = this.collect(newest, fill, from);
      this.released.subarray(from, count).reverse();
    };
    for (let at = 0; at < ringSize; at++) if (this.newest[at]! >= 0) take(this.newest[at]!, this.fills[at]!);
    for (const { chunk, fill } of this.far.values()) take(chunk, fill);
    return this.released.subarray(0, count);
  }

  /** All rows that wait, in order; they stay. */
  waiting(): Int32Array {
    return this.all()
      .slice()
      .sort((a, b) => this.time(a) - this.time(b) || this.place(a) - this.place(b));
  }

  /** Calls `visit` for every cell of a waiting row that holds an interned text; what it returns is the text's number then. */
  texts(visit: (id: number) => number): void {
    const { cells, kinds, stride, width } = this;
    for (const row of this.all()) {
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
        if (this.newest[bucket & (ringSize - 1)]! >= 0) due.push(bucket);
      return due;
    }
    const found = new Set<number>();
    for (let i = 0; i < ringSize; i++) if (this.newest[i]! >= 0) found.add(this.ringBucket[i]!);
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
    const isWhole = start + bucketTicks <= time;
    const at = bucket & (ringSize - 1);
    const near = this.newest[at]! >= 0 && this.ringBucket[at] === bucket ? this.newest[at]! : -1;
    const away = this.far.size === 0 ? undefined : this.far.get(bucket);
    let count = 0;
    if (near >= 0) count = this.collect(near, this.fills[at]!, 0);
    if (away !== undefined) count = this.collect(away.chunk, away.fill, count);
    const { released } = this;
    const staying: number[] = [];
    if (!isWhole) {
      const all = count;
      count = 0;
      for (let i = 0; i < all; i++) {
        const row = released[i]!;
        if (this.time(row) < time) released[count++] = row;
        else staying.push(row);
      }
    }
    if (count === 0) return;
    const order = this.sorter.sort(released, count, this.cells, this.stride, start, bucketTicks);
    if (near >= 0) this.newest[at] = -1;
    if (away !== undefined) this.far.delete(bucket);
    this.count -= count;
    give(order);
    // From the first that came, as rows come.
    for (let i = staying.length - 1; i >= 0; i--) this.move(staying[i]!, this.enter(bucket));
    if (near >= 0) this.free(near);
    if (away !== undefined) this.free(away.chunk);
  }

  private move(from: number, to: number): void {
    const { cells, kinds, masks, stride, width, origins } = this;
    cells.copyWithin(to * stride, from * stride, (from + 1) * stride);
    kinds.copyWithin(to * width, from * width, (from + 1) * width);
    masks[to] = masks[from]!;
    for (let column = 0; column < width; column++)
      if (kinds[to * width + column] === tags.boxed) this.boxes[column]![to] = this.boxes[column]![from]!;
    if (origins === null) return;
    origins.metadata[to] = origins.metadata[from]!;
    origins.arrivals[to] = origins.arrivals[from]!;
  }

  /** Frees a bucket's chunks. */
  private free(newest: number): void {
    const { older } = this;
    for (let chunk = newest; chunk >= 0; ) {
      const next = older[chunk / firstRows]!;
      if (next < 0) {
        older[chunk / firstRows] = this.freeFirst;
        this.freeFirst = chunk;
      } else {
        older[chunk / firstRows] = this.freeOther;
        this.freeOther = chunk;
      }
      chunk = next;
    }
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
    const rows = this.all().slice();
    const { cells, kinds, stride, width, boxes, masks } = this;
    const count = rows.length;
    const times = new Float64Array(count);
    const places = new Float64Array(count);
    const ownMasks = new Int32Array(count);
    const columns = boxes.map((own) => ({
      own,
      numbers: new Float64Array(count),
      kinds: new Uint8Array(count),
      boxed: [] as Value[],
    }));
    // Row by row: a row's cells lie side by side.
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const at = row * stride;
      times[i] = cells[at]!;
      places[i] = cells[at + 1]!;
      ownMasks[i] = masks[row]!;
      for (let c = 0; c < width; c++) {
        const column = columns[c]!;
        const kind = kinds[row * width + c]!;
        column.numbers[i] = cells[at + 2 + c]!;
        column.kinds[i] = kind;
        if (kind === tags.boxed) column.boxed.push(column.own[row] ?? null);
      }
    }
    // These arrays are the snapshot's own.
    writer.array(times, "never");
    writer.array(places, "never");
    writer.array(ownMasks, "never");
    for (const column of columns) writer.later(() => packed(column));
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
    const stores = this.boxes.map(() => (reader.older ? loadColumn(reader) : unpacked(reader.inner())));
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
