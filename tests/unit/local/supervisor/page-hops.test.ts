import { Meters } from "../../../../local/supervisor/meters";
import { type HopClock, hopsOf } from "../../../../local/supervisor/page-hops";

const sinceMs = Date.parse("2026-01-05T08:00:00Z");
const minuteMs = 60_000;

/** The hop to Capture, some minutes of event time after the start. */
function captureHop(
  minutes: number,
  completedMinutes: number | null,
  more: { readonly speed?: number; readonly backlog?: number } = {},
) {
  const meters = new Meters();
  meters.record("capture", {
    counters: { events: 90_000, files: 4 },
    gauges: {
      backlog: more.backlog ?? 50_000,
      eventsPerSecond: 30,
      filesPerSecond: 4 / 300,
      completedThroughMs: completedMinutes === null ? 0 : sinceMs + completedMinutes * minuteMs,
    },
  });
  const clock: HopClock = { nowMs: sinceMs + minutes * minuteMs, sinceMs, speed: more.speed ?? 10 };
  const hops = hopsOf(meters, clock);
  return {
    toCapture: hops.find(({ to }) => to === "capture")!,
    toLake: hops.find(({ to }) => to === "lake")!,
  };
}

describe("hopsOf", () => {
  it("shows Capture's rate over the interval of its newest files, in wall time", () => {
    const { toCapture, toLake } = captureHop(9, 5);
    expect(toCapture).toMatchObject({ eventsPerSecond: 300, note: "files every 30 s", total: 90_000 });
    expect(toLake.eventsPerSecond).toBeCloseTo(40 / 300);
    expect(captureHop(9, 5, { speed: 1 }).toCapture).toMatchObject({
      eventsPerSecond: 30,
      note: "files every 5 min",
    });
  });

  it.each([
    [4.9, null, false],
    [5.1, null, false],
    [9.9, 5, false],
    [10.5, 5, false],
    [11, 5, true],
    [7, null, true],
    [40, 35, false],
  ])("minute %d, captured through minute %s: waiting %s", (minutes, completed, waiting) => {
    expect(captureHop(minutes, completed).toCapture.waiting).toBe(waiting);
  });

  it("leaves the backlog of a hop that moves all the time to its size", () => {
    const meters = new Meters();
    const clock: HopClock = { nowMs: sinceMs, sinceMs, speed: 1 };
    const waits = (backlog: number) => {
      meters.record("event-hubs", { counters: {}, gauges: { "backlog.telemetry.analytics": backlog } });
      return hopsOf(meters, clock).find(({ to }) => to === "stream-analytics")!;
    };
    expect(waits(999)).toMatchObject({ waiting: false, note: null });
    expect(waits(1000)).toMatchObject({ waiting: true });
  });
});
