/** Ticks of 100 ns, the unit of every moment and duration of the engine. */
export const ticksPerMicrosecond = 10n;
export const ticksPerMillisecond = 10_000n;
export const ticksPerSecond = 10_000_000n;
export const ticksPerMinute = 600_000_000n;
export const ticksPerHour = 36_000_000_000n;
export const ticksPerDay = 864_000_000_000n;

/** Last representable moment, 9999-12-31T23:59:59.9999999Z. */
export const maxTicks = 3_652_059n * ticksPerDay - 1n;

/** Ticks at 1970-01-01T00:00:00Z. */
export const unixEpochTicks = 719_162n * ticksPerDay;

/** Ticks since 0001-01-01 of a Unix time in milliseconds. */
export function ticksFromUnixMillis(millis: number): bigint {
  return unixEpochTicks + BigInt(Math.round(millis)) * ticksPerMillisecond;
}

/** Unix time in milliseconds of ticks since 0001-01-01; fractions of a millisecond are cut off. */
export function unixMillisFromTicks(ticks: bigint): number {
  return Number((ticks - unixEpochTicks) / ticksPerMillisecond);
}

/** Integer division rounding toward minus infinity. */
export function floorDiv(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor !== 0n && dividend < 0n !== divisor < 0n ? quotient - 1n : quotient;
}
