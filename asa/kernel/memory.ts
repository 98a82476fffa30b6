// Where things lie in the kernel's memory. The host lays out columns, rows, keys and layouts once; what grows is taken
// from the end of the memory.

/** First byte that nothing has taken yet. */
export let top: usize = __heap_base;

/** Takes bytes from the end of the memory, which grows when they do not fit; they are never given back. */
export function allocate(bytes: usize): usize {
  // Sixteen bytes more, because texts are compared in vectors that reach over their end.
  const place = (top + 15) & ~15;
  reserve(place + bytes + 16);
  top = place + bytes + 16;
  return place;
}

function reserve(end: usize): void {
  const pages = memory.size();
  const needed = <i32>((end + 65_535) >>> 16);
  if (needed <= pages) return;
  // Half as much again, so that growing texts do not grow the memory each time.
  if (memory.grow(max(needed - pages, pages >> 1)) < 0 && memory.grow(needed - pages) < 0) unreachable();
}

/** Room behind everything taken, for one call: the next `allocate` or `scratch` may overwrite it. */
export function scratch(bytes: usize): usize {
  const place = (top + 15) & ~15;
  reserve(place + bytes + 64);
  return place;
}

/** Columns, 16 bytes each: where their numbers and kinds lie, and how they are read (u32 each). */
export let columns: usize = 0;
export let columnCount: i32 = 0;

/** Rows: place of each row's first byte and of the byte behind it (u32 each), and what became of it (u8). */
export let rowStarts: usize = 0;
export let rowEnds: usize = 0;
export let rowStates: usize = 0;

/** Spellings of needed keys; see any-order.ts. */
export let keyTable: usize = 0;
/** The spellings of each length of a key from 0 to 64: number of the first, and how many (u16 each). */
export let keyLengths: usize = 0;
/** Columns that spellings feed, as u8. */
export let targets: usize = 0;

/** Places of the learned layouts; see layout.ts. */
export let layoutTable: usize = 0;
export let layoutCount: i32 = 0;

// What becomes of a row.
export const fine: u8 = 0;
/** Accepted, but cells of kind `raw` wait for the host. */
export const hasRaw: u8 = 1;
/** Anything else: the host decides. */
export const refused: u8 = 2;

// Kinds of cells, the same numbers as `tags` of the host.
export const kindNull: u8 = 0;
export const kindInteger: u8 = 1;
export const kindFloat: u8 = 2;
export const kindText: u8 = 3;
export const kindBit: u8 = 4;
/** A moment in ticks. */
export const kindTime: u8 = 6;
/** A valid value that the host reads: its number is (start in the row) * 2^24 + (end in the row). */
export const kindRaw: u8 = 7;
/** A moment whose text has n digits behind the point: this and n. */
export const kindStamp: u8 = 8;

// How a column is read.
export const asText: u32 = 0;
export const asTime: u32 = 2;

export function setColumns(at: usize, count: i32, starts: usize, ends: usize, states: usize): void {
  columns = at;
  columnCount = count;
  rowStarts = starts;
  rowEnds = ends;
  rowStates = states;
}

export function setKeys(table: usize, lengths: usize, columnsOfKeys: usize): void {
  keyTable = table;
  keyLengths = lengths;
  targets = columnsOfKeys;
}

export function setLayouts(table: usize, count: i32): void {
  layoutTable = table;
  layoutCount = count;
}

/** Place where the row that is being read begins, and whether it has cells of kind `raw`. */
export let rowStart: usize = 0;
export let rowState: u8 = fine;

@inline
export function beginRow(at: usize): void {
  rowStart = at;
  rowState = fine;
}

@inline
export function isBlank(byte: u32): bool {
  return byte == 32 || byte == 9 || byte == 13;
}

@inline
export function skipBlanks(at: usize): usize {
  let i = at;
  while (isBlank(load<u8>(i))) i++;
  return i;
}

@inline
export function putCell(column: i32, row: i32, kind: u8, number: f64): void {
  const entry = columns + (<usize>column << 4);
  store<f64>(<usize>load<u32>(entry) + (<usize>row << 3), number);
  store<u8>(<usize>load<u32>(entry, 4) + <usize>row, kind);
}

/** Leaves the value in bytes [from, to) to the host. */
export function putRaw(column: i32, row: i32, from: usize, to: usize): void {
  rowState = hasRaw;
  putCell(column, row, kindRaw, <f64>(from - rowStart) * 16_777_216.0 + <f64>(to - rowStart));
}

/** Notes the text in bytes [from, to); `internTexts` makes a number of it when all rows are read. */
@inline
export function putText(column: i32, row: i32, from: usize, to: usize): void {
  const entry = columns + (<usize>column << 4);
  store<u64>(<usize>load<u32>(entry) + (<usize>row << 3), <u64>from | (<u64>(to - from) << 32));
  store<u8>(<usize>load<u32>(entry, 4) + <usize>row, kindText);
}

/** Makes all cells of a row null. */
@inline
export function clearRow(row: i32): void {
  for (let c = 0, entry = columns; c < columnCount; c++, entry += 16)
    store<u8>(<usize>load<u32>(entry, 4) + <usize>row, kindNull);
}
