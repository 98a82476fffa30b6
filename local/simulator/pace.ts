import { pause } from "./transport";

/** Wall time that a slow stretch may later be made up for. */
const longestCatchUpMs = 1000;

/** Returns a brake that lets so many messages per wall second through, on average over about a second. */
export function wallPace(
  ratePerSecond: number,
  wall: () => number = () => performance.now(),
): (messages: number, signal: AbortSignal) => Promise<void> {
  let dueMs = Number.NEGATIVE_INFINITY;
  return async (messages, signal) => {
    const nowMs = wall();
    dueMs = Math.max(dueMs, nowMs - longestCatchUpMs);
    const waitMs = dueMs - nowMs;
    dueMs += (messages / ratePerSecond) * 1000;
    if (waitMs > 1) await pause(waitMs, signal);
  };
}
