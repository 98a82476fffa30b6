import { LocalError } from "../process/errors";

const minuteMs = 60_000;

/** What decides at which moments the half-time answer of a run can be taken; all in event time. */
export interface CutRules {
  /** Ms since 1970. */
  readonly startMs: number;
  /** The first event comes at most this long after the start. */
  readonly firstEventWithinMs: number;
  readonly captureIntervalMs: number;
  readonly lateToleranceMs: number;
}

/** The earliest half-time answer with windows of the batch layer; ms since 1970. */
export interface CutPlan {
  /** The batch run waits until Capture has completed this moment. */
  readonly capturedMs: number;
  /** The watermark of a batch run over no more than that. */
  readonly batchHighWatermarkMs: number;
}

/** Capture completes whole intervals only: the first one after which a window has ended for the batch layer. */
export function planCut(rules: CutRules): CutPlan {
  const { startMs, firstEventWithinMs, captureIntervalMs, lateToleranceMs } = rules;
  const firstEndMs = ceil(startMs + firstEventWithinMs, minuteMs);
  const capturedMs = ceil(firstEndMs + lateToleranceMs, captureIntervalMs);
  return {
    capturedMs,
    batchHighWatermarkMs: Math.floor((capturedMs - lateToleranceMs) / minuteMs) * minuteMs,
  };
}

/** A simulated run as far as it decides whether the half-time answer has windows from both sides. */
export interface PlannedRun extends Pick<CutRules, "startMs" | "captureIntervalMs" | "lateToleranceMs"> {
  /** Wall seconds. */
  readonly forSeconds: number;
  readonly speed: number;
  /** Events per wall second. */
  readonly rate: number;
  /** Event time between two sends; the last event lies in the last of them. */
  readonly tickMs: number;
  readonly longestWindowMs: number;
}

/**
 * Checks before anything is sent that the half-time answer of a run can have windows from both layers.
 *
 * @throws {LocalError} LOCAL_RUN_TOO_SHORT that says how long the run must be
 */
export function checkRunLength(run: PlannedRun): void {
  const { startMs, forSeconds, speed, rate, tickMs, longestWindowMs } = run;
  const eventMs = (wallSeconds: number) => wallSeconds * speed * 1000;
  const firstEventWithinMs = eventMs(1 / rate) + tickMs;
  const { batchHighWatermarkMs } = planCut({ ...run, firstEventWithinMs });
  // The last event is in windows that end up to so much after its own minute; one must end beyond the watermark.
  const lastEventAfterMs = batchHighWatermarkMs + minuteMs - longestWindowMs;
  const neededMs = lastEventAfterMs < startMs ? 0 : lastEventAfterMs - startMs + 1 + tickMs;
  if (eventMs(forSeconds) >= neededMs && Math.round(rate * forSeconds) >= 1) return;
  const neededSeconds = Math.ceil(Math.max(neededMs / eventMs(1), 1 / rate));
  throw new LocalError(
    "LOCAL_RUN_TOO_SHORT",
    `${forSeconds} s at ${speed} times real time (${describe(eventMs(forSeconds))} of event time) end before the batch and the real-time layer both have a window`,
    {
      detail: `Capture writes a file every ${describe(run.captureIntervalMs)} of event time, so the first batch run answers up to ${new Date(batchHighWatermarkMs).toISOString()}; the run starts at ${new Date(startMs).toISOString()}`,
      hint: `give --for ${neededSeconds}s or more, a higher --speed, or another --clock`,
    },
  );
}

function describe(ms: number): string {
  return ms < 2 * minuteMs
    ? `${Number((ms / 1000).toFixed(1))} s`
    : `${Number((ms / minuteMs).toFixed(1))} min`;
}

function ceil(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
