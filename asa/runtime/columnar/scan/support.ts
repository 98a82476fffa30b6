import { JsonReadError, type JsonReader } from "../../../values/json-read";
import type { Value } from "../../../values/value";

/** Length of the UTF-8 sequence at `at`, 0 when it is none (overlong, surrogate, beyond U+10FFFF, cut off). */
export function utf8Length(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  const follows = (index: number, low = 0x80, high = 0xbf): boolean => {
    const byte = bytes[at + index];
    return byte !== undefined && byte >= low && byte <= high;
  };
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return follows(1) ? 2 : 0;
  if (first < 0xf0)
    return follows(1, first === 0xe0 ? 0xa0 : 0x80, first === 0xed ? 0x9f : 0xbf) && follows(2) ? 3 : 0;
  if (first > 0xf4) return 0;
  return follows(1, first === 0xf0 ? 0x90 : 0x80, first === 0xf4 ? 0x8f : 0xbf) && follows(2) && follows(3)
    ? 4
    : 0;
}

const hex = (byte: number | undefined): boolean =>
  byte !== undefined &&
  ((byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 70) || (byte >= 97 && byte <= 102));

/** Index behind the text whose opening quote is at `at`; -1 when it is not one. */
export function skipText(bytes: Uint8Array, at: number): number {
  let i = at + 1;
  for (;;) {
    const byte = bytes[i];
    if (byte === undefined || byte < 32) return -1;
    if (byte === 34) return i + 1;
    if (byte === 92) {
      const letter = bytes[i + 1];
      if (letter === 117) {
        if (!hex(bytes[i + 2]) || !hex(bytes[i + 3]) || !hex(bytes[i + 4]) || !hex(bytes[i + 5])) return -1;
        i += 6;
      } else if (letter !== undefined && '"\\/bfnrt'.includes(String.fromCharCode(letter))) i += 2;
      else return -1;
    } else if (byte < 128) i++;
    else {
      const length = utf8Length(bytes, i);
      if (length === 0) return -1;
      i += length;
    }
  }
}

const digit = (byte: number | undefined): boolean => byte !== undefined && byte >= 48 && byte <= 57;

/** Index behind the number at `at`; -1 when it is none, or one whose range needs the JSON reader. */
export function skipNumber(bytes: Uint8Array, at: number): number {
  let i = bytes[at] === 45 ? at + 1 : at;
  const first = i;
  while (digit(bytes[i])) i++;
  const whole = i - first;
  if (whole === 0 || whole > 18 || (whole > 1 && bytes[first] === 48)) return -1;
  if (bytes[i] === 46) {
    const point = i++;
    while (digit(bytes[i])) i++;
    if (i === point + 1) return -1;
  }
  if (bytes[i] === 101 || bytes[i] === 69) {
    i++;
    if (bytes[i] === 43 || bytes[i] === 45) i++;
    const exponent = i;
    while (digit(bytes[i])) i++;
    if (i === exponent || i - exponent > 2) return -1;
  }
  return i;
}

const word = (bytes: Uint8Array, at: number, text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
};

const blank = (byte: number | undefined): boolean => byte === 32 || byte === 9 || byte === 13;

function blanks(bytes: Uint8Array, at: number): number {
  let i = at;
  while (blank(bytes[i])) i++;
  return i;
}

/** Index behind the JSON value at `at`; -1 when it is none or needs the JSON reader to judge it. */
export function skipValue(bytes: Uint8Array, at: number, depth: number): number {
  if (depth > 500) return -1;
  const first = bytes[at];
  if (first === 34) return skipText(bytes, at);
  if (first === 123 || first === 91) {
    const close = first === 123 ? 125 : 93;
    let i = blanks(bytes, at + 1);
    if (bytes[i] === close) return i + 1;
    for (;;) {
      if (first === 123) {
        if (bytes[i] !== 34) return -1;
        i = skipText(bytes, i);
        if (i < 0) return -1;
        i = blanks(bytes, i);
        if (bytes[i] !== 58) return -1;
        i = blanks(bytes, i + 1);
      }
      i = skipValue(bytes, i, depth + 1);
      if (i < 0) return -1;
      i = blanks(bytes, i);
      if (bytes[i] === close) return i + 1;
      if (bytes[i] !== 44) return -1;
      i = blanks(bytes, i + 1);
    }
  }
  if (first === 116) return word(bytes, at, "true") ? at + 4 : -1;
  if (first === 102) return word(bytes, at, "false") ? at + 5 : -1;
  if (first === 110) return word(bytes, at, "null") ? at + 4 : -1;
  return skipNumber(bytes, at);
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The value in bytes [from, to) as the JSON reader has it; undefined when it refuses it. */
export function readSlice(
  reader: JsonReader,
  bytes: Uint8Array,
  from: number,
  to: number,
): Value | undefined {
  try {
    return reader.read(decoder.decode(bytes.subarray(from, to)));
  } catch (error) {
    if (error instanceof JsonReadError || error instanceof TypeError) return undefined;
    throw error;
  }
}

export function asciiText(bytes: Uint8Array, from: number, to: number): string {
  // Short texts are cheaper to build than to decode.
  if (to - from > 24) return decoder.decode(bytes.subarray(from, to));
  let text = "";
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/** Days from 2020-01-01 to the date `yyyy-MM-dd` written at `at`; NaN when it is none. */
export function dayAt(
  bytes: Uint8Array,
  at: number,
  dayOf: (year: number, month: number, day: number) => number,
): number {
  let number = 0;
  const part = (from: number, count: number): number => {
    number = 0;
    for (let i = 0; i < count; i++) {
      const value = bytes[at + from + i]! - 48;
      if (!(value >= 0 && value <= 9)) return Number.NaN;
      number = number * 10 + value;
    }
    return number;
  };
  if (bytes[at + 4] !== 45 || bytes[at + 7] !== 45) return Number.NaN;
  return dayOf(part(0, 4), part(5, 2), part(8, 2));
}
