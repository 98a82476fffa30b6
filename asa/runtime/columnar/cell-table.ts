import type { Value } from "../../values/value";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { cellValue, loadColumn, tags } from "./columns";
import type { Interner } from "./interner";

const leastRows = 64;

/** Cells in rows that are written anew again and again; as many as are needed. */
export class CellTable {
  readonly width: number;
  kinds: Uint8Array;
  numbers: Float64Array;
  boxes: Value[] = [];

  constructor(width: number) {
    this.width = width;
    this.kinds = new Uint8Array(leastRows * width);
    this.numbers = new Float64Array(leastRows * width);
  }

  /** Makes room for row `row`. */
  fit(row: number): void {
    if ((row + 1) * this.width <= this.kinds.length) return;
    const size = Math.max(2 * this.kinds.length, (row + 1) * this.width);
    const kinds = new Uint8Array(size);
    kinds.set(this.kinds);
    this.kinds = kinds;
    const numbers = new Float64Array(size);
    numbers.set(this.numbers);
    this.numbers = numbers;
  }

  value(row: number, column: number, interner: Interner): Value {
    const at = row * this.width + column;
    return cellValue(this.kinds[at]!, this.numbers[at]!, this.boxed(at), interner);
  }

  /** The box of a cell; null when it has none. */
  boxed(at: number): Value {
    return this.kinds[at] === tags.boxed ? (this.boxes[at] ?? null) : null;
  }

  /** Calls `map` for the texts of the first rows; what it returns is the text's number then. */
  texts(rows: number, map: (id: number) => number): void {
    for (let at = 0; at < rows * this.width; at++)
      if (this.kinds[at] === tags.text) this.numbers[at] = map(this.numbers[at]!);
  }

  save(writer: StateWriter, rows: number): void {
    const cells = rows * this.width;
    const kinds = this.kinds.slice(0, cells);
    writer.array(this.numbers.slice(0, cells));
    writer.array(kinds);
    writer.column([...kinds.keys()].filter((at) => kinds[at] === tags.boxed).map((at) => this.boxed(at)));
  }

  load(reader: StateReader): void {
    const { numbers, kinds, boxes } = loadColumn(reader);
    this.fit(Math.ceil(kinds.length / Math.max(this.width, 1)));
    this.numbers.set(numbers);
    this.kinds.set(kinds);
    this.boxes = boxes;
  }
}
