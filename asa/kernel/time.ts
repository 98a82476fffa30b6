// `yyyy-MM-ddTHH:mm:ss[.f]Z` as ticks of 100 ns from 2020-01-01.
import { kindStamp } from "./memory";
import { eight } from "./number";

const sixes: u64 = 0x0606060606060606;
const highs: u64 = 0xf0f0f0f0f0f0f0f0;
const zeros: u64 = 0x3030303030303030;
const zerosAndColons: u64 = 0x30303a30303a3030;
const zerosAndDashes: u64 = 0x2d30302d30303030;

/** Ticks of the last of n places, n from 0 to 7. */
const fractions = memory.data<u32>([10_000_000, 1_000_000, 100_000, 10_000, 1000, 100, 10, 1]);

// The day of the last event nearly always fits again.
let dayText: u64 = 0;
let dayRest: u32 = 0;
let daySeconds: i64 = 0;

/** What `readTime` read. */
export let ticks: f64 = 0;
export let timeKind: u8 = kindStamp;

/** Zero in the bytes that hold a digit's value, up to the first that does not. */
@inline
function noDigits(values: u64): u64 {
  return (values | (values + sixes)) & highs;
}

@inline
function pair(values: u64, shift: u64): u32 {
  return (<u32>(values >> shift) & 15) * 10 + (<u32>(values >> (shift + 8)) & 15);
}

/** Index behind the `Z` of the time that begins at `at`; 0 when it is written in another way. */
export function readTime(at: usize): usize {
  const text = load<u64>(at);
  const rest = <u32>load<u16>(at, 8);
  if ((text != dayText || rest != dayRest) && !readDay(text, rest)) return 0;
  if (load<u8>(at, 10) != 84) return 0;
  const clock = load<u64>(at, 11) ^ zerosAndColons;
  if (noDigits(clock) != 0 || (clock & 0x0000ff0000ff0000) != 0) return 0;
  const hours = pair(clock, 0);
  const minutes = pair(clock, 24);
  const seconds = pair(clock, 48);
  if (hours > 23 || minutes > 59 || seconds > 59) return 0;
  const whole = (daySeconds + <i64>(hours * 3600 + minutes * 60 + seconds)) * 10_000_000;
  const mark = <u32>load<u8>(at, 19);
  if (mark == 90) {
    ticks = <f64>whole;
    timeKind = kindStamp;
    return at + 20;
  }
  if (mark != 46) return 0;
  const fraction = load<u64>(at, 20) ^ zeros;
  const count = <usize>ctz(noDigits(fraction)) >> 3;
  if (count == 0 || count > 7 || load<u8>(at + 20 + count) != 90) return 0;
  const value = eight(fraction << <u64>(64 - (count << 3)));
  ticks = <f64>(whole + <i64>(value * <u64>load<u32>(fractions + (count << 2))));
  timeKind = kindStamp + <u8>count;
  return at + 21 + count;
}

function readDay(text: u64, rest: u32): bool {
  const date = text ^ zerosAndDashes;
  const tail = <u64>(rest ^ 0x3030);
  if (noDigits(date) != 0 || noDigits(tail) != 0 || (date & 0xff0000ff00000000) != 0) return false;
  const year = <i32>(pair(date, 0) * 100 + pair(date, 16));
  const month = <i32>pair(date, 40);
  const day = <i32>pair(tail, 0);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return false;
  const days = dayNumber(year, month, day) - dayNumber(2020, 1, 1);
  // Doubles hold these moments exactly, as `inReach` of the host has it.
  if (days <= -9800 || days >= 9800) return false;
  dayText = text;
  dayRest = rest;
  daySeconds = <i64>days * 86_400;
  return true;
}

function isLeap(year: i32): bool {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

function daysInMonth(year: i32, month: i32): i32 {
  if (month == 2) return isLeap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** Days from a fixed one, in years that begin with March. */
function dayNumber(year: i32, month: i32, day: i32): i32 {
  const y = month < 3 ? year - 1 : year;
  const m = month < 3 ? month + 9 : month - 3;
  return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day;
}

/** What `dateOf` found. */
export let year: i32 = 0;
export let month: i32 = 0;
export let day: i32 = 0;

/** Leaves the date of a day counted from 2020-01-01. */
export function dateOf(days: i32): void {
  // Counted from 0000-03-01, in years that begin with March.
  const count = days + 737_730;
  const cycle = count / 146_097;
  const rest = count - cycle * 146_097;
  const y = (rest - rest / 1460 + rest / 36_524 - rest / 146_096) / 365;
  const dayOfYear = rest - (365 * y + y / 4 - y / 100);
  const m = (5 * dayOfYear + 2) / 153;
  day = dayOfYear - (153 * m + 2) / 5 + 1;
  month = m < 10 ? m + 3 : m - 9;
  year = y + cycle * 400 + (month < 3 ? 1 : 0);
}
