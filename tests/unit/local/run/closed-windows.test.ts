import type { ViewWindow } from "../../../../contracts";
import { closedBy, firstOfSeries, floorToMinute } from "../../../../local/run/closed-windows";

const eight = Date.parse("2026-01-05T08:00:00Z");

function window(key: string, minute: number, length = "1m"): ViewWindow {
  const iso = (at: number) => new Date(eight + at * 60_000).toISOString();
  return {
    grain: "device",
    key,
    window: length,
    start: iso(minute),
    end: iso(minute + Number.parseInt(length, 10)),
    values: { count: 1 },
  };
}

describe("windows of a run", () => {
  it("are closed by the moment of their end", () => {
    const windows = [window("a", 0), window("a", 1), window("a", 0, "5m")];
    expect(closedBy(windows, eight + 60_000)).toEqual([windows[0]]);
    expect(closedBy(windows, eight + 59_999)).toEqual([]);
    expect(closedBy(windows, eight + 300_000)).toEqual(windows);
  });

  it("name each series once, by its first window", () => {
    const windows = [window("a", 3), window("b", 2), window("a", 1), window("a", 0, "5m"), window("a", 2)];
    expect(firstOfSeries(windows)).toEqual([windows[2], windows[1], windows[3]]);
  });

  it("end on full minutes", () => {
    expect(floorToMinute(eight)).toBe(eight);
    expect(floorToMinute(eight + 59_999)).toBe(eight);
  });
});
