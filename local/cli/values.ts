import { LocalError } from "../process/errors";

function usage(option: string, text: string, expected: string): LocalError {
  return new LocalError("LOCAL_USAGE", `--${option} cannot be "${text}"`, { hint: `give ${expected}` });
}

const secondsPer: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600 };

/** Reads a duration ("120s", "2m", "1.5h", "90") as seconds. @throws {LocalError} LOCAL_USAGE */
export function seconds(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|min|h)?$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) * secondsPer[match[2] ?? "s"]!;
  if (!(value > 0)) throw usage(option, text, "a duration such as 120s, 5m or 1h");
  return value;
}

/** Reads "2%" or "0.02" as a fraction from 0 to 1. @throws {LocalError} LOCAL_USAGE */
export function fraction(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%)?$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === undefined ? 1 : 100);
  if (!(value >= 0 && value <= 1)) throw usage(option, text, "a share such as 2% or 0.02, at most 100%");
  return value;
}

/** Reads "30x" or "30" as a factor above 0, at most 1000. @throws {LocalError} LOCAL_USAGE */
export function speed(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)x?$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]);
  if (!(value > 0 && value <= 1000)) throw usage(option, text, "a factor such as 1x or 30x, at most 1000x");
  return value;
}

/** Reads a whole number within bounds. @throws {LocalError} LOCAL_USAGE */
export function whole(option: string, text: string, minimum: number, maximum: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= minimum && value <= maximum))
    throw usage(option, text, `a whole number from ${minimum} to ${maximum}`);
  return value;
}

/** Reads a moment in ISO 8601; without an offset it means UTC. Returns ms since 1970. @throws {LocalError} LOCAL_USAGE */
export function moment(option: string, text: string): number {
  const zoned = /(Z|[+-]\d{2}:\d{2})$/i.test(text) || /^\d{4}-\d{2}-\d{2}$/.test(text);
  const value = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?)?(Z|[+-]\d{2}:\d{2})?$/i.test(text)
    ? Date.parse(zoned ? text : `${text}Z`)
    : Number.NaN;
  if (Number.isNaN(value) || !existingDay(text.slice(0, 10)))
    throw usage(option, text, "a moment such as 2026-01-05T08:00:00Z");
  return value;
}

/** Date.parse takes the 30th of February for a day in March. */
function existingDay(date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
}
