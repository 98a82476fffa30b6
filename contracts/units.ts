/** 100 ns ticks, UTC, counted from 0001-01-01T00:00:00Z, as .NET and Stream Analytics count them. */
export type Ticks = bigint & { readonly unit?: "100ns" };

/** Milliseconds since 1970-01-01T00:00:00Z on the platform clock. */
export type EventTimeMs = number & { readonly unit?: "ms" };

/** Ticks of 100 ns in a millisecond. */
export const ticksPerMs = 10_000n;

/** Ticks of 1970-01-01T00:00:00Z. */
export const unixEpochTicks = 621_355_968_000_000_000n;

/** Returns the ticks of a moment given in milliseconds since 1970; fractions of a millisecond are kept to the tick. */
export function ticksFromUnixMs(ms: EventTimeMs): Ticks {
  return unixEpochTicks + BigInt(Math.round(ms * 10_000));
}

/** Returns milliseconds since 1970, rounded down to the millisecond. */
export function unixMsFromTicks(ticks: Ticks): EventTimeMs {
  const relative = ticks - unixEpochTicks;
  const ms = relative / ticksPerMs;
  return Number(relative < 0n && relative % ticksPerMs !== 0n ? ms - 1n : ms);
}
