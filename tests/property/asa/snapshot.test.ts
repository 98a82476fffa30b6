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
      // Keys that are no text have another way through a snapshot.
      fc.constantFrom('"key-#"', '"key-#"', "#", "-#.5", "9007199254740#", "90071992547409#", "[#]", "null"),
    )
    .map(([s, k, v, form]) => {
      const time = base + BigInt(s) * second;
      const text = `{"t":"${formatDateTime(time)}","k":${form.replace("#", String(k))},"v":${v}}`;
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

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
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
        expect(Buffer.compare(Buffer.concat(task.pieces), whole)).toBe(0);
        const restored = started(plan);
        restored.job.restore(Buffer.concat(task.pieces));
        undisturbed.job.push("input", 0, list.slice(seal));
        restored.job.push("input", 0, list.slice(capture));
        for (const { job } of [undisturbed, restored]) job.finish();
        expect(restored.rows.map(rowText)).toEqual(undisturbed.rows.slice(before).map(rowText));
      }),
      { numRuns: runs },
    );
  });

  it("takes what changed since it was prepared, in a state of many pieces", () => {
    const { job } = started(plans[1]!);
    const next = random(3);
    const push = (count: number, keys: number, seconds: number) =>
      job.push(
        "input",
        0,
        Array.from({ length: count }, () => {
          const time = base + BigInt(Math.floor(next() * seconds)) * second;
          const k = Math.floor(next() * keys);
          const text = `{"t":"${formatDateTime(time)}","k":"key-${k}","v":${Math.floor(next() * 1000)}}`;
          return { body: encoder.encode(text), arrival: time };
        }),
      );
    push(9000, 6000, 8);
    for (let round = 0; round < 5; round++) {
      const task = job.beginSnapshot();
      // New groups, new panes and closed ones come in the middle of it.
      for (let turn = 0; !task.prepare(); turn++) push(40, 6500 + turn * 10, 9 + round * 3);
      push(500, 7000 + round * 1000, 12 + round * 3);
      if (round === 3) push(15_000, 20_000, 16);
      task.capture();
      expect(Buffer.compare(Buffer.concat(task.pieces), job.snapshot())).toBe(0);
    }
  });

  it("is right also when another was begun after it", () => {
    const { job } = started(plans[0]!);
    const push = (from: number) =>
      job.push(
        "input",
        0,
        Array.from({ length: 9000 }, (_, n) => ({
          body: encoder.encode(`{"t":"2026-01-01T12:00:01Z","k":"${from + n}","v":1}`),
          arrival: base,
        })),
      );
    push(0);
    const first = job.beginSnapshot();
    while (!first.prepare());
    push(5000);
    const second = job.beginSnapshot();
    while (!second.prepare());
    push(2000);
    const whole = job.snapshot();
    for (const task of [first, second]) {
      task.capture();
      expect(Buffer.compare(Buffer.concat(task.pieces), whole)).toBe(0);
    }
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
    expect(Buffer.compare(Buffer.concat(task.pieces), whole)).toBe(0);
  });

  it("names parts that are done in another order", () => {
    const order = expect.objectContaining({ code: "ASA_SNAPSHOT_ORDER" });
    const task = started(plans[0]!).job.beginSnapshot();
    expect(() => task.seal()).toThrow(order);
    expect(() => task.pieces).toThrow(order);
    task.capture();
    expect(() => task.capture()).toThrow(order);
    expect(task.pieces.length).toBeGreaterThan(0);
  });
});
