// Reads objects whose keys come in any order. 0 stands for "refused".
import { firstBytes } from "./interner";
import { clearRow, keyLengths, keyTable, skipBlanks, targets } from "./memory";
import { stopMask } from "./text";
import { readValue, valueEnd } from "./value";

/** A spelling: u32 first target, u32 count of targets, 8 bytes free, then 64 bytes exact and 64 in lower case. */
const keyBytes: usize = 144;

const unneeded: i32 = -1;
const doubtful: i32 = -2;

@inline
function lowered(bytes: v128): v128 {
  const isUpper = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(65)), i8x16.splat(26));
  return v128.or(bytes, v128.and(isUpper, i8x16.splat(32)));
}

/** Number of the spelling of the key in `length` bytes at `at`, which are ASCII. */
function findKey(at: usize, length: usize): i32 {
  if (length > 64) return unneeded;
  const range = keyLengths + (length << 2);
  const first = <i32>load<u16>(range);
  const end = first + <i32>load<u16>(range, 2);
  let found = unneeded;
  for (let k = first; k < end; k++) {
    const known = keyTable + <usize>k * keyBytes + 16;
    let exact = true;
    let folded = true;
    for (let i: usize = 0; i < length; i += 16) {
      const bytes = v128.and(v128.load(at + i), firstBytes(min<usize>(length - i, 16)));
      if (v128.any_true(v128.xor(bytes, v128.load(known + i)))) exact = false;
      if (v128.any_true(v128.xor(lowered(bytes), v128.load(known + 64 + i)))) {
        folded = false;
        break;
      }
    }
    if (exact && folded) return k;
    // Another spelling of a needed column, one that the host has not seen yet.
    if (folded) found = doubtful;
  }
  return found;
}

/** Index of the quote behind the key at `at`; 0 when it has anything but plain ASCII. */
@inline
function keyEnd(at: usize): usize {
  let i = at;
  let mask = stopMask(i);
  while (mask == 0) {
    i += 16;
    mask = stopMask(i);
  }
  i += <usize>ctz(mask);
  return load<u8>(i) == 34 ? i : 0;
}

/** Reads the object at `at` into the row; returns the index behind it. */
export function readAnyOrder(at: usize, row: i32): usize {
  clearRow(row);
  if (load<u8>(at) != 123) return 0;
  let i = skipBlanks(at + 1);
  if (load<u8>(i) == 125) return i + 1;
  let seen: u64 = 0;
  while (true) {
    if (load<u8>(i) != 34) return 0;
    const key = i + 1;
    const end = keyEnd(key);
    if (end == 0) return 0;
    i = skipBlanks(end + 1);
    if (load<u8>(i) != 58) return 0;
    i = skipBlanks(i + 1);
    const found = findKey(key, end - key);
    if (found == doubtful) return 0;
    if (found == unneeded) i = valueEnd(i);
    else {
      const entry = keyTable + <usize>found * keyBytes;
      const first = load<u32>(entry);
      const behind = first + load<u32>(entry, 4);
      let after: usize = 0;
      for (let t = first; t < behind; t++) {
        const column = <i32>load<u8>(targets + <usize>t);
        const bit = <u64>1 << <u64>column;
        // The last of several wins, or the one in the column's own case: the host knows.
        if ((seen & bit) != 0) return 0;
        seen |= bit;
        after = readValue(i, column, row);
        if (after == 0) return 0;
      }
      i = after;
    }
    if (i == 0) return 0;
    i = skipBlanks(i);
    const byte = <u32>load<u8>(i);
    if (byte == 125) return i + 1;
    if (byte != 44) return 0;
    i = skipBlanks(i + 1);
  }
}
