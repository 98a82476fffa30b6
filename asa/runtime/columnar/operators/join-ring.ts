import { AsaRecord, type Value } from "../../../values/value";
import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import { type ColumnStore, loadColumn, stampText, tags } from "../columns";
import type { GroupIds } from "../group-ids";
import type { CellRows, Layout } from "../layout";

const leastCapacity = 64;
const anyRecord = new AsaRecord([], []);
const anyArray: readonly Value[] = [];

/**
 * The part of a join key: equal for values that `=` takes as equal, and perhaps for others, since the condition is still
 * tested. -1: NULL, which equals nothing. Values are those of events, so none is a datetime.
 */
export function joinPart(groups: GroupIds, kind: number, number: number, boxed: Value): number {
  if (kind === tags.text) return number;
  if (kind === tags.integer || kind === tags.float || kind === tags.bit)
    return groups.part(tags.float, number, null);
  if (kind === tags.null || (kind === tags.boxed && boxed === null)) return -1;
  if (kind >= tags.stamp) return groups.partOf(stampText(number, kind - tags.stamp));
  if (typeof boxed === "bigint") return groups.part(tags.float, Number(boxed), null);
  if (typeof boxed === "string") return groups.partOf(boxed);
  return groups.partOf(Array.isArray(boxed) ? anyArray : anyRecord);
}

/**
 * The rows of one side of a join in time order, in a ring: first those that can still match, chained by key, then those that
 * wait for the other side. Rows are counted from the beginning of the job; a row's place is its number modulo the capacity.
 */
export class JoinRing {
  readonly layout: Layout;
  /** Columns of a row. */
  readonly width: number;
  /** Doubles of a row: its time, then the number of each column; side by side, because a pair reads them together. */
  readonly stride: number;
  cells: Float64Array;
  kinds: Uint8Array;
  readonly boxes: Value[][];
  private capacity = leastCapacity;
  mask: number = leastCapacity - 1;
  /** Group of the row's key; -1: NULL. */
  private groups: Int32Array = new Int32Array(leastCapacity);
  /** Number of the next row of the key; -1: none. */
  next: Float64Array = new Float64Array(leastCapacity);
  head = 0;
  done = 0;
  tail = 0;
  // By group: numbers of the first and the last row of its chain; -1: none.
  firsts: Float64Array = new Float64Array(leastCapacity).fill(-1);
  private lasts: Float64Array = new Float64Array(leastCapacity).fill(-1);
  private readonly keepTicks: number;

  constructor(layout: Layout, keepTicks: bigint) {
    this.layout = layout;
    this.keepTicks = Number(keepTicks);
    this.width = layout.width;
    this.stride = layout.width + 1;
    this.cells = new Float64Array(leastCapacity * this.stride);
    this.kinds = new Uint8Array(leastCapacity * this.width);
    this.boxes = Array.from({ length: this.width }, () => []);
  }

  private time(row: number): number {
    return this.cells[(row & this.mask) * this.stride]!;
  }

  /** Time of the first row that waits; infinite when none does. */
  get waiting(): number {
    return this.done < this.tail ? this.time(this.done) : Number.POSITIVE_INFINITY;
  }

  group(row: number): number {
    return this.groups[row & this.mask]!;
  }

  private grow(least: number): void {
    const { mask, head, tail } = this;
    while (this.capacity < least) this.capacity *= 2;
    this.mask = this.capacity - 1;
    const moved = <T extends Float64Array | Int32Array | Uint8Array>(from: T, into: T, unit: number): T => {
      for (let row = head; row < tail; row++)
        for (let i = 0; i < unit; i++) into[(row & this.mask) * unit + i] = from[(row & mask) * unit + i]!;
      return into;
    };
    const { kinds, capacity, stride, width } = this;
    this.groups = moved(this.groups, new Int32Array(capacity), 1);
    this.next = moved(this.next, new Float64Array(capacity), 1);
    this.cells = moved(this.cells, new Float64Array(capacity * stride), stride);
    this.kinds = moved(kinds, new Uint8Array(capacity * width), width);
    for (let column = 0; column < width; column++) {
      const boxes = this.boxes[column]!;
      const own: Value[] = [];
      for (let row = head; row < tail; row++)
        if (kinds[(row & mask) * width + column] === tags.boxed) own[row & this.mask] = boxes[row & mask]!;
      this.boxes[column] = own;
    }
  }

  /** Puts rows behind the others; `rows` are their places in the stores. */
  append(
    count: number,
    rows: Int32Array,
    groups: Int32Array,
    times: Float64Array,
    stores: readonly ColumnStore[],
  ): void {
    const needed = this.tail - this.head + count;
    if (needed > this.capacity) this.grow(needed);
    const { mask, tail, cells, kinds, stride, width } = this;
    for (let i = 0; i < count; i++) {
      const place = (tail + i) & mask;
      cells[place * stride] = times[rows[i]!]!;
      this.groups[place] = groups[i]!;
    }
    for (let c = 0; c < width; c++) {
      const store = stores[c]!;
      const boxes = this.boxes[c]!;
      for (let i = 0; i < count; i++) {
        const place = (tail + i) & mask;
        const row = rows[i]!;
        const kind = store.kinds[row]!;
        cells[place * stride + 1 + c] = store.numbers[row]!;
        kinds[place * width + c] = kind;
        if (kind === tags.boxed) boxes[place] = store.boxes[row]!;
      }
    }
    this.tail = tail + count;
  }

  /** A copy of the rows from `from` to `to` in columns. */
  slice(from: number, to: number): CellRows {
    const { cells, kinds, stride, width, mask } = this;
    const places = Array.from({ length: to - from }, (_, i) => (from + i) & mask);
    return {
      layout: this.layout,
      origins: null,
      times: Float64Array.from(places, (place) => cells[place * stride]!),
      columns: Array.from({ length: width }, (_, column) => ({
        numbers: Float64Array.from(places, (place) => cells[place * stride + 1 + column]!),
        kinds: Uint8Array.from(places, (place) => kinds[place * width + column]!),
        boxes: places.map((place) => this.boxes[column]![place] ?? null),
      })),
    };
  }

  /** First row that can match the key; -1: none. */
  first(group: number): number {
    return group < this.firsts.length ? this.firsts[group]! : -1;
  }

  /** Lets the first row that waits match from now on. */
  admit(): void {
    const row = this.done++;
    const group = this.groups[row & this.mask]!;
    if (group < 0) return;
    this.next[row & this.mask] = -1;
    if (group >= this.firsts.length) {
      const size = Math.max(this.firsts.length * 2, group + 1);
      const firsts = new Float64Array(size).fill(-1);
      firsts.set(this.firsts);
      this.firsts = firsts;
      const lasts = new Float64Array(size).fill(-1);
      lasts.set(this.lasts);
      this.lasts = lasts;
    }
    const last = this.lasts[group]!;
    if (last < 0) this.firsts[group] = row;
    else this.next[last & this.mask] = row;
    this.lasts[group] = row;
  }

  /** Forgets rows that nothing at or after `time` can match. */
  forgetBefore(time: number): void {
    while (this.head < this.done && this.time(this.head) + this.keepTicks < time) {
      const place = this.head & this.mask;
      const group = this.groups[place]!;
      this.head++;
      if (group < 0) continue;
      const next = this.next[place]!;
      this.firsts[group] = next;
      if (next < 0) this.lasts[group] = -1;
    }
  }

  visitGroups(visit: (group: number) => void): void {
    for (let row = this.head; row < this.tail; row++) {
      const group = this.groups[row & this.mask]!;
      if (group >= 0) visit(group);
    }
  }

  texts(visit: (id: number) => void): void {
    this.mapTexts((id) => {
      visit(id);
      return id;
    });
  }

  private mapTexts(map: (id: number) => number): void {
    const { cells, kinds, stride, width } = this;
    for (let row = this.head; row < this.tail; row++) {
      const place = row & this.mask;
      for (let column = 0; column < width; column++) {
        const at = place * stride + 1 + column;
        if (kinds[place * width + column] === tags.text) cells[at] = map(cells[at]!);
      }
    }
  }

  /** Gives groups and texts their new numbers. */
  renumber(groups: Int32Array, texts: Int32Array): void {
    for (let row = this.head; row < this.tail; row++) {
      const place = row & this.mask;
      if (this.groups[place]! >= 0) this.groups[place] = groups[this.groups[place]!]!;
    }
    this.mapTexts((id) => texts[id]!);
    this.chain();
  }

  /** Makes the chains of the rows that can match. */
  private chain(): void {
    const { done } = this;
    this.firsts = new Float64Array(leastCapacity).fill(-1);
    this.lasts = new Float64Array(leastCapacity).fill(-1);
    this.done = this.head;
    while (this.done < done) this.admit();
  }

  save(writer: StateWriter): void {
    const { times, columns } = this.slice(this.head, this.tail);
    writer.count(this.done - this.head);
    writer.array(times);
    writer.array(Int32Array.from(times, (_, i) => this.groups[(this.head + i) & this.mask]!));
    for (const { numbers, kinds, boxes } of columns) {
      writer.array(numbers);
      writer.array(kinds);
      writer.column(boxes.filter((_, row) => kinds[row] === tags.boxed));
    }
  }

  load(reader: StateReader): void {
    this.head = 0;
    this.done = 0;
    this.tail = 0;
    const done = reader.count();
    const times = reader.array(Float64Array);
    const groups = reader.array(Int32Array);
    const stores = this.boxes.map(() => loadColumn(reader));
    const rows = Int32Array.from(times, (_, row) => row);
    this.append(times.length, rows, groups, times, stores);
    this.done = done;
    this.chain();
  }
}
