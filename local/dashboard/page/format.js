const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const twoDigits = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

/** A count; thousands and millions are shortened from 10,000 on. */
export function formatCount(value) {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 1e6) return `${oneDigit.format(value / 1e6)}M`;
  if (Math.abs(value) >= 1e4) return `${oneDigit.format(value / 1e3)}k`;
  return whole.format(value);
}

/** Events per second. */
export function formatRate(value) {
  if (!Number.isFinite(value)) return "–/s";
  return value > 0 && value < 10 ? `${oneDigit.format(value)}/s` : `${formatCount(value)}/s`;
}

/** Milliseconds; seconds from 10,000 ms on. */
export function formatMs(value) {
  if (!Number.isFinite(value)) return "–";
  if (value >= 1e4) return `${oneDigit.format(value / 1e3)} s`;
  return value < 10 ? `${oneDigit.format(value)} ms` : `${whole.format(value)} ms`;
}

export function formatValue(value) {
  return Number.isFinite(value) ? twoDigits.format(value) : "–";
}

/** Time of day in UTC, with seconds. */
export function formatTime(iso) {
  const ms = Date.parse(iso);
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(11, 19) : "–";
}

/** Hours and minutes in UTC. */
export function formatMinute(ms) {
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(11, 16) : "–";
}

/** Date and time in UTC. */
export function formatMoment(iso) {
  const ms = Date.parse(iso);
  return Number.isFinite(ms) ? `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC` : "–";
}

/** Words of an identifier such as `stream-analytics`. */
export function formatName(name) {
  return name.replaceAll("-", " ");
}
