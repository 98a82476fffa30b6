import { civilDate, dayNumber, daysInMonth } from "../../values/calendar";
import { parseDateTime } from "../../values/datetime";
import {
  ticksPerDay,
  ticksPerHour,
  ticksPerMillisecond,
  ticksPerMinute,
  ticksPerSecond,
} from "../../values/ticks";
import { DateTime, type Value } from "../../values/value";
import { BuiltinError, type Evaluate, scalar, takes } from "./builtin";
import { addUnits, dayOf, partOf, unitNumber } from "./date-math";
import type { DatePart } from "./date-parts";

const ticks = (value: Value | undefined): bigint => (value as DateTime).ticks;
const part = (value: Value | undefined): DatePart => value as DatePart;

const monthNames = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const weekdayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

const dateAdd: Evaluate = ([unit, count, moment]) => {
  const sum = addUnits(part(unit), count as bigint, ticks(moment));
  if (sum === null)
    throw new BuiltinError("the result of function dateadd lies outside the range of datetime");
  return new DateTime(sum);
};

const dateDiff: Evaluate = ([unit, from, to]) =>
  unitNumber(part(unit), ticks(to)) - unitNumber(part(unit), ticks(from));

const datePart: Evaluate = ([unit, moment], dialect) =>
  BigInt(partOf(part(unit), ticks(moment), dialect.dateParts === "iso"));

const dateName: Evaluate = ([unit, moment], dialect) => {
  const day = dayOf(ticks(moment));
  if (unit === "month") return monthNames[civilDate(day).month - 1]!;
  if (unit === "weekday") return weekdayNames[day % 7]!;
  return String(partOf(part(unit), ticks(moment), dialect.dateParts === "iso"));
};

const fromParts: Evaluate = (args) => {
  const [year, month, day, hour, minute, second, millisecond] = args.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const dateFits =
    year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  const inside = (value: number, end: number) => value >= 0 && value < end;
  if (
    !dateFits ||
    !inside(hour, 24) ||
    !inside(minute, 60) ||
    !inside(second, 60) ||
    !inside(millisecond, 1000)
  ) {
    throw new BuiltinError("a part given to function datetimefromparts is out of range");
  }
  return new DateTime(
    BigInt(dayNumber(year, month, day)) * ticksPerDay +
      BigInt(hour) * ticksPerHour +
      BigInt(minute) * ticksPerMinute +
      BigInt(second) * ticksPerSecond +
      BigInt(millisecond) * ticksPerMillisecond,
  );
};

const endOfMonth: Evaluate = ([moment, months]) => {
  const shifted = addUnits("month", (months as bigint | undefined) ?? 0n, ticks(moment));
  if (shifted === null)
    throw new BuiltinError("the result of function eomonth lies outside the range of datetime");
  const { year, month } = civilDate(dayOf(shifted));
  return new DateTime(BigInt(dayNumber(year, month, daysInMonth(year, month))) * ticksPerDay);
};

const isDate: Evaluate = ([value]) =>
  value instanceof DateTime || (typeof value === "string" && parseDateTime(value) !== null) ? 1n : 0n;

const three =
  (name: "year" | "month" | "day"): Evaluate =>
  ([moment], dialect) =>
    BigInt(partOf(name, ticks(moment), dialect.dateParts === "iso"));

/** Date and time functions; every date argument takes a datetime or ISO 8601 text. NULL in gives NULL out. */
export const dateTimeBuiltins = [
  scalar("DATEADD", [takes.datePart, takes.bigint, takes.datetime], "datetime", dateAdd),
  scalar("DATEDIFF", [takes.datePart, takes.datetime, takes.datetime], "bigint", dateDiff, {
    aliases: ["DATEDIFF_BIG"],
  }),
  scalar("DATEPART", [takes.datePart, takes.datetime], "bigint", datePart),
  scalar("DATENAME", [takes.datePart, takes.datetime], "nvarchar(max)", dateName),
  scalar(
    "DATETIMEFROMPARTS",
    [takes.bigint, takes.bigint, takes.bigint, takes.bigint, takes.bigint, takes.bigint, takes.bigint],
    "datetime",
    fromParts,
  ),
  scalar("DAY", [takes.datetime], "bigint", three("day")),
  scalar("MONTH", [takes.datetime], "bigint", three("month")),
  scalar("YEAR", [takes.datetime], "bigint", three("year")),
  scalar("EOMONTH", [takes.datetime, takes.bigint], "datetime", endOfMonth, { minArguments: 1 }),
  scalar("ISDATE", [takes.any], "bigint", isDate),
] as const;
