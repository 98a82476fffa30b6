import * as fc from "fast-check";
import { LatencyHistogram, Meters } from "../../../../local/supervisor/meters";

describe("Meters", () => {
  it("goes on counting over the restarts of a process", () => {
    const meters = new Meters();
    meters.record("a", { counters: { read: 10 } });
    meters.record("a", { counters: { read: 25, rows: 1 } });
    meters.restarted("a");
    expect(meters.total("a", "read")).toBe(25);
    meters.record("a", { counters: { read: 5 } });
    expect(meters.total("a", "read")).toBe(30);
    meters.restarted("a");
    meters.restarted("a");
    meters.record("a", { counters: { read: 1 } });
    expect(meters.total("a", "read")).toBe(31);
    expect(meters.total("a", "rows")).toBe(1);
    expect(meters.total("b", "read")).toBe(0);
  });

  it("tells rates of the last seconds, also across a restart, and none of a silent process", () => {
    let wallMs = 0;
    const meters = new Meters(() => wallMs);
    for (; wallMs <= 4000; wallMs += 250) meters.record("a", { counters: { read: wallMs } });
    expect(meters.rate("a", "read")).toBeCloseTo(1000);
    meters.restarted("a");
    meters.record("a", { counters: { read: 250 } });
    expect(meters.rate("a", "read")).toBeCloseTo(1000);
    wallMs += 5000;
    expect(meters.rate("a", "read")).toBe(0);
    expect(meters.rate("b", "read")).toBe(0);
  });

  it("keeps gauges and recent latencies", () => {
    const meters = new Meters();
    expect(meters.latency("hop")).toBeNull();
    expect(meters.gauge("a", "backlog")).toBeNull();
    meters.record("a", { counters: {}, gauges: { backlog: 7 }, latenciesMs: { hop: [1, 2, 3, 100] } });
    meters.record("a", { counters: {}, latenciesMs: { hop: [] } });
    expect(meters.gauge("a", "backlog")).toBe(7);
    expect(meters.latency("hop")).toEqual({ p50: 3, p99: 100 });
    expect(meters.histograms().get("hop")!.count).toBe(4);
  });
});

describe("LatencyHistogram", () => {
  it("is within 5 % above the quantile of all samples", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.02, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.constantFrom(0.5, 0.9, 0.99, 0.999, 1),
        (samples, q) => {
          const histogram = new LatencyHistogram();
          for (const sample of samples) histogram.add(sample);
          const exact = samples.toSorted((a, b) => a - b)[Math.ceil(samples.length * q) - 1]!;
          // The answer is rounded to three digits.
          expect(histogram.quantile(q)).toBeGreaterThanOrEqual(exact * 0.994);
          expect(histogram.quantile(q)).toBeLessThanOrEqual(exact * 1.056);
        },
      ),
    );
  });

  it("is zero without samples", () => {
    expect(new LatencyHistogram().summary()).toEqual({ p50: 0, p99: 0, p999: 0, count: 0 });
  });
});
