import { rangesOf } from "../../../../local/run/view-reader";

const maxMinutes = 10_000;

describe("rangesOf", () => {
  it("keeps a short range whole", () => {
    const fromIso = "2026-01-05T08:00:00.000Z";
    const toIso = "2026-01-05T09:30:00.000Z";
    expect(rangesOf(fromIso, toIso)).toEqual([{ fromIso, toIso }]);
    expect(rangesOf(toIso, toIso)).toEqual([]);
  });

  it("covers a long range without gap or overlap by parts that the API answers", () => {
    const ranges = rangesOf("2025-01-01T00:00:00.000Z", "2026-01-05T09:30:00.000Z");
    expect(ranges[0]?.fromIso).toBe("2025-01-01T00:00:00.000Z");
    expect(ranges.at(-1)?.toIso).toBe("2026-01-05T09:30:00.000Z");
    ranges.forEach(({ fromIso, toIso }, n) => {
      expect((Date.parse(toIso) - Date.parse(fromIso)) / 60_000).toBeLessThanOrEqual(maxMinutes);
      if (n > 0) expect(fromIso).toBe(ranges[n - 1]?.toIso);
    });
  });
});
