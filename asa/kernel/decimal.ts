// Floats as the shortest decimals that read back the same (Schubfach), and whole numbers as digits.

/** Powers of ten from 10^-292 to 10^324 with 128 bits: high and low u64, rounded up. The host writes them. */
export const leastPower = -292;
const powerCount = 617;
export const powers = memory.data(powerCount * 16, 16);

/** Two digits as two bytes, for 0 to 99. */
const pairs = memory.data(200, 16);
for (let n: usize = 0; n < 100; n++) {
  store<u8>(pairs + (n << 1), <u8>(48 + n / 10));
  store<u8>(pairs + (n << 1), <u8>(48 + (n % 10)), 1);
}

const tens = memory.data<u64>([
  1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
  100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
  10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
]);

/** How many decimal digits a number has; 1 for zero. */
export function digitCount(value: u64): usize {
  // 1233 / 4096 is a little more than the logarithm of two.
  const guess = ((64 - <usize>clz(value | 1)) * 1233) >> 12;
  return guess + <usize>(value >= load<u64>(tens + (guess << 3)) || guess == 0);
}

/** Writes the last `count` digits of a number, zeros in front; returns the place behind them. */
export function putDigits(at: usize, value: u64, count: usize): usize {
  let i = at + count;
  let high = value;
  // Division of small numbers is cheaper.
  while (high >= 100_000_000 && i >= at + 8) {
    const rest = high / 100_000_000;
    let low = <u32>(high - rest * 100_000_000);
    for (let k = 0; k < 4; k++) {
      const next = low / 100;
      i -= 2;
      store<u16>(i, load<u16>(pairs + (<usize>(low - next * 100) << 1)));
      low = next;
    }
    high = rest;
  }
  let rest = <u32>high;
  while (i >= at + 2) {
    const next = rest / 100;
    i -= 2;
    store<u16>(i, load<u16>(pairs + (<usize>(rest - next * 100) << 1)));
    rest = next;
  }
  if (i > at) store<u8>(at, <u8>(48 + (rest % 10)));
  return at + count;
}

@inline
export function putUnsigned(at: usize, value: u64): usize {
  return putDigits(at, value, digitCount(value));
}

@inline
function highProduct(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const low = a0 * b1;
  const other = a1 * b0;
  const middle = ((a0 * b0) >> 32) + (low & 0xffffffff) + (other & 0xffffffff);
  return a1 * b1 + (low >> 32) + (other >> 32) + (middle >> 32);
}

/** The upper bits of a product of a power and a number; the lowest tells whether something was cut off. */
@inline
function scaled(high: u64, low: u64, number: u64): u64 {
  const first = high * number;
  const sum = first + highProduct(low, number);
  return (highProduct(high, number) + <u64>(sum < first)) | <u64>(sum > 1);
}

let digits: u64 = 0;
let exponent: i32 = 0;

/** Leaves in `digits` and `exponent` the shortest decimal of a positive float that reads back the same, the nearest of these. */
function shorten(bits: u64): void {
  const fraction = bits & 0x000fffffffffffff;
  const biased = <i32>(bits >> 52);
  const c = biased == 0 ? fraction : fraction | 0x0010000000000000;
  const q = (biased == 0 ? 1 : biased) - 1075;
  const isEven = (c & 1) == 0;
  const isLowerCloser = fraction == 0 && biased > 1;
  const k = (q * 1_262_611 - (isLowerCloser ? 524_031 : 0)) >> 22;
  const h = <u64>(q + ((-k * 1_741_647) >> 19) + 1);
  const power = powers + (<usize>(-k - leastPower) << 4);
  const high = load<u64>(power);
  const low = load<u64>(power, 8);
  const lower = scaled(high, low, (4 * c - 2 + <u64>isLowerCloser) << h) + <u64>!isEven;
  const middle = scaled(high, low, (4 * c) << h);
  const upper = scaled(high, low, (4 * c + 2) << h) - <u64>!isEven;
  const s = middle >> 2;
  if (s >= 10) {
    const shorter = s / 10;
    const isBelowIn = lower <= 40 * shorter;
    const isAboveIn = 40 * shorter + 40 <= upper;
    if (isBelowIn != isAboveIn) {
      digits = shorter + <u64>isAboveIn;
      exponent = k + 1;
      return;
    }
  }
  exponent = k;
  const isBelowIn = lower <= 4 * s;
  const isAboveIn = 4 * s + 4 <= upper;
  if (isBelowIn != isAboveIn) {
    digits = s + <u64>isAboveIn;
    return;
  }
  const half = 4 * s + 2;
  digits = s + <u64>(middle > half || (middle == half && (s & 1) != 0));
}

@inline
function putZeros(at: usize, count: usize): usize {
  memory.fill(at, 48, count);
  return at + count;
}

/**
 * Writes a float as JSON as `formatJsonFloat` of the host has it: `.0` behind whole numbers, an exponent below 1E-04 and
 * from 1E+15 on, `null` for what is not finite. At most 32 bytes.
 */
export function putFloat(from: usize, value: f64): usize {
  let at = from;
  const bits = reinterpret<u64>(value);
  if (((bits >> 52) & 2047) == 2047) {
    store<u32>(at, 0x6c6c756e);
    return at + 4;
  }
  if (bits >> 63 != 0) store<u8>(at++, 45);
  const size = abs(value);
  if (size < 1e15 && size == floor(size)) {
    at = putUnsigned(at, <u64>size);
    store<u16>(at, 0x302e);
    return at + 2;
  }
  // What has few decimals is soon found.
  const thousandths = nearest(size * 1000);
  if (size < 1e9 && size >= 1e-3 && thousandths / 1000 == size) {
    digits = <u64>thousandths;
    exponent = -3;
  } else shorten(bits & 0x7fffffffffffffff);
  while (digits % 10 == 0) {
    digits /= 10;
    exponent++;
  }
  const count = digitCount(digits);
  /** Digits in front of the point. */
  const whole = <i32>count + exponent;
  if (size >= 1e-4 && size < 1e15) {
    if (whole <= 0) {
      store<u16>(at, 0x2e30);
      return putDigits(putZeros(at + 2, <usize>-whole), digits, count);
    }
    // The digits behind the point are moved by one place.
    const power = load<u64>(tens + ((count - <usize>whole) << 3));
    const front = digits / power;
    at = putDigits(at, front, <usize>whole);
    store<u8>(at, 46);
    return putDigits(at + 1, digits - front * power, count - <usize>whole);
  }
  const power = load<u64>(tens + ((count - 1) << 3));
  const first = digits / power;
  store<u8>(at++, <u8>(48 + first));
  if (count > 1) {
    store<u8>(at, 46);
    at = putDigits(at + 1, digits - first * power, count - 1);
  }
  store<u8>(at, 69);
  store<u8>(at, whole > 0 ? 43 : 45, 1);
  const size10 = <u64>(whole > 0 ? whole - 1 : 1 - whole);
  return putDigits(at + 2, size10, max<usize>(2, digitCount(size10)));
}
