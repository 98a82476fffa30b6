import { civilDate, dayNumber, daysInMonth } from "../../values/calendar";
import {
  floorDiv,
  maxTicks,
  ticksPerDay,
  ticksPerHour,
  ticksPerMicrosecond,
  ticksPerMillisecond,
  ticksPerMinute,
  ticksPerSecond,
} from "../../values/ticks";
import type { DatePart } from "./date-parts";

/** Length of the parts that have one. */
export const partTicks: Readonly<Partial<Record<DatePart, bigint>>> = {
  dayofyear: ticksPerDay,
  day: ticksPerDay,
  weekday: ticksPerDay,
  hour: ticksPerHour,
  minute: ticksPerMinute,
  second: ticksPerSecond,
  millisecond: ticksPerMillisecond,
  microsecond: ticksPerMicrosecond,
};

export const dayOf = (ticks: bigint): number => Number(floorDiv(ticks, ticksPerDay));

/**
 * Number of the unit that a moment lies in, counted on one scale: the difference of two is the count of boundaries
 * between them. Weeks start on Sunday.
 */
export function unitNumber(part: DatePart, ticks: bigint): bigint {
  const length = partTicks[part];
  if (length !== undefined) return floorDiv(ticks, length);
  // 0001-01-01 was a Monday, so day 6 was the first Sunday.
  if (part === "week") return floorDiv(floorDiv(ticks, ticksPerDay) + 1n, 7n);
  const { year, month } = civilDate(dayOf(ticks));
  if (part === "year") return BigInt(year);
  return part === "quarter" ? BigInt(year * 4 + Math.floor((month - 1) / 3)) : BigInt(year * 12 + month - 1);
}

function addMonths(ticks: bigint, months: bigint): bigint | null {
  const days = floorDiv(ticks, ticksPerDay);
  const { year, month, day } = civilDate(Number(days));
  const target = BigInt(year * 12 + month - 1) + months;
  if (target < 12n || target >= 120_000n) return null;
  const newYear = Number(target / 12n);
  const newMonth = Number(target % 12n) + 1;
  const newDay = Math.min(day, daysInMonth(newYear, newMonth));
  return BigInt(dayNumber(newYear, newMonth, newDay)) * ticksPerDay + (ticks - days * ticksPerDay);
}

/** Adds units to a moment; months, quarters and years stop at the month's end. Null beyond the datetime range. */
export function addUnits(part: DatePart, count: bigint, ticks: bigint): bigint | null {
  let sum: bigint | null;
  if (part === "year") sum = addMonths(ticks, count * 12n);
  else if (part === "quarter") sum = addMonths(ticks, count * 3n);
  else if (part === "month") sum = addMonths(ticks, count);
  else sum = ticks + count * (part === "week" ? 7n * ticksPerDay : partTicks[part]!);
  return sum === null || sum < 0n || sum > maxTicks ? null : sum;
}

/** Monday is 0. */
const mondayBased = (day: number): number => day % 7;

function weekOfYear(day: number, iso: boolean): number {
  const { year } = civilDate(day);
  const first = dayNumber(year, 1, 1);
  if (!iso) return Math.floor((day - first + ((first + 1) % 7)) / 7) + 1;
  const thursday = day - mondayBased(day) + 3;
  return Math.floor((thursday - dayNumber(civilDate(thursday).year, 1, 1)) / 7) + 1;
}

/** The part of a moment as DATEPART gives it; `iso` counts weekdays from Monday and weeks as ISO 8601 does. */
export function partOf(part: DatePart, ticks: bigint, iso: boolean): number {
  const inSecond = Number(ticks % ticksPerSecond);
  switch (part) {
    case "hour":
      return Number((ticks / ticksPerHour) % 24n);
    case "minute":
      return Number((ticks / ticksPerMinute) % 60n);
    case "second":
      return Number((ticks / ticksPerSecond) % 60n);
    case "millisecond":
      return Math.floor(inSecond / 10_000);
    case "microsecond":
      return Math.floor(inSecond / 10);
    default: {
      const day = dayOf(ticks);
      const date = civilDate(day);
      if (part === "year") return date.year;
      if (part === "quarter") return Math.floor((date.month - 1) / 3) + 1;
      if (part === "month") return date.month;
      if (part === "day") return date.day;
      if (part === "dayofyear") return day - dayNumber(date.year, 1, 1) + 1;
      if (part === "weekday") return iso ? mondayBased(day) + 1 : ((day + 1) % 7) + 1;
      return weekOfYear(day, iso);
    }
  }
}
