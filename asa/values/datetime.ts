import { civilDate, dayNumber, daysInMonth, leapYear } from "./calendar";
import { floorDiv, maxTicks, ticksPerDay, ticksPerSecond } from "./ticks";

const datePattern =
  /^(?:(\d{4})-(\d{2})-(\d{2})|(\d{4})(\d{2})(\d{2})|(\d{4})-(\d{2})|(\d{4})-?W(\d{2})-?([1-7])|(\d{4})-(\d{3}))$/;
const timePattern = /^(\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?)?$/;
const zonePattern = /^([+-])(\d{2})(?::?(\d{2}))?$/;

const two = (text: string, at: number): number => {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
};

/** The form nearly every event carries: yyyy-MM-ddTHH:mm:ss[.f]Z; null sends the text to the general reader. */
function parsePlain(text: string): bigint | null {
  const length = text.length;
  if (length < 20 || length > 28) return null;
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || text.charCodeAt(10) !== 84) return null;
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58 || text.charCodeAt(length - 1) !== 90)
    return null;
  const century = two(text, 0);
  const yearOfCentury = two(text, 2);
  if (century < 0 || yearOfCentury < 0) return null;
  const year = century * 100 + yearOfCentury;
  const month = two(text, 5);
  const day = two(text, 8);
  const hour = two(text, 11);
  const minute = two(text, 14);
  const second = two(text, 17);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return null;
  let fraction = 0;
  if (length > 20) {
    if (text.charCodeAt(19) !== 46 || length === 21) return null;
    for (let i = 20; i < length - 1; i++) {
      const digit = text.charCodeAt(i) - 48;
      if (digit < 0 || digit > 9) return null;
      fraction = fraction * 10 + digit;
    }
    for (let digits = length - 21; digits < 7; digits++) fraction *= 10;
  }
  const seconds = dayNumber(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
  return BigInt(seconds) * ticksPerSecond + BigInt(fraction);
}

function parseDate(text: string): number | null {
  const match = datePattern.exec(text);
  if (match === null) return null;
  const number = (index: number) => Number(match[index]);
  if (match[9] !== undefined) {
    const fourth = dayNumber(number(9), 1, 4);
    const week = number(10);
    if (number(9) < 1 || week < 1 || week > 53) return null;
    // 0001-01-01 was a Monday, so the day number modulo 7 counts from Monday.
    const monday = fourth - (fourth % 7) + (week - 1) * 7;
    // The Thursday of a week lies in the year that the week belongs to.
    return civilDate(monday + 3).year === number(9) ? monday + number(11) - 1 : null;
  }
  if (match[12] !== undefined) {
    const day = number(13);
    if (number(12) < 1 || day < 1 || day > (leapYear(number(12)) ? 366 : 365)) return null;
    return dayNumber(number(12), 1, 1) + day - 1;
  }
  const first = match[1] !== undefined ? 1 : match[4] !== undefined ? 4 : 7;
  const year = number(first);
  const month = number(first + 1);
  const day = first === 7 ? 1 : number(first + 2);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  return dayNumber(year, month, day);
}

function parseTime(text: string): bigint | null {
  const match = timePattern.exec(text);
  if (match === null) return null;
  const hour = Number(match[1]);
  const minute = Number(match[2] ?? 0);
  const second = Number(match[3] ?? 0);
  const fraction = BigInt((match[4] ?? "").slice(0, 7).padEnd(7, "0"));
  const midnight = hour === 24 && minute === 0 && second === 0 && fraction === 0n;
  if ((hour > 23 && !midnight) || minute > 59 || second > 59) return null;
  return BigInt(hour * 3600 + minute * 60 + second) * ticksPerSecond + fraction;
}

function splitZone(text: string): { readonly time: string; readonly offsetMinutes: number } | null {
  const last = text.charCodeAt(text.length - 1);
  if (last === 90 || last === 122) return { time: text.slice(0, -1), offsetMinutes: 0 };
  const sign = Math.max(text.lastIndexOf("+"), text.lastIndexOf("-"));
  if (sign < 0) return { time: text, offsetMinutes: 0 };
  const match = zonePattern.exec(text.slice(sign).trim());
  if (match === null) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  if (Number(match[2]) > 14 || Number(match[3] ?? 0) > 59) return null;
  return { time: text.slice(0, sign).trimEnd(), offsetMinutes: match[1] === "-" ? -minutes : minutes };
}

/**
 * Reads ISO 8601 text as ticks UTC, or returns null.
 *
 * Calendar, ordinal and week dates, basic and extended; a blank may stand for `T`; without offset the time is UTC; digits
 * beyond 100 ns are cut off. Moments outside 0001-01-01 .. 9999-12-31 are no datetime.
 */
export function parseDateTime(text: string): bigint | null {
  const plain = parsePlain(text);
  if (plain !== null) return plain;
  const trimmed = text.trim();
  const separator = trimmed.search(/[Tt ]/);
  const day = parseDate(separator < 0 ? trimmed : trimmed.slice(0, separator));
  if (day === null) return null;
  if (separator < 0) return inRange(BigInt(day) * ticksPerDay);
  const zone = splitZone(trimmed.slice(separator + 1).trim());
  if (zone === null) return null;
  const time = parseTime(zone.time);
  if (time === null) return null;
  return inRange(BigInt(day) * ticksPerDay + time - BigInt(zone.offsetMinutes * 60) * ticksPerSecond);
}

const inRange = (ticks: bigint): bigint | null => (ticks < 0n || ticks > maxTicks ? null : ticks);

const pad = (value: number, width: number): string => String(value).padStart(width, "0");

/** Writes ticks as `yyyy-MM-ddTHH:mm:ss.fffffffZ`. */
export function formatDateTime(ticks: bigint): string {
  const days = floorDiv(ticks, ticksPerDay);
  const inDay = ticks - days * ticksPerDay;
  const { year, month, day } = civilDate(Number(days));
  const second = Number(inDay / ticksPerSecond);
  const fraction = Number(inDay % ticksPerSecond);
  return (
    `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${pad(Math.floor(second / 3600), 2)}:` +
    `${pad(Math.floor(second / 60) % 60, 2)}:${pad(second % 60, 2)}.${pad(fraction, 7)}Z`
  );
}
