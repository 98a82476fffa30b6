import type { Clock } from "../process/clock";

/** How the sender and the platform clock wait for each other. */
export interface ClockGate {
  /** Resolves once the platform clock has reached the moment. */
  reach(atMs: number, signal: AbortSignal): Promise<void>;
  /** Everything due before has been acknowledged: the clock may go on to `untilMs`, no further. */
  release(untilMs: number): void;
}

/** The clock runs by itself and the sender follows it. */
export function followingGate(clock: Clock): ClockGate {
  return { reach: (atMs, signal) => clock.until(atMs, signal), release: () => {} };
}

/** The clock runs at its speed, but never past what the sender has released. */
export function holdingGate(clock: Clock, release: (untilMs: number) => void): ClockGate {
  return { reach: (atMs, signal) => clock.until(atMs, signal), release };
}

/**
 * The clock stands still and is moved to each moment at once. `serverReached` resolves when the broker's own clock is
 * there: it hears of a jump by another way than this process, and a message stored before it has would be hours early.
 */
export function jumpingGate(
  clock: Clock,
  jump: (toMs: number) => void,
  serverReached: (atMs: number, signal: AbortSignal) => Promise<void>,
): ClockGate {
  return {
    async reach(atMs, signal) {
      if (clock.now() < atMs) jump(atMs);
      await clock.until(atMs, signal);
      await serverReached(atMs, signal);
    },
    release: () => {},
  };
}
