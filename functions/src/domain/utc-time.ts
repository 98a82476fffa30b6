const isoPattern = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:[.](\d{1,7}))?Z$/;

/**
 * Writes an ISO 8601 UTC time with seven digits of fraction, so that times sort as texts.
 * @returns undefined when the text is no such time.
 */
export function canonicalTime(text: string): string | undefined {
  const match = isoPattern.exec(text);
  if (match === null) return undefined;
  const seconds = match[1] as string;
  const parsed = new Date(`${seconds}Z`);
  if (Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 19) !== seconds) return undefined;
  return `${seconds}.${(match[2] ?? "").padEnd(7, "0")}Z`;
}

/** Writes milliseconds since 1970 the same way. */
export function canonicalTimeOfMs(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}0000Z`;
}

/** Milliseconds since 1970 of a canonical time; digits below the millisecond are cut. */
export function msOfTime(canonical: string): number {
  return Date.parse(`${canonical.slice(0, 23)}Z`);
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Length of a window label such as `1m`, `5m` or `1h` in milliseconds. @throws RangeError for another text. */
export function windowLengthMs(label: string): number {
  const match = /^([1-9]\d*)([smhd])$/.exec(label);
  if (match === null) throw new RangeError(`"${label}" is no window length`);
  return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
}
