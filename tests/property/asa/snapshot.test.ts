import fc from "fast-check";
import { createJob, formatDateTime, type InputEvent, type Job, type OutputRow } from "../../../asa";
import { at, planOf, rowText } from "../../support/asa";

const runs = Number(process.env["RUNS"] ?? 30);
const base = at("12:00:00");
const second = 10_000_000n;
const encoder = new TextEncoder();

const plans = [
  "SELECT k, COUNT(*) AS n, SUM(v) AS s, MIN(v) AS lo FROM input TIMESTAMP BY t GROUP BY k, TumblingWindow(second, 5)",
  "SELECT k, MAX(v) AS hi, AVG(v) AS mean FROM input TIMESTAMP BY t GROUP BY k, HoppingWindow(second, 9, 3)",
  "SELECT k, COUNT(*) AS n FROM input TIMESTAMP BY t GROUP BY k, SessionWindow(second, 3, 9) OVER (PARTITION BY k)",
  "SELECT k, v, LAG(v) OVER (PARTITION BY k LIMIT DURATION(second, 6)) AS p FROM input TIMESTAMP BY t",
].map((query) => planOf(query));

const events: fc.Arbitrary<InputEvent[]> = fc.array(
  fc
    .tuple(
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 0, max: 400 }),
      fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant(null)),
    )
    .map(([s, k, v]) => {
      const time = base + BigInt(s) * second;
      const text = JSON.stringify({ t: formatDateTime(time), k: `key-${k}`, v });
      return { body: encoder.encode(text), arrival: time };
    }),
  { minLength: 1, maxLength: 600 },
);

function started(plan: (typeof plans)[number]): { job: Job; rows: OutputRow[] } {
  const rows: OutputRow[] = [];
  const job = createJob(plan, {
    mode: "live",
    policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: 30n * second, policy: "drop" },
    onRows: (batch) => rows.push(...batch),
  });
  return { job, rows };
}

/** Where in a list of events each part of a snapshot is done. */
const parts = fc.tuple(fc.nat(600), fc.nat(200), fc.nat(200)).map(([begin, grown, after]) => ({
  begin,
  capture: begin + grown,
  seal: begin + grown + after,
}));

describe("a snapshot made in pieces", () => {
  it("is the state of the moment of its capture, whatever the job does before and after", () => {
    fc.assert(
      fc.property(fc.constantFrom(...plans), events, parts, fc.boolean(), (plan, list, places, prepares) => {
        const [begin, capture, seal] = [places.begin, places.capture, places.seal].map((place) =>
          Math.min(place, list.length),
        ) as [number, number, number];
        const undisturbed = started(plan);
        undisturbed.job.push("input", 0, list.slice(0, begin));
        const task = undisturbed.job.beginSnapshot();
        if (prepares) while (!task.prepare());
        undisturbed.job.push("input", 0, list.slice(begin, capture));
        const whole = undisturbed.job.snapshot();
        task.capture();
        const before = undisturbed.rows.length;
        undisturbed.job.push("input", 0, list.slice(capture, seal));
        while (!task.seal());
        expect(Buffer.compare(task.bytes, whole)).toBe(0);
        const restored = started(plan);
        restored.job.restore(task.bytes);
        task.release();
        // The next snapshot of the job gets the same memory.
        const next = undisturbed.job.beginSnapshot();
        next.capture();
        expect(Buffer.compare(next.bytes, undisturbed.job.snapshot())).toBe(0);
        undisturbed.job.push("input", 0, list.slice(seal));
        restored.job.push("input", 0, list.slice(capture));
        for (const { job } of [undisturbed, restored]) job.finish();
        expect(restored.rows.map(rowText)).toEqual(undisturbed.rows.slice(before).map(rowText));
      }),
      { numRuns: runs },
    );
  });

  it("grows beyond the room that was prepared", () => {
    const { job } = started(plans[0]!);
    const task = job.beginSnapshot();
    while (!task.prepare());
    const many = Array.from({ length: 40_000 }, (_, n) => ({
      body: encoder.encode(`{"t":"2026-01-01T12:00:01Z","k":"${n}","v":1}`),
      arrival: base,
    }));
    job.push("input", 0, many);
    const whole = job.snapshot();
    task.capture();
    let steps = 1;
    while (!task.seal()) steps++;
    expect(steps).toBeGreaterThan(2);
    expect(Buffer.compare(task.bytes, whole)).toBe(0);
  });

  it("names parts that are done in another order", () => {
    const order = expect.objectContaining({ code: "ASA_SNAPSHOT_ORDER" });
    const task = started(plans[0]!).job.beginSnapshot();
    expect(() => task.seal()).toThrow(order);
    expect(() => task.bytes).toThrow(order);
    task.capture();
    expect(() => task.capture()).toThrow(order);
    expect(task.bytes.length).toBeGreaterThan(0);
  });
});
