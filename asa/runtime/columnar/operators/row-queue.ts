import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import { type ColumnStore, loadColumn, makeStore, tags } from "../columns";
import type { Interner } from "../interner";
import { type CellRows, type Layout, valueAt } from "../layout";
import type { Page } from "../page";
import { ValueCells } from "../value-cells";

/** Rows that came together, in arrays of their own. */
interface Chunk extends CellRows {
  /** The next one to leave. */
  next: number;
}

const cells = new ValueCells();

/** Rows of pages that wait for those of other ports. */
export class RowQueue {
  private readonly layout: Layout;
  private readonly interner: Interner;
  private chunks: Chunk[] = [];

  constructor(layout: Layout, interner: Interner) {
    this.layout = layout;
    this.interner = interner;
  }

  /** Time of the first row; infinite when there is none. */
  get time(): number {
    const [first] = this.chunks;
    return first === undefined ? Number.POSITIVE_INFINITY : first.times[first.next]!;
  }

  /** Puts rows of a page behind the others; `rows` are their places in it. */
  append(rows: Int32Array, page: Page): void {
    if (rows.length === 0) return;
    const columns = page.columns.map(({ numbers, kinds, boxes }): ColumnStore => {
      const own = makeStore(rows.length);
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i]!;
        const kind = kinds[row]!;
        own.numbers[i] = numbers[row]!;
        own.kinds[i] = kind;
        if (kind === tags.boxed) own.boxes[i] = boxes[row] ?? null;
      }
      return own;
    });
    const times = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) times[i] = page.times[rows[i]!]!;
    this.chunks.push({ layout: this.layout, origins: null, times, columns, next: 0 });
  }

  /** Takes the first row out and copies its columns `from` into those of a page's row, from the first on. */
  shiftTo(page: Page, row: number, from: readonly number[]): void {
    const chunk = this.chunks[0]!;
    const place = chunk.next++;
    if (chunk.next === chunk.times.length) this.chunks.shift();
    page.times[row] = chunk.times[place]!;
    for (let i = 0; i < from.length; i++) {
      const store = page.columns[i]!;
      const column = from[i]!;
      if (this.layout.records?.has(column) === true) {
        store.kinds[row] = cells.take(valueAt(chunk, column, place, this.interner));
        store.numbers[row] = cells.number;
        store.boxes[row] = cells.boxed;
        continue;
      }
      const { numbers, kinds, boxes } = chunk.columns[column]!;
      const kind = kinds[place]!;
      store.kinds[row] = kind;
      store.numbers[row] = numbers[place]!;
      if (kind === tags.boxed) store.boxes[row] = boxes[place]!;
    }
  }

  /** How many rows wait. */
  get size(): number {
    return this.chunks.reduce((sum, { times, next }) => sum + times.length - next, 0);
  }

  /** The rows that wait, each as its place in cells. */
  *rows(): Iterable<readonly [rows: CellRows, index: number]> {
    for (const chunk of this.chunks)
      for (let index = chunk.next; index < chunk.times.length; index++) yield [chunk, index];
  }

  /** Calls `map` for every text; what it returns is the text's number then. */
  texts(map: (id: number) => number): void {
    for (const { columns, next } of this.chunks)
      for (const { kinds, numbers } of columns)
        for (let row = next; row < kinds.length; row++)
          if (kinds[row] === tags.text) numbers[row] = map(numbers[row]!);
  }

  save(writer: StateWriter): void {
    writer.list(this.chunks, this.chunks.length, ({ times, columns, next }) => {
      writer.array(times.slice(next));
      for (const { numbers, kinds, boxes } of columns) {
        writer.array(numbers.slice(next));
        const own = kinds.slice(next);
        writer.array(own);
        writer.column(boxes.slice(next).filter((_, row) => own[row] === tags.boxed));
      }
    });
  }

  load(reader: StateReader): void {
    this.chunks = reader.list((): Chunk => {
      const times = reader.array(Float64Array);
      const columns = Array.from({ length: this.layout.width }, () => loadColumn(reader));
      return { layout: this.layout, origins: null, times, columns, next: 0 };
    });
  }
}
