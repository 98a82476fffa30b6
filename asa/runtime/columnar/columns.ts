import { formatDateTime } from "../../values/datetime";
import { DateTime, type Value } from "../../values/value";
import type { StateReader } from "../state/reader";
import type { Interner } from "./interner";
import { absoluteTicks } from "./ticks";

/** What a cell of a column holds; the number beside it is the value, the number of a text, or nothing. */
export const tags = {
  null: 0,
  /** A bigint that a double holds exactly. */
  integer: 1,
  float: 2,
  /** An interned text. */
  text: 3,
  bit: 4,
  /** Any other value, in `boxes`. */
  boxed: 5,
  /** A moment in ticks counted from the base. */
  time: 6,
  /** Text `yyyy-MM-ddTHH:mm:ss[.f]Z`, kept as its ticks counted from the base: 8 and the number of digits behind the point. */
  stamp: 8,
} as const;

/** Rows of a batch of events, and of a page. */
export const pageRows = 1024;

/** How a column is read from an event. */
export interface ColumnUse {
  readonly name: string;
  /** `text` interns text, `value` boxes it, `time` reads text as a datetime at once. */
  readonly as: "text" | "value" | "time";
  /** The number beside NULL is NaN where the event does not have the column at all. */
  readonly marksAbsent?: true;
}

/** One needed column of a batch of events. */
export interface ColumnStore {
  readonly numbers: Float64Array;
  readonly kinds: Uint8Array;
  readonly boxes: Value[];
}

export function makeStore(capacity: number): ColumnStore {
  return {
    numbers: new Float64Array(capacity),
    kinds: new Uint8Array(capacity),
    boxes: [],
  };
}

const exact = (value: bigint): boolean => value <= 9_007_199_254_740_991n && value >= -9_007_199_254_740_991n;

/** Puts a value into a cell. */
export function storeValue(
  store: ColumnStore,
  row: number,
  value: Value,
  use: ColumnUse,
  interner: Interner,
): void {
  store.numbers[row] = 0;
  if (value === null) store.kinds[row] = tags.null;
  else if (typeof value === "number") {
    store.kinds[row] = tags.float;
    store.numbers[row] = value;
  } else if (typeof value === "bigint" && exact(value)) {
    store.kinds[row] = tags.integer;
    store.numbers[row] = Number(value);
  } else if (typeof value === "boolean") {
    store.kinds[row] = tags.bit;
    store.numbers[row] = value ? 1 : 0;
  } else {
    const id = typeof value === "string" && use.as === "text" ? interner.id(value) : null;
    store.kinds[row] = id === null ? tags.boxed : tags.text;
    store.numbers[row] = id ?? 0;
    if (id === null) store.boxes[row] = value;
  }
}

/** Reads a cell as a value of the language. */
export function loadValue(store: ColumnStore, row: number, interner: Interner): Value {
  const kind = store.kinds[row]!;
  return cellValue(kind, store.numbers[row]!, kind === tags.boxed ? store.boxes[row] : null, interner);
}

/** The value of a cell's parts. */
export function cellValue(kind: number, number: number, boxed: Value | undefined, interner: Interner): Value {
  switch (kind) {
    case tags.null:
      return null;
    case tags.integer:
      return BigInt(number);
    case tags.float:
      return number;
    case tags.text:
      return interner.text(number);
    case tags.bit:
      return number === 1;
    case tags.time:
      return new DateTime(absoluteTicks(number));
    case tags.boxed:
      return boxed ?? null;
    default:
      return stampText(number, kind - tags.stamp);
  }
}

const ticksOfSecond = 10_000_000;
/** The second whose text was written last; rows come in time order, so that it nearly always fits again. */
let lastSecond = Number.NaN;
let lastSecondText = "";
/** The stamp that was written last: expressions of one row often read the same column. */
let lastStamp = Number.NaN;
let lastStampDigits = 0;
let lastStampText = "";

/** Text of a moment in ticks counted from the base, with so many digits behind the point, 0 to 7. */
export function stampText(relative: number, digits: number): string {
  if (relative === lastStamp && digits === lastStampDigits) return lastStampText;
  const second = Math.floor(relative / ticksOfSecond);
  if (second !== lastSecond) {
    lastSecond = second;
    lastSecondText = formatDateTime(absoluteTicks(second * ticksOfSecond)).slice(0, 19);
  }
  const fraction = String(relative - second * ticksOfSecond).padStart(7, "0");
  lastStamp = relative;
  lastStampDigits = digits;
  lastStampText = digits === 0 ? `${lastSecondText}Z` : `${lastSecondText}.${fraction.slice(0, digits)}Z`;
  return lastStampText;
}

/** Reads a column as `StateWriter` has its numbers, its kinds and the values of its boxed cells in their order. */
export function loadColumn(reader: StateReader): ColumnStore {
  const numbers = reader.array(Float64Array);
  const kinds = reader.array(Uint8Array);
  return { numbers, kinds, boxes: boxesOf(kinds, reader.column()) };
}

/** The boxes of a column from the values of its boxed cells in their order. */
export function boxesOf(kinds: Uint8Array, values: readonly Value[]): Value[] {
  const boxes: Value[] = [];
  let taken = 0;
  for (let row = 0; row < kinds.length; row++)
    if (kinds[row] === tags.boxed) boxes[row] = values[taken++] ?? null;
  return boxes;
}
