/** Offsets change on quarter hours only, so one answer serves the quarter. */
const bucketMs = 15 * 60_000;
const dayMs = 24 * 3600_000;
const bucketsKept = 50_000;

/** Which moment is meant when the zone's clocks show a time twice. */
export type RepeatedHour = "first" | "second";

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Local times of one IANA time zone. */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  /** @throws {RangeError} for a zone that the runtime does not know */
  constructor(name: string) {
    if (!isTimeZone(name)) throw new RangeError(`names no known time zone: "${name}"`);
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      era: "short",
    });
  }

  /** Returns local time minus UTC at that moment, ms. */
  offsetAt(utcMs: number): number {
    const bucket = Math.floor(utcMs / bucketMs);
    const known = this.#offsets.get(bucket);
    if (known !== undefined) return known;
    const start = bucket * bucketMs;
    const parts: Record<string, string> = {};
    for (const { type, value } of this.#format.formatToParts(start)) parts[type] = value;
    const year = Number(parts["year"]);
    const local = Date.UTC(
      parts["era"] === "BC" ? 1 - year : year,
      Number(parts["month"]) - 1,
      Number(parts["day"]),
      Number(parts["hour"]),
      Number(parts["minute"]),
      Number(parts["second"]),
    );
    const offset = local - start;
    if (this.#offsets.size >= bucketsKept) this.#offsets.clear();
    this.#offsets.set(bucket, offset);
    return offset;
  }

  /**
   * Returns the moment at which the zone's clocks show `localMs` (a local time written as if it were UTC). When they show
   * it twice, `repeated` decides; when they never do, as in the hour that summer time skips, returns undefined.
   */
  toUtc(localMs: number, repeated: RepeatedHour = "first"): number | undefined {
    const before = localMs - this.offsetAt(localMs - dayMs);
    const after = localMs - this.offsetAt(localMs + dayMs);
    const moments = [before, after]
      .filter((moment) => moment + this.offsetAt(moment) === localMs)
      .sort((left, right) => left - right);
    return repeated === "first" ? moments[0] : moments.at(-1);
  }
}
