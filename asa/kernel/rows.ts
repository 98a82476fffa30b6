// Reads many objects, one per row.
import { readAnyOrder } from "./any-order";
import { intern } from "./interner";
import { readLayout } from "./layout";
import {
  asText,
  beginRow,
  columnCount,
  columns,
  fine,
  isBlank,
  kindText,
  layoutCount,
  layoutTable,
  refused,
  rowEnds,
  rowStarts,
  rowState,
  rowStates,
  skipBlanks,
} from "./memory";

/** Where `readLines` stopped. */
export let position: usize = 0;
/** Rows of the last call that are not `fine`. */
export let unfinished: i32 = 0;
/** Rows of the last call that looked like no learned layout, and the last of them that was accepted (-1 none). */
export let misses: i32 = 0;
export let lastMiss: i32 = -1;

/** The layout that fitted last. */
let current = 0;

function begin(): void {
  unfinished = 0;
  misses = 0;
  lastMiss = -1;
  if (current >= layoutCount) current = 0;
}

/** Reads the object at `at` of the row that begins at `start`; returns the index behind it, 0 when it is refused. */
function readObject(at: usize, start: usize, row: i32): usize {
  for (let tries = 0; tries < layoutCount; tries++) {
    beginRow(start);
    const end = readLayout(at, row, load<u32>(layoutTable + (<usize>current << 2)));
    if (end != 0) return end;
    current++;
    if (current == layoutCount) current = 0;
  }
  beginRow(start);
  misses++;
  const end = readAnyOrder(at, row);
  if (end != 0) lastMiss = row;
  return end;
}

@inline
function finish(row: i32, end: usize, state: u8): void {
  store<u32>(rowEnds + (<usize>row << 2), <u32>end);
  store<u8>(rowStates + <usize>row, state);
  if (state != fine) unfinished++;
}

function lineEnd(at: usize): usize {
  let i = at;
  let mask = i8x16.bitmask(i8x16.eq(v128.load(i), i8x16.splat(10)));
  while (mask == 0) {
    i += 16;
    mask = i8x16.bitmask(i8x16.eq(v128.load(i), i8x16.splat(10)));
  }
  return i + <usize>ctz(mask);
}

/**
 * Gives the texts of the rows their numbers. In a loop of its own the waits for the interner's table overlap; between the
 * parsing of two rows they would not.
 */
function internTexts(rows: i32): void {
  for (let c = 0, entry = columns; c < columnCount; c++, entry += 16) {
    if (load<u32>(entry, 8) != asText) continue;
    let cell = <usize>load<u32>(entry);
    const kinds = <usize>load<u32>(entry, 4);
    for (let row: usize = 0; row < <usize>rows; row++, cell += 8) {
      if (load<u8>(kinds + row) != kindText || load<u8>(rowStates + row) == refused) continue;
      store<f64>(cell, <f64>intern(<usize>load<u32>(cell), <usize>load<u32>(cell, 4)));
    }
  }
}

/**
 * Reads lines from `from` on into rows from 0, `limit` at most; the byte at `to - 1` is a line feed. Blank lines are no
 * rows. Returns the number of rows; `position` is where the next line begins.
 */
export function readLines(from: usize, to: usize, limit: i32): i32 {
  begin();
  let row = 0;
  let line = from;
  while (line < to && row < limit) {
    const first = skipBlanks(line);
    if (load<u8>(first) == 10) {
      line = first + 1;
      continue;
    }
    store<u32>(rowStarts + (<usize>row << 2), <u32>line);
    let end = readObject(first, line, row);
    if (end != 0) end = skipBlanks(end);
    if (end != 0 && load<u8>(end) == 10) finish(row, end, rowState);
    else {
      end = lineEnd(first);
      finish(row, end, refused);
    }
    line = end + 1;
    row++;
  }
  internTexts(row);
  position = line;
  return row;
}

/** Reads `count` bodies, whose bounds the host has written; behind each is a line feed. An empty one is refused. */
export function readBodies(count: i32): void {
  begin();
  for (let row = 0; row < count; row++) {
    const start = <usize>load<u32>(rowStarts + (<usize>row << 2));
    const bound = <usize>load<u32>(rowEnds + (<usize>row << 2));
    let end: usize = start < bound ? readObject(skipBlanks(start), start, row) : 0;
    while (end != 0 && end < bound && (isBlank(load<u8>(end)) || load<u8>(end) == 10)) end++;
    finish(row, bound, end == bound ? rowState : refused);
  }
  internTexts(count);
}
