// Writes rows of cells as JSON lines.
import { putDigits, putFloat, putUnsigned } from "./decimal";
import { firstBytes, pool, starts } from "./interner";
import { kindBit, kindFloat, kindInteger, kindNull, kindStamp, kindText, kindTime } from "./memory";
import { dateOf, day, month, year } from "./time";

/**
 * An item: u32 place and u32 length of the bytes before its value, u32 place of the column's numbers, u32 place of its
 * kinds. Behind the last item are the place and the length of the bytes that end a row.
 */
const itemBytes: usize = 16;
/** No number or time is longer. */
const longestScalar: usize = 64;

// What `writeRows` returns.
const done: i32 = 0;
/** The value of cell (`row`, `item`) is the host's to write; what stands before it is written. */
const hostWrites: i32 = 1;
/** `needed` bytes have no room. */
const noRoom: i32 = 2;

export let row: i32 = 0;
export let item: i32 = 0;
/** Where the next byte belongs, and where the row began. */
export let out: usize = 0;
export let rowBegin: usize = 0;
export let needed: usize = 0;

export function beginRows(at: usize): void {
  row = 0;
  item = 0;
  out = at;
  rowBegin = at;
}

/** The bytes of the row that were written lie at `begin` now, and room behind them. */
export function moveRow(begin: usize): void {
  out = begin + (out - rowBegin);
  rowBegin = begin;
}

/** The host wrote the cell, up to `at`. */
export function passCell(at: usize): void {
  out = at;
  item++;
}

/** Copies bytes; up to 15 more are written and read behind them. */
@inline
function copy(to: usize, from: usize, length: usize): usize {
  let i: usize = 0;
  do {
    v128.store(to + i, v128.load(from + i));
    i += 16;
  } while (i < length);
  return to + length;
}

function putEscaped(to: usize, from: usize, length: usize): usize {
  let at = to;
  for (let i: usize = 0; i < length; i++) {
    const byte = load<u8>(from + i);
    if (byte >= 32 && byte != 34 && byte != 92) {
      store<u8>(at++, byte);
      continue;
    }
    store<u8>(at++, 92);
    let letter = byte;
    if (byte == 8) letter = 98;
    else if (byte == 9) letter = 116;
    else if (byte == 10) letter = 110;
    else if (byte == 12) letter = 102;
    else if (byte == 13) letter = 114;
    else if (byte < 32) {
      store<u32>(at, 0x30303075);
      const low = byte & 15;
      store<u8>(at, 48 + (byte >> 4), 3);
      store<u8>(at, low < 10 ? 48 + low : 87 + low, 4);
      at += 5;
      continue;
    }
    store<u8>(at++, letter);
  }
  return at;
}

@inline
function putText(to: usize, from: usize, length: usize): usize {
  store<u8>(to, 34);
  let i: usize = 0;
  while (i < length) {
    const bytes = v128.load(from + i);
    const special = v128.or(
      i8x16.lt_u(bytes, i8x16.splat(32)),
      v128.or(i8x16.eq(bytes, i8x16.splat(34)), i8x16.eq(bytes, i8x16.splat(92))),
    );
    if (v128.any_true(v128.and(special, firstBytes(min<usize>(length - i, 16))))) {
      const end = putEscaped(to + 1 + i, from + i, length - i);
      store<u8>(end, 34);
      return end + 1;
    }
    v128.store(to + 1 + i, bytes);
    i += 16;
  }
  store<u8>(to + 1 + length, 34);
  return to + 2 + length;
}

// Rows mostly come in the order of time: the text of the last second nearly always fits again.
let second: i64 = i64.MIN_VALUE;
const secondText = memory.data(32, 16);

function turnTo(now: i64): void {
  second = now;
  const days = now >= 0 ? now / 86_400 : -((86_399 - now) / 86_400);
  const rest = <u64>(now - days * 86_400);
  dateOf(<i32>days);
  store<u8>(secondText, 34);
  putDigits(secondText + 1, <u64>year, 4);
  store<u8>(secondText, 45, 5);
  putDigits(secondText + 6, <u64>month, 2);
  store<u8>(secondText, 45, 8);
  putDigits(secondText + 9, <u64>day, 2);
  store<u8>(secondText, 84, 11);
  putDigits(secondText + 12, rest / 3600, 2);
  store<u8>(secondText, 58, 14);
  putDigits(secondText + 15, (rest / 60) % 60, 2);
  store<u8>(secondText, 58, 17);
  putDigits(secondText + 18, rest % 60, 2);
}

const ticksOfPlace = memory.data<u32>([10_000_000, 1_000_000, 100_000, 10_000, 1000, 100, 10, 1]);

/** A moment with so many digits behind the point. */
@inline
function putTime(to: usize, time: f64, places: usize): usize {
  const now = <i64>floor(time / 10_000_000);
  if (now != second) turnTo(now);
  v128.store(to, v128.load(secondText));
  store<u32>(to, load<u32>(secondText, 16), 16);
  let at = to + 20;
  if (places > 0) {
    const fraction = <u32>(<i64>time - now * 10_000_000);
    store<u8>(at, 46);
    at = putDigits(at + 1, <u64>(fraction / load<u32>(ticksOfPlace + (places << 2))), places);
  }
  store<u16>(at, 0x225a);
  return at + 2;
}

/** Writes rows up to `count` by the items at `items` as long as they fit below `end`. */
export function writeRows(items: usize, itemCount: i32, count: i32, end: usize): i32 {
  const tail = items + <usize>itemCount * itemBytes;
  const tailPlace = <usize>load<u32>(tail);
  const tailLength = <usize>load<u32>(tail, 4);
  let at = out;
  while (row < count) {
    while (item < itemCount) {
      const entry = items + <usize>item * itemBytes;
      const prefixLength = <usize>load<u32>(entry, 4);
      const kind = load<u8>(<usize>load<u32>(entry, 12) + <usize>row);
      const number = load<f64>(<usize>load<u32>(entry, 8) + (<usize>row << 3));
      let textStart: usize = 0;
      let textLength: usize = 0;
      if (kind == kindText) {
        const entryOfText = starts + (<usize>(<u32>number) << 2);
        textStart = <usize>load<u32>(entryOfText);
        textLength = <usize>load<u32>(entryOfText, 4) - textStart;
      }
      const room = prefixLength + textLength * 6 + longestScalar;
      if (at + room > end) {
        out = at;
        needed = room;
        return noRoom;
      }
      at = copy(at, <usize>load<u32>(entry), prefixLength);
      if (kind == kindText) at = putText(at, pool + textStart, textLength);
      else if (kind == kindFloat) at = putFloat(at, number);
      else if (kind == kindInteger) {
        if (number < 0) store<u8>(at++, 45);
        at = putUnsigned(at, <u64>abs(number));
      } else if (kind >= kindStamp) at = putTime(at, number, <usize>(kind - kindStamp));
      else if (kind == kindNull) {
        store<u32>(at, 0x6c6c756e);
        at += 4;
      } else if (kind == kindTime) at = putTime(at, number, 7);
      else if (kind == kindBit) {
        store<u64>(at, number == 1 ? 0x65757274 : 0x65736c6166);
        at += number == 1 ? 4 : 5;
      } else {
        out = at;
        return hostWrites;
      }
      item++;
    }
    if (at + tailLength + 16 > end) {
      out = at;
      needed = tailLength + 16;
      return noRoom;
    }
    at = copy(at, tailPlace, tailLength);
    item = 0;
    row++;
    rowBegin = at;
  }
  out = at;
  return done;
}
