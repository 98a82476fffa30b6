import { checkRunLength, type PlannedRun, planCut } from "../../../../local/run/cut-plan";

const minuteMs = 60_000;
const eight = Date.parse("2026-01-05T08:00:00Z");
const run: PlannedRun = {
  startMs: eight,
  forSeconds: 10,
  speed: 10,
  rate: 50,
  tickMs: 500,
  captureIntervalMs: 5 * minuteMs,
  lateToleranceMs: 10_000,
  longestWindowMs: 5 * minuteMs,
};

function refusal(changes: Partial<PlannedRun>): { code: string; message: string; hint?: string } | undefined {
  try {
    checkRunLength({ ...run, ...changes });
    return undefined;
  } catch (error) {
    return error as { code: string; message: string; hint: string };
  }
}

/** Ends of all windows that an event is in, minute by minute. */
function endsOf(eventMs: number): number[] {
  const first = Math.ceil(eventMs / minuteMs) * minuteMs;
  return [0, 1, 2, 3, 4].map((hop) => first + hop * minuteMs);
}

/** Plays the run: where events may lie at worst, which file comes first, what stands on each side of the watermark. */
function hasBothSides({ startMs, forSeconds, speed, rate, ...rules }: PlannedRun): boolean {
  const spacingMs = (speed * 1000) / rate;
  const endMs = startMs + forSeconds * speed * 1000;
  const firstMs = startMs + spacingMs + rules.tickMs;
  const lastMs = Math.max(startMs + 1, endMs - rules.tickMs);
  let capturedMs = Math.floor(startMs / rules.captureIntervalMs) * rules.captureIntervalMs;
  while (capturedMs - rules.lateToleranceMs < endsOf(firstMs)[0]!) capturedMs += rules.captureIntervalMs;
  const watermarkMs = Math.floor((capturedMs - rules.lateToleranceMs) / minuteMs) * minuteMs;
  return endsOf(lastMs).some((end) => end > watermarkMs);
}

describe("planCut", () => {
  it.each([
    ["2026-01-05T08:00:00Z", "2026-01-05T08:05:00Z", "2026-01-05T08:04:00Z"],
    ["2026-01-05T08:03:49Z", "2026-01-05T08:05:00Z", "2026-01-05T08:04:00Z"],
    ["2026-01-05T08:03:59Z", "2026-01-05T08:05:00Z", "2026-01-05T08:04:00Z"],
    ["2026-01-05T08:04:00Z", "2026-01-05T08:10:00Z", "2026-01-05T08:09:00Z"],
  ])("from %s on waits for the file that ends at %s", (start, captured, watermark) => {
    const plan = planCut({ ...run, startMs: Date.parse(start), firstEventWithinMs: 700 });
    expect(plan).toEqual({
      capturedMs: Date.parse(captured),
      batchHighWatermarkMs: Date.parse(watermark),
    });
  });
});

describe("checkRunLength", () => {
  it("lets a short run pass that has windows on both sides", () => {
    expect(refusal({})).toBeUndefined();
    expect(refusal({ forSeconds: 1, speed: 1 })).toBeUndefined();
  });

  it("says how long a run must be that ends too early", () => {
    const startMs = Date.parse("2026-01-05T08:04:30Z");
    const error = refusal({ startMs, forSeconds: 1, speed: 1 });
    expect(error).toMatchObject({
      code: "LOCAL_RUN_TOO_SHORT",
      message:
        "1 s at 1 times real time (1 s of event time) end before the batch and the real-time layer both have a window",
      hint: "give --for 31s or more, a higher --speed, or another --clock",
    });
    expect(refusal({ startMs, forSeconds: 30, speed: 1 })).toBeDefined();
    expect(refusal({ startMs, forSeconds: 31, speed: 1 })).toBeUndefined();
  });

  it("refuses a run that would send nothing", () => {
    expect(refusal({ rate: 1, forSeconds: 0.4 })?.hint).toContain("--for 1s");
  });

  it("never lets a run pass without windows on a side, and the length it names does", () => {
    let refused = 0;
    for (const startMs of [0, 1, 3500, 59_000, 235_000, 239_999, 240_000, 290_500].map((ms) => eight + ms)) {
      for (const speed of [0.5, 1, 10, 200, 1000]) {
        for (const rate of [1, 7, 2000]) {
          for (const forSeconds of [0.5, 1, 2, 9, 30, 400]) {
            const planned = { ...run, startMs, speed, rate, forSeconds, tickMs: Math.max(10, speed * 50) };
            const hint = refusal(planned)?.hint;
            if (hint === undefined) {
              expect({ planned, both: hasBothSides(planned) }).toEqual({ planned, both: true });
              continue;
            }
            refused += 1;
            const named = Number(/--for (\d+)s/.exec(hint)?.[1]);
            expect(named).toBeGreaterThan(forSeconds - 1);
            expect(refusal({ ...planned, forSeconds: named })).toBeUndefined();
          }
        }
      }
    }
    expect(refused).toBeGreaterThan(20);
  });
});
