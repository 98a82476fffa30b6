import fc from "fast-check";
import { type LatencyBucket, LatencyHistogram, measured } from "../../../functions/src/domain/latency";
import { message } from "../support";

/** The value below which `percent` of the events lie, as a weighted percentile over rows gives it. */
function weightedPercentile(rows: readonly LatencyBucket[], percent: number): number {
  const total = rows.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { count, max } of rows) {
    seen += count;
    if (seen >= (total * percent) / 100) return max;
  }
  return Number.NaN;
}

describe("LatencyHistogram", () => {
  it("loses no event, and is empty after it was taken", () => {
    const histogram = new LatencyHistogram();
    for (const value of [0, 1, 1, 499, 500, 501, 4_000_000]) histogram.record(value);
    const taken = histogram.take();
    expect(taken.reduce((sum, { count }) => sum + count, 0)).toBe(7);
    expect(taken.reduce((sum, bucket) => sum + bucket.sum, 0)).toBe(4_001_502);
    expect(histogram.take()).toEqual([]);
  });

  it("puts back what could not be delivered, beside what came meanwhile", () => {
    const histogram = new LatencyHistogram();
    histogram.record(10);
    const taken = histogram.take();
    histogram.record(10);
    histogram.putBack(taken);
    expect(histogram.take()).toEqual([{ count: 2, sum: 20, min: 10, max: 10 }]);
  });

  it("gives percentiles that are right within a quarter", () => {
    const values = fc.array(fc.integer({ min: 0, max: 3_600_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, fc.constantFrom(50, 95, 99), (latencies, percent) => {
        const histogram = new LatencyHistogram();
        for (const value of latencies) histogram.record(value);
        const sorted = [...latencies].sort((a, b) => a - b);
        const exact = sorted[Math.ceil((sorted.length * percent) / 100) - 1]!;
        const found = weightedPercentile(histogram.take(), percent);
        expect(found).toBeGreaterThanOrEqual(exact);
        expect(found).toBeLessThanOrEqual(Math.ceil(exact * 1.25) + 1);
      }),
    );
  });
});

describe("measured", () => {
  const enqueuedTime = "2026-01-05T08:00:01.000Z";
  const now = () => Date.parse(enqueuedTime) + 250;

  it("counts every message once its answer stands", async () => {
    const recorded: number[] = [];
    const useCase = measured(async (batch) => batch.length, { record: (ms) => recorded.push(ms) }, now);
    expect(await useCase([message("{", { enqueuedTime }), message("{", { enqueuedTime })])).toBe(2);
    expect(recorded).toEqual([250, 250]);
  });

  it("counts nothing while the use case fails", async () => {
    const recorded: number[] = [];
    const failing = async () => {
      throw new Error("no database");
    };
    const useCase = measured(failing, { record: (ms) => recorded.push(ms) }, now);
    await expect(useCase([message("{")])).rejects.toThrow("no database");
    expect(recorded).toEqual([]);
  });

  it("takes a clock that is behind the hub's for no latency", async () => {
    const recorded: number[] = [];
    const behind = () => Date.parse(enqueuedTime) - 5;
    await measured(
      async () => 0,
      { record: (ms) => recorded.push(ms) },
      behind,
    )([message("{", { enqueuedTime })]);
    expect(recorded).toEqual([0]);
  });
});
