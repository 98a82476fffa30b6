import { HostConfigError } from "../host-error";

interface Field {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly names?: readonly string[];
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const fields: readonly Field[] = [
  { name: "second", minimum: 0, maximum: 59 },
  { name: "minute", minimum: 0, maximum: 59 },
  { name: "hour", minimum: 0, maximum: 23 },
  { name: "day", minimum: 1, maximum: 31 },
  { name: "month", minimum: 1, maximum: 12, names: months },
  { name: "day of week", minimum: 0, maximum: 7, names: days },
];

const dayMs = 86_400_000;
const searchDays = 366 * 9;

/** When a timer runs: a list of moments, or a fixed period. Times are milliseconds since 1970, UTC. */
export interface Schedule {
  /** The first moment after `afterMs`. */
  next(afterMs: number): number;
}

/**
 * Reads an NCRONTAB expression of six fields (or five, for second 0), or a period written `hh:mm:ss`.
 * @throws HostConfigError naming the field that cannot be read, or a schedule that never comes.
 */
export function parseSchedule(text: string): Schedule {
  const period = /^(?:(\d+)[.])?(\d+):(\d{2}):(\d{2})$/.exec(text.trim());
  if (period !== null) {
    const [d = 0, h, m, s] = period.slice(1).map((part) => Number(part ?? 0)) as [
      number,
      number,
      number,
      number,
    ];
    const periodMs = d * dayMs + h * 3_600_000 + m * 60_000 + s * 1_000;
    if (periodMs <= 0) throw mistake(text, "the period is zero");
    return { next: (afterMs) => afterMs + periodMs };
  }
  const parts = text.trim().split(/\s+/);
  if (parts.length === 5) parts.unshift("0");
  if (parts.length !== 6) throw mistake(text, `it has ${parts.length} fields, not six`);
  const [seconds, minutes, hours, monthDays, monthSet, weekDays] = parts.map((part, index) =>
    parseField(text, part, fields[index] as Field),
  ) as [number[], number[], number[], number[], number[], number[]];
  const week = new Set(weekDays.map((day) => day % 7));
  const schedule = {
    next(afterMs: number): number {
      const firstMs = Math.floor(afterMs / 1_000) * 1_000 + 1_000;
      const midnight = Math.floor(firstMs / dayMs) * dayMs;
      for (let day = 0; day < searchDays; day++) {
        const dayStart = midnight + day * dayMs;
        const date = new Date(dayStart);
        if (!monthSet.includes(date.getUTCMonth() + 1) || !monthDays.includes(date.getUTCDate())) continue;
        if (!week.has(date.getUTCDay())) continue;
        for (const hour of hours) {
          for (const minute of minutes) {
            for (const second of seconds) {
              const moment = dayStart + hour * 3_600_000 + minute * 60_000 + second * 1_000;
              if (moment >= firstMs) return moment;
            }
          }
        }
      }
      throw mistake(text, "no such moment comes");
    },
  };
  schedule.next(0);
  return schedule;
}

function parseField(schedule: string, text: string, field: Field): number[] {
  const values = new Set<number>();
  for (const item of text.split(",")) {
    const match = /^(\*|[A-Za-z0-9]+)(?:-([A-Za-z0-9]+))?(?:\/(\d+))?$/.exec(item);
    if (match === null) throw mistake(schedule, `the ${field.name} "${item}" cannot be read`);
    const [, first = "", last, step] = match;
    const from = first === "*" ? field.minimum : fieldValue(schedule, first, field);
    const open = first === "*" || step !== undefined;
    const to = last !== undefined ? fieldValue(schedule, last, field) : open ? field.maximum : from;
    const by = Number(step ?? 1);
    if (by < 1 || from > to) throw mistake(schedule, `the ${field.name} "${item}" holds nothing`);
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

function fieldValue(schedule: string, text: string, field: Field): number {
  const named = field.names?.indexOf(text.slice(0, 3).toLowerCase()) ?? -1;
  const value =
    named >= 0 ? named + (field.minimum === 1 ? 1 : 0) : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= field.minimum && value <= field.maximum)) {
    throw mistake(schedule, `the ${field.name} "${text}" is not from ${field.minimum} to ${field.maximum}`);
  }
  return value;
}

function mistake(schedule: string, detail: string): HostConfigError {
  return new HostConfigError(
    `the timer schedule "${schedule}" cannot be used: ${detail}`,
    'write {second} {minute} {hour} {day} {month} {day of week}, such as "0 */5 * * * *", or a period hh:mm:ss',
  );
}
