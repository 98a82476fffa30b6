// Texts: where they end, and whether they are what JSON allows. 0 stands for "refused".

/** Length of the UTF-8 sequence at `at`, 0 when it is none (overlong, surrogate, beyond U+10FFFF, cut off). */
function sequenceLength(at: usize): usize {
  const first = <u32>load<u8>(at);
  const second = <u32>load<u8>(at, 1);
  if (first < 0xc2) return 0;
  if (first < 0xe0) return (second & 0xc0) == 0x80 ? 2 : 0;
  const third = <u32>load<u8>(at, 2);
  if (first < 0xf0) {
    const low: u32 = first == 0xe0 ? 0xa0 : 0x80;
    const high: u32 = first == 0xed ? 0x9f : 0xbf;
    return second >= low && second <= high && (third & 0xc0) == 0x80 ? 3 : 0;
  }
  if (first > 0xf4) return 0;
  const low: u32 = first == 0xf0 ? 0x90 : 0x80;
  const high: u32 = first == 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high || (third & 0xc0) != 0x80) return 0;
  return (<u32>load<u8>(at, 3) & 0xc0) == 0x80 ? 4 : 0;
}

@inline
function isHex(byte: u32): bool {
  return byte - 48 < 10 || (byte | 32) - 97 < 6;
}

/** Index behind the escape whose backslash is at `at`. */
function escapeEnd(at: usize): usize {
  const letter = <u32>load<u8>(at, 1);
  switch (letter) {
    case 34:
    case 92:
    case 47:
    case 98:
    case 102:
    case 110:
    case 114:
    case 116:
      return at + 2;
    case 117:
      return isHex(load<u8>(at, 2)) && isHex(load<u8>(at, 3)) && isHex(load<u8>(at, 4)) && isHex(load<u8>(at, 5))
        ? at + 6
        : 0;
    default:
      return 0;
  }
}

/** Bit i tells whether byte i of the sixteen at `at` is a quote, a backslash, a control character or not ASCII. */
@inline
export function stopMask(at: usize): i32 {
  const bytes = v128.load(at);
  // As signed numbers, control characters and bytes from 128 up are both below 32.
  return i8x16.bitmask(
    v128.or(
      i8x16.lt_s(bytes, i8x16.splat(32)),
      v128.or(i8x16.eq(bytes, i8x16.splat(34)), i8x16.eq(bytes, i8x16.splat(92))),
    ),
  );
}

/** True when the last text that `textEnd` went over has an escape. */
export let escaped: bool = false;

/** Index of the closing quote of the text whose first byte is at `at`; 0 when it is refused. */
@inline
export function textEnd(at: usize): usize {
  // Most texts are plain and short.
  const mask = stopMask(at);
  const quote = at + <usize>ctz(mask);
  if (mask == 0 || load<u8>(quote) != 34) return longTextEnd(at);
  escaped = false;
  return quote;
}

function longTextEnd(at: usize): usize {
  escaped = false;
  let i = at;
  while (true) {
    const mask = stopMask(i);
    if (mask == 0) {
      i += 16;
      continue;
    }
    i += <usize>ctz(mask);
    const byte = <u32>load<u8>(i);
    if (byte == 34) return i;
    if (byte == 92) {
      escaped = true;
      i = escapeEnd(i);
      if (i == 0) return 0;
    } else {
      const length = byte < 32 ? <usize>0 : sequenceLength(i);
      if (length == 0) return 0;
      i += length;
    }
  }
}
