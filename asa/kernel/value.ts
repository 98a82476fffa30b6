// Values: skipping them strictly, and reading them into cells. 0 stands for "refused".
import {
  asText,
  asTime,
  columns,
  kindBit,
  kindNull,
  putCell,
  putRaw,
  putText,
  skipBlanks,
} from "./memory";
import { numberEnd, numberKind, numberValue, readNumber } from "./number";
import { escaped, textEnd } from "./text";
import { readTime, ticks, timeKind } from "./time";

const wordTrue: u32 = 0x65757274;
const wordAlse: u32 = 0x65736c61;
const wordNull: u32 = 0x6c6c756e;

/** Index behind the value at `at`, which is neither object nor array. */
@inline
function scalarEnd(at: usize, first: u32): usize {
  if (first == 34) {
    const end = textEnd(at + 1);
    return end == 0 ? 0 : end + 1;
  }
  if (first == 116) return load<u32>(at) == wordTrue ? at + 4 : 0;
  if (first == 110) return load<u32>(at) == wordNull ? at + 4 : 0;
  if (first == 102) return load<u32>(at, 1) == wordAlse ? at + 5 : 0;
  return numberEnd(at);
}

/** Index behind the JSON value at `at`; values nested deeper than 64 are refused. */
export function valueEnd(at: usize): usize {
  const first = <u32>load<u8>(at);
  return first == 123 || first == 91 ? nestedEnd(at) : scalarEnd(at, first);
}

function nestedEnd(at: usize): usize {
  // The lowest bit tells whether the innermost value is an object, the one above the next, and so on.
  let objects: u64 = 0;
  let depth = 0;
  let i = at;
  while (true) {
    // At a value.
    const first = <u32>load<u8>(i);
    if (first == 123 || first == 91) {
      if (depth == 64) return 0;
      objects = (objects << 1) | <u64>(first == 123);
      depth++;
      i = skipBlanks(i + 1);
      if (<u32>load<u8>(i) != first + 2) {
        if (first == 123) {
          i = memberValue(i);
          if (i == 0) return 0;
        }
        continue;
      }
      i++;
      objects >>= 1;
      depth--;
    } else {
      i = scalarEnd(i, first);
      if (i == 0) return 0;
    }
    // Behind a value.
    while (true) {
      if (depth == 0) return i;
      i = skipBlanks(i);
      const byte = <u32>load<u8>(i);
      const isObject = (objects & 1) != 0;
      if (byte == 44) {
        i = skipBlanks(i + 1);
        if (isObject) {
          i = memberValue(i);
          if (i == 0) return 0;
        }
        break;
      }
      if (byte != <u32>(isObject ? 125 : 93)) return 0;
      i++;
      objects >>= 1;
      depth--;
    }
  }
}

/** Index of the value of the member that begins at `at`. */
function memberValue(at: usize): usize {
  if (load<u8>(at) != 34) return 0;
  const end = textEnd(at + 1);
  if (end == 0) return 0;
  const colon = skipBlanks(end + 1);
  return load<u8>(colon) == 58 ? skipBlanks(colon + 1) : 0;
}

/** Leaves a valid value to the host. */
function rawValue(at: usize, column: i32, row: i32): usize {
  const end = valueEnd(at);
  if (end != 0) putRaw(column, row, at, end);
  return end;
}

/** Reads the value at `at` into a cell; returns the index behind it. */
export function readValue(at: usize, column: i32, row: i32): usize {
  const first = <u32>load<u8>(at);
  const use = load<u32>(columns + (<usize>column << 4), 8);
  if (use == asTime) {
    if (first == 34) {
      const end = readTime(at + 1);
      if (end != 0 && load<u8>(end) == 34) {
        putCell(column, row, timeKind, ticks);
        return end + 1;
      }
    }
    return rawValue(at, column, row);
  }
  if (first == 34) {
    const end = textEnd(at + 1);
    if (end == 0) return 0;
    if (use != asText || escaped) putRaw(column, row, at, end + 1);
    else putText(column, row, at + 1, end);
    return end + 1;
  }
  if (first == 45 || first - 48 < 10) {
    const end = readNumber(at);
    if (end == 0) return rawValue(at, column, row);
    putCell(column, row, numberKind, numberValue);
    return end;
  }
  if (first == 116 || first == 102) {
    putCell(column, row, kindBit, first == 116 ? 1 : 0);
    return scalarEnd(at, first);
  }
  if (first == 110) {
    putCell(column, row, kindNull, 0);
    return scalarEnd(at, first);
  }
  return rawValue(at, column, row);
}
