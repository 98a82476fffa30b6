import { storedClockMs } from "../event-hubs";
import type { ClockOwner } from "./clock-owner";
import type { DataFolder } from "./data-folder";

const fileName = "clock.json";
const saveIntervalMs = 500;

/** Where the clock begins over a data folder: as asked, but never before where it stood. Ms since 1970. */
export function resumedClockMs(data: DataFolder, startMs: number): number {
  const saved = data.readJson<{ readonly nowMs: number }>(fileName)?.nowMs ?? Number.NEGATIVE_INFINITY;
  const stored = storedClockMs(data.room("event-hubs")) ?? Number.NEGATIVE_INFINITY;
  return Math.max(startMs, saved + 1, stored + 1);
}

/** Notes twice a second where the clock stands; returns what ends that with an exact last note. */
export function saveClock(data: DataFolder, clock: ClockOwner): () => void {
  const save = (aheadMs: number) =>
    data.writeJson(fileName, { nowMs: Math.ceil(clock.clock.now() + aheadMs) });
  // Ahead by one interval, so that a kill cannot bring the clock back before what was enqueued meanwhile.
  const timer = setInterval(() => save(saveIntervalMs * 2 * clock.speed), saveIntervalMs);
  return () => {
    clearInterval(timer);
    save(0);
  };
}
