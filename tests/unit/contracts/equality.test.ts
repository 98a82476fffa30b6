import { compareWindows, differingValues, type ViewWindow } from "../../../contracts";

const window = (end: string, values: Record<string, number> = { count: 1 }): ViewWindow => ({
  grain: "device",
  key: "press-1",
  window: "1m",
  start: new Date(Date.parse(end) - 60_000).toISOString(),
  end,
  values,
});

describe("differingValues", () => {
  it.each([
    ["equal sums", { temperatureSum: 0.1 + 0.2 }, { temperatureSum: 0.3 }, []],
    ["sums within the relative tolerance", { temperatureSum: 1e12 }, { temperatureSum: 1e12 + 900 }, []],
    ["sums beyond it", { temperatureSum: 1e12 }, { temperatureSum: 1e12 + 1100 }, ["temperatureSum"]],
    [
      "sums beyond the absolute tolerance",
      { temperatureSum: 0 },
      { temperatureSum: 1.1e-9 },
      ["temperatureSum"],
    ],
    ["a minimum off by one bit", { temperatureMin: 0.3 }, { temperatureMin: 0.1 + 0.2 }, ["temperatureMin"]],
    ["a missing value", { count: 1 }, {}, ["count"]],
    ["NaN", { temperatureSum: Number.NaN }, { temperatureSum: 1 }, ["temperatureSum"]],
  ])("%s", (_name, a, b, differing) => {
    expect(differingValues(a as Record<string, number>, b as Record<string, number>)).toEqual(differing);
  });
});

describe("compareWindows", () => {
  const first = window("2026-01-05T08:01:00.000Z");
  const second = window("2026-01-05T08:02:00.000Z");

  it("accepts the same windows in any order and form of time", () => {
    const again = { ...first, end: "2026-01-05T08:01:00.0000000Z", start: "2026-01-05T08:00:00.0000000Z" };
    expect(compareWindows([first, second], [second, again])).toEqual({ compared: 2, differences: [] });
  });

  it("names missing, unexpected, repeated and different windows", () => {
    const { compared, differences } = compareWindows(
      [first, second],
      [window(first.end, { count: 2 }), first, window("2026-01-05T08:03:00.000Z")],
    );
    expect(compared).toBe(2);
    expect(differences.map(({ kind }) => kind).sort()).toEqual([
      "different",
      "missing",
      "twice",
      "unexpected",
    ]);
  });

  it("names a different start", () => {
    const { differences } = compareWindows([first], [{ ...first, start: "2026-01-05T07:59:00.000Z" }]);
    expect(differences).toMatchObject([{ kind: "different", fields: ["start"] }]);
  });
});
