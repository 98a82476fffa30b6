const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const relative = /^(\d+)\s*(s|m|h|d|seconds?|minutes?|hours?|days?)\s*(ago)?$/i;

/**
 * Reads a moment as a person types it: `now`, `30 minutes ago`, `2h`, a time of day of the current day, or ISO 8601.
 * Times without a zone are UTC.
 * @throws {Error} that says what is understood
 */
export function readMoment(text, nowMs, fallbackMs) {
  const trimmed = text.trim();
  if (trimmed === "") return fallbackMs;
  if (trimmed.toLowerCase() === "now") return nowMs;
  const match = relative.exec(trimmed);
  if (match !== null) return nowMs - Number(match[1]) * unitMs[match[2][0].toLowerCase()];
  const day = new Date(nowMs).toISOString().slice(0, 10);
  const ofDay = /^\d\d:\d\d(:\d\d)?$/.test(trimmed) ? `${day}T${trimmed}Z` : trimmed;
  const zoned = /([Zz]|[+-]\d\d:?\d\d)$/.test(ofDay) || !ofDay.includes("T") ? ofDay : `${ofDay}Z`;
  const ms = Date.parse(zoned);
  if (Number.isFinite(ms)) return ms;
  throw new Error(`"${trimmed}" is no moment; write 10:05, 30 minutes ago, or 2026-11-21T10:05:00Z`);
}
