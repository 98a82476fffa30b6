import type { Value } from "../value";
import { define, type FunctionDefinition, type FunctionTable } from "./definition";

const iso = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?(Z|[+-]\d\d:\d\d)?)?$/;
const ticksPerMs = 10_000n;
const ticksPerDay = 864_000_000_000n;

/** Ticks of 100 ns since 1970 of an ISO 8601 text; undefined for a text that is none. */
export function parseDateTime(text: string): bigint | undefined {
  const match = iso.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = match;
  const ms = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const date = new Date(ms);
  const whole = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!whole || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const ticks = BigInt(ms) * ticksPerMs + BigInt(fraction.padEnd(7, "0"));
  if (zone === "Z") return ticks;
  const shift = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return ticks - BigInt(zone.startsWith("-") ? -shift : shift) * 60_000n * ticksPerMs;
}

/** ISO text with seven digits of a second, in UTC; undefined outside the years 1 to 9999. */
export function formatDateTime(ticks: bigint): string | undefined {
  const ms = Number(floorDivide(ticks, ticksPerMs));
  const year = new Date(ms).getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) return undefined;
  const seconds = new Date(ms).toISOString().slice(0, 19);
  const fraction = ticks - floorDivide(ticks, 10_000_000n) * 10_000_000n;
  return `${seconds}.${fraction.toString().padStart(7, "0")}Z`;
}

function floorDivide(left: bigint, right: bigint): bigint {
  const quotient = left / right;
  return left % right < 0n ? quotient - 1n : quotient;
}

type Part =
  | "year"
  | "month"
  | "weekday"
  | "day"
  | "hour"
  | "minute"
  | "second"
  | "millisecond"
  | "microsecond"
  | "nanosecond";

const partNames: Readonly<Record<string, Part>> = {
  year: "year",
  yyyy: "year",
  yy: "year",
  month: "month",
  mm: "month",
  m: "month",
  weekday: "weekday",
  dw: "weekday",
  w: "weekday",
  day: "day",
  dd: "day",
  d: "day",
  hour: "hour",
  hh: "hour",
  minute: "minute",
  mi: "minute",
  n: "minute",
  second: "second",
  ss: "second",
  s: "second",
  millisecond: "millisecond",
  ms: "millisecond",
  microsecond: "microsecond",
  mcs: "microsecond",
  nanosecond: "nanosecond",
  ns: "nanosecond",
};

/** Length of a part in ticks; parts shorter than a tick count 100 to one. */
const partTicks: Readonly<Partial<Record<Part, bigint>>> = {
  day: ticksPerDay,
  hour: 36_000_000_000n,
  minute: 600_000_000n,
  second: 10_000_000n,
  millisecond: ticksPerMs,
  microsecond: 10n,
};

function partOf(name: Value): Part | undefined {
  return typeof name === "string" ? partNames[name.toLowerCase()] : undefined;
}

function addParts(ticks: bigint, part: Part, count: number): bigint | undefined {
  if (part === "weekday") return undefined;
  if (part === "year" || part === "month") {
    const dayTicks = ticks - floorDivide(ticks, ticksPerDay) * ticksPerDay;
    const date = new Date(Number((ticks - dayTicks) / ticksPerMs));
    const months = date.getUTCMonth() + (part === "year" ? count * 12 : count);
    const lastDay = new Date(Date.UTC(date.getUTCFullYear(), months + 1, 0)).getUTCDate();
    const moved = Date.UTC(date.getUTCFullYear(), months, Math.min(date.getUTCDate(), lastDay));
    return Number.isFinite(moved) ? BigInt(moved) * ticksPerMs + dayTicks : undefined;
  }
  if (part === "nanosecond") return ticks + BigInt(count) / 100n;
  return ticks + BigInt(count) * (partTicks[part] as bigint);
}

/** Counts the boundaries of the part between two moments. */
function countBoundaries(part: Part, start: bigint, end: bigint): number | undefined {
  if (part === "weekday") return undefined;
  if (part === "nanosecond") return Number((end - start) * 100n);
  if (part === "year" || part === "month") {
    const from = new Date(Number(floorDivide(start, ticksPerMs)));
    const to = new Date(Number(floorDivide(end, ticksPerMs)));
    const years = to.getUTCFullYear() - from.getUTCFullYear();
    return part === "year" ? years : years * 12 + to.getUTCMonth() - from.getUTCMonth();
  }
  const length = partTicks[part] as bigint;
  return Number(floorDivide(end, length) - floorDivide(start, length));
}

function readPart(part: Part, ticks: bigint): number {
  const date = new Date(Number(floorDivide(ticks, ticksPerMs)));
  const fraction = Number(ticks - floorDivide(ticks, 10_000_000n) * 10_000_000n);
  switch (part) {
    case "year":
      return date.getUTCFullYear();
    case "month":
      return date.getUTCMonth() + 1;
    case "weekday":
      return date.getUTCDay() + 1;
    case "day":
      return date.getUTCDate();
    case "hour":
      return date.getUTCHours();
    case "minute":
      return date.getUTCMinutes();
    case "second":
      return date.getUTCSeconds();
    case "millisecond":
      return Math.floor(fraction / 10_000);
    case "microsecond":
      return Math.floor(fraction / 10);
    default:
      return fraction * 100;
  }
}

/** The length of a bin; months and years have none that is fixed. */
function binLength(part: Part, count: number): bigint | undefined {
  const length = partTicks[part];
  return length === undefined || !Number.isInteger(count) || count < 1 ? undefined : length * BigInt(count);
}

function ofText(evaluate: (ticks: bigint) => Value): FunctionDefinition {
  return define(1, 1, (text) => {
    const ticks = typeof text === "string" ? parseDateTime(text) : undefined;
    return ticks === undefined ? undefined : evaluate(ticks);
  });
}

function ofInteger(evaluate: (count: bigint) => Value): FunctionDefinition {
  return define(1, 1, (value) => (Number.isInteger(value) ? evaluate(BigInt(value as number)) : undefined));
}

function currentTicks(): bigint {
  return BigInt(Date.now()) * ticksPerMs;
}

export const dateTimeFunctions: FunctionTable = {
  DATETIMEADD: define(3, 3, (name, count, text) => {
    const part = partOf(name);
    const ticks = typeof text === "string" ? parseDateTime(text) : undefined;
    if (part === undefined || ticks === undefined || !Number.isSafeInteger(count)) return undefined;
    const moved = addParts(ticks, part, count as number);
    return moved === undefined ? undefined : formatDateTime(moved);
  }),
  DATETIMEBIN: define(2, 4, (text, name, count = 1, originText = "1970-01-01T00:00:00.0000000Z") => {
    const part = partOf(name);
    const ticks = typeof text === "string" ? parseDateTime(text) : undefined;
    const origin = typeof originText === "string" ? parseDateTime(originText) : undefined;
    if (part === undefined || ticks === undefined || origin === undefined || typeof count !== "number")
      return undefined;
    const length = binLength(part, count);
    return length === undefined
      ? undefined
      : formatDateTime(origin + floorDivide(ticks - origin, length) * length);
  }),
  DATETIMEDIFF: define(3, 3, (name, start, end) => {
    const part = partOf(name);
    const from = typeof start === "string" ? parseDateTime(start) : undefined;
    const to = typeof end === "string" ? parseDateTime(end) : undefined;
    return part === undefined || from === undefined || to === undefined
      ? undefined
      : countBoundaries(part, from, to);
  }),
  DATETIMEFROMPARTS: define(3, 7, (...parts) => {
    if (!parts.every((value) => Number.isInteger(value) && (value as number) >= 0)) return undefined;
    const [year, month, day, hour = 0, minute = 0, second = 0, fraction = 0] = parts as number[];
    const pad = (value: number | undefined, width: number) => String(value).padStart(width, "0");
    const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
    const text = `${date}T${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}.${pad(fraction, 7)}Z`;
    return parseDateTime(text) === undefined ? undefined : text;
  }),
  DATETIMEPART: define(2, 2, (name, text) => {
    const part = partOf(name);
    const ticks = typeof text === "string" ? parseDateTime(text) : undefined;
    return part === undefined || ticks === undefined ? undefined : readPart(part, ticks);
  }),
  DATETIMETOTICKS: ofText(Number),
  DATETIMETOTIMESTAMP: ofText((ticks) => Number(floorDivide(ticks, ticksPerMs))),
  GETCURRENTDATETIME: define(0, 0, () => formatDateTime(currentTicks())),
  GETCURRENTDATETIMESTATIC: define(0, 0, () => formatDateTime(currentTicks())),
  GETCURRENTTICKS: define(0, 0, () => Number(currentTicks())),
  GETCURRENTTICKSSTATIC: define(0, 0, () => Number(currentTicks())),
  GETCURRENTTIMESTAMP: define(0, 0, () => Date.now()),
  GETCURRENTTIMESTAMPSTATIC: define(0, 0, () => Date.now()),
  TICKSTODATETIME: ofInteger((ticks) => formatDateTime(ticks)),
  TIMESTAMPTODATETIME: ofInteger((ms) => formatDateTime(ms * ticksPerMs)),
};
