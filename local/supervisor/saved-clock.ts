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

/**
 * Notes twice a second where the clock stands; returns what ends that with an exact last note. A note that cannot be written,
 * on a full disk for one, is told of and left out: the last enqueued time says where the clock must go on as well.
 */
export function saveClock(
  data: DataFolder,
  clock: ClockOwner,
  onProblem: (error: NodeJS.ErrnoException) => void,
): () => void {
  const save = (aheadMs: number) => {
    try {
      data.writeJson(fileName, { nowMs: Math.ceil(clock.clock.now() + aheadMs) });
    } catch (error) {
      onProblem(error as NodeJS.ErrnoException);
    }
  };
  // Ahead by one interval, so that a kill cannot bring the clock back before what was enqueued meanwhile.
  const timer = setInterval(() => save(saveIntervalMs * 2 * clock.speed), saveIntervalMs);
  return () => {
    clearInterval(timer);
    save(0);
  };
}
