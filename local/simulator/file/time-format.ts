import { type RepeatedHour, TimeZone } from "./time-zone";

/** Reads one time text; returns ms since 1970 UTC, or undefined when the text does not name a moment. */
export type TimeReader = (text: string) => number | undefined;

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
  /** Null when the text has none. */
  offsetMs: number | null;
}

const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

function milliseconds(digits: string): number {
  return Number(`${digits}00`.slice(0, 3));
}

function offsetOf(text: string): number {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(text);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return (match[1] === "-" ? -minutes : minutes) * 60_000;
}

/** Each token of a pattern: what it matches and what it sets. Longest first. */
const tokens: readonly (readonly [string, string, (parts: Parts, text: string) => void])[] = [
  [
    "yyyy",
    "(\\d{4})",
    (parts, text) => {
      parts.year = Number(text);
    },
  ],
  [
    "yy",
    "(\\d{2})",
    (parts, text) => {
      parts.year = 2000 + Number(text);
    },
  ],
  [
    "MMM",
    "([A-Za-z]{3})",
    (parts, text) => {
      parts.month = monthNames.indexOf(text.toLowerCase()) + 1;
    },
  ],
  [
    "MM",
    "(\\d{2})",
    (parts, text) => {
      parts.month = Number(text);
    },
  ],
  [
    "M",
    "(\\d{1,2})",
    (parts, text) => {
      parts.month = Number(text);
    },
  ],
  [
    "dd",
    "(\\d{2})",
    (parts, text) => {
      parts.day = Number(text);
    },
  ],
  [
    "d",
    "(\\d{1,2})",
    (parts, text) => {
      parts.day = Number(text);
    },
  ],
  [
    "HH",
    "(\\d{2})",
    (parts, text) => {
      parts.hour = Number(text);
    },
  ],
  [
    "H",
    "(\\d{1,2})",
    (parts, text) => {
      parts.hour = Number(text);
    },
  ],
  [
    "hh",
    "(0[1-9]|1[0-2])",
    (parts, text) => {
      parts.hour += Number(text) % 12;
    },
  ],
  [
    "h",
    "(1[0-2]|0?[1-9])",
    (parts, text) => {
      parts.hour += Number(text) % 12;
    },
  ],
  [
    "mm",
    "(\\d{2})",
    (parts, text) => {
      parts.minute = Number(text);
    },
  ],
  [
    "m",
    "(\\d{1,2})",
    (parts, text) => {
      parts.minute = Number(text);
    },
  ],
  [
    "ss",
    "(\\d{2})",
    (parts, text) => {
      parts.second = Number(text);
    },
  ],
  [
    "s",
    "(\\d{1,2})",
    (parts, text) => {
      parts.second = Number(text);
    },
  ],
  [
    "a",
    "([AaPp]\\.?[Mm]\\.?)",
    (parts, text) => {
      if (text[0]!.toLowerCase() === "p") parts.hour += 12;
    },
  ],
  [
    "XXX",
    "(Z|[+-]\\d{2}:?\\d{2})",
    (parts, text) => {
      parts.offsetMs = offsetOf(text);
    },
  ],
];

/** Returns the moment of the parts, or undefined when a part is out of its range. */
function momentOf(parts: Parts, zone: TimeZone | null, repeated: RepeatedHour): number | undefined {
  const { year, month, day, hour, minute, second, ms, offsetMs } = parts;
  const local = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  const read = new Date(local);
  const real =
    year >= 1000 &&
    read.getUTCMonth() === month - 1 &&
    read.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  if (!real) return undefined;
  if (offsetMs !== null) return local - offsetMs;
  return zone === null ? local : zone.toUtc(local, repeated);
}

function emptyParts(): Parts {
  return { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0, ms: 0, offsetMs: null };
}

const isoPattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d\d(?::?\d\d)?)?)?$/;

function readIso(text: string): Parts | undefined {
  const match = isoPattern.exec(text);
  if (match === null) return undefined;
  const offset = match[8];
  return {
    year: Number(match[1]),
    month: Number(match[2]),
    day: Number(match[3]),
    hour: Number(match[4] ?? 0),
    minute: Number(match[5] ?? 0),
    second: Number(match[6] ?? 0),
    ms: milliseconds(match[7] ?? ""),
    offsetMs: offset === undefined ? null : offsetOf(offset),
  };
}

/** Returns the reader of a pattern's parts. @throws {RangeError} with the pattern's mistake */
function patternReader(pattern: string): (text: string) => Parts | undefined {
  let source = "";
  const setters: ((parts: Parts, text: string) => void)[] = [];
  const seen = new Set<string>();
  for (let at = 0; at < pattern.length; ) {
    if (pattern[at] === "'") {
      const end = pattern.indexOf("'", at + 1);
      if (end < 0) throw new RangeError("a quote is not closed");
      source += pattern.slice(at + 1, end).replace(/[^A-Za-z0-9]/g, "\\$&");
      at = end + 1;
      continue;
    }
    const letters = /^([A-Za-z])\1*/.exec(pattern.slice(at))?.[0];
    if (letters === undefined) {
      source += pattern[at] === " " ? "\\s+" : `\\${pattern[at]}`;
      at += 1;
      continue;
    }
    at += letters.length;
    if (/^S+$/.test(letters)) {
      seen.add("S");
      source += `(\\d{${letters.length}})`;
      setters.push((parts, text) => {
        parts.ms = milliseconds(text);
      });
      continue;
    }
    const token = tokens.find(([name]) => name === letters);
    if (token === undefined) throw new RangeError(`"${letters}" is not a part of a time pattern`);
    seen.add(letters[0]!);
    source += token[1];
    setters.push(token[2]);
  }
  for (const needed of ["y", "M", "d"]) {
    if (!seen.has(needed)) throw new RangeError(`the pattern has no "${needed}"`);
  }
  if (seen.has("h") && !seen.has("a")) throw new RangeError('"h" needs "a" (AM or PM)');
  const expression = new RegExp(`^${source}$`);
  return (text) => {
    const match = expression.exec(text);
    if (match === null) return undefined;
    const parts = emptyParts();
    setters.forEach((set, n) => {
      set(parts, match[n + 1]!);
    });
    return parts;
  };
}

/**
 * Returns the reader of a time format: `iso` (date and time with T or a space, offset optional), `unix-s`, `unix-ms`, or a
 * pattern. Times without an offset are local times of the zone; fractions below a millisecond are cut.
 *
 * @throws {RangeError} with the mistake in the format or the zone
 */
export function timeReader(format: string, zoneName = "UTC", repeated: RepeatedHour = "first"): TimeReader {
  const zone = zoneName === "UTC" ? null : new TimeZone(zoneName);
  if (format === "unix-s" || format === "unix-ms") {
    const factor = format === "unix-s" ? 1000 : 1;
    return (text) => {
      if (!/^-?\d{1,16}(\.\d+)?$/.test(text)) return undefined;
      const moment = Math.floor(Number(text) * factor + 1e-6);
      return Math.abs(moment) <= 8.64e15 ? moment : undefined;
    };
  }
  const parse = format === "iso" ? readIso : patternReader(format);
  return (text) => {
    const parts = parse(text);
    return parts === undefined ? undefined : momentOf(parts, zone, repeated);
  };
}
