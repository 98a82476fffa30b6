import { ticksPerDay } from "../../values/ticks";

/** Ticks at 2020-01-01T00:00:00Z, from which the fast path counts time in doubles. */
export const baseTicks = 737_424n * ticksPerDay;

/** Farthest moment from the base that a double holds exactly with room for a window beside it: about 27 years. */
const reachTicks = 8_500_000_000_000_000n;

/** True when the fast path can hold the moment exactly; 1993 to 2046. */
export function inReach(ticks: bigint): boolean {
  const distance = ticks - baseTicks;
  return distance < reachTicks && distance > -reachTicks;
}

/** A moment as a double; exact for moments in reach. */
export function relativeTicks(ticks: bigint): number {
  return Number(ticks - baseTicks);
}

export function absoluteTicks(relative: number): bigint {
  return BigInt(relative) + baseTicks;
}
