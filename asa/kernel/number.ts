// Numbers: the same rules as the script's scanner, sixteen bytes at a time. 0 stands for "refused".
import { kindFloat, kindInteger } from "./memory";

// They divide a mantissa of up to 15 digits to the double nearest to the written number.
const powers = memory.data<f64>([1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15]);

@inline
function isDigit(byte: u32): bool {
  return byte - 48 < 10;
}

/** Bit i tells whether byte i of the sixteen at `at` is a digit. */
@inline
function digitMask(at: usize): i32 {
  return i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(at), i8x16.splat(48)), i8x16.splat(10)));
}

/** Eight bytes, each the value of a digit, the first lowest. */
@inline
export function eight(values: u64): u64 {
  const pairs = values * 10 + (values >> 8);
  const odd = (pairs & 0x000000ff000000ff) * 0x000f424000000064;
  const even = ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001;
  return (odd + even) >> 32;
}

/** The `count` digits at `at` as a number; 1 to 8 of them. */
@inline
function digits(at: usize, count: u32): u64 {
  // Digits never borrow from the byte above, and what is behind them is shifted out.
  return eight((load<u64>(at) - 0x3030303030303030) << <u64>(64 - (count << 3)));
}

/** Index behind the number at `at`; 0 when it is none, or one whose range only the JSON reader judges. */
@inline
export function numberEnd(at: usize): usize {
  const first = at + <usize>(load<u8>(at) == 45);
  const mask = digitMask(first);
  const whole = <usize>ctz(~mask);
  if (whole == 0 || (whole > 1 && load<u8>(first) == 48)) return 0;
  if (whole >= 15) return longNumberEnd(first);
  let i = first + whole;
  let byte = <u32>load<u8>(i);
  if (byte == 46) {
    const places = <usize>ctz(~(mask >> <i32>(whole + 1)));
    if (places == 0) return 0;
    if (whole + 1 + places >= 16) return longNumberEnd(first);
    i += places + 1;
    byte = <u32>load<u8>(i);
  }
  return (byte | 32) == 101 ? longNumberEnd(first) : i;
}

/** Digit by digit, from behind the sign. */
function longNumberEnd(first: usize): usize {
  let i = first;
  while (isDigit(load<u8>(i))) i++;
  const whole = i - first;
  if (whole == 0 || whole > 18 || (whole > 1 && load<u8>(first) == 48)) return 0;
  if (load<u8>(i) == 46) {
    const point = i++;
    while (isDigit(load<u8>(i))) i++;
    if (i == point + 1) return 0;
  }
  if ((<u32>load<u8>(i) | 32) == 101) {
    i++;
    const sign = <u32>load<u8>(i);
    if (sign == 43 || sign == 45) i++;
    const exponent = i;
    while (isDigit(load<u8>(i))) i++;
    if (i == exponent || i - exponent > 2) return 0;
  }
  return i;
}

/** What `readNumber` read. */
export let numberValue: f64 = 0;
export let numberKind: u8 = 0;

/**
 * Reads a number of up to 15 digits without exponent; returns the index behind it. 0 for any other: `numberEnd` decides
 * whether it is a number at all.
 */
@inline
export function readNumber(at: usize): usize {
  const negative = load<u8>(at) == 45;
  const first = at + <usize>negative;
  const mask = digitMask(first);
  const whole = <u32>ctz(~mask);
  if (whole == 0 || (whole > 1 && load<u8>(first) == 48)) return 0;
  if (whole > 8) return readLongNumber(first, negative);
  let i = first + <usize>whole;
  const mantissa = digits(first, whole);
  if (load<u8>(i) == 46) {
    const places = <u32>ctz(~(mask >> <i32>(whole + 1)));
    if (places == 0) return 0;
    // With more places the last of them may lie outside the mask.
    if (places > 7 || whole + 1 + places > 15) return readLongNumber(first, negative);
    const fraction = digits(i + 1, places);
    i += <usize>places + 1;
    if ((<u32>load<u8>(i) | 32) == 101) return 0;
    const power = load<f64>(powers + (<usize>places << 3));
    const value = (<f64>mantissa * power + <f64>fraction) / power;
    numberKind = kindFloat;
    numberValue = negative ? -value : value;
    return i;
  }
  if ((<u32>load<u8>(i) | 32) == 101) return 0;
  numberKind = kindInteger;
  numberValue = <f64>(negative ? -<i64>mantissa : <i64>mantissa);
  return i;
}

function readLongNumber(first: usize, negative: bool): usize {
  let i = first;
  let mantissa: i64 = 0;
  let places: usize = 0;
  while (isDigit(load<u8>(i)) && i - first < 17) mantissa = mantissa * 10 + <i64>(<u32>load<u8>(i++) - 48);
  let count = i - first;
  const fractional = load<u8>(i) == 46;
  if (fractional) {
    const point = ++i;
    while (isDigit(load<u8>(i)) && i - point < 17) mantissa = mantissa * 10 + <i64>(<u32>load<u8>(i++) - 48);
    places = i - point;
    if (places == 0) return 0;
    count += places;
  }
  if (count > 15 || (<u32>load<u8>(i) | 32) == 101) return 0;
  if (!fractional) {
    numberKind = kindInteger;
    numberValue = <f64>(negative ? -mantissa : mantissa);
    return i;
  }
  const value = <f64>mantissa / load<f64>(powers + (places << 3));
  numberKind = kindFloat;
  numberValue = negative ? -value : value;
  return i;
}
