import { AsaRecord, createJob, type JobOptions, type OutputRow } from "../../../../asa";
import { at, planOf, rowText } from "../../../support/asa";

const encoder = new TextEncoder();
const start = at("12:00:00");
const second = 10_000_000n;

function started(query: string, options: Partial<JobOptions> = {}) {
  const rows: OutputRow[] = [];
  const job = createJob(planOf(query), {
    mode: "live",
    policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: 0n, policy: "adjust" },
    onRows: (batch) => rows.push(...batch),
    ...options,
  });
  return { job, rows };
}

/** `count` events a second, each with a key of its own. */
function events(second_: number, count: number): Uint8Array {
  const time = `12:${String(Math.floor(second_ / 60)).padStart(2, "0")}:${String(second_ % 60).padStart(2, "0")}`;
  const lines = Array.from(
    { length: count },
    (_, i) => `{"t":"2026-01-01T${time}Z","k":"key-${second_}-${i}","n":${second_ * count + i},"v":${i}}`,
  );
  return encoder.encode(lines.join("\n"));
}

const query =
  "SELECT k, n, COUNT(*) AS c, SUM(v) AS s FROM input TIMESTAMP BY t WHERE k <> 'none' GROUP BY k, n, TumblingWindow(second, 2)";

describe("keys without end", () => {
  it("need no memory without end, and every group is counted once", () => {
    const { job, rows } = started(query);
    let largest = 0;
    for (let i = 1; i <= 30; i++) {
      job.pushLines("input", 0, events(i, 5000), start + BigInt(i) * second);
      if (i % 10 === 0) largest = Math.max(largest, job.snapshot().length);
    }
    job.finish();
    expect(rows.length).toBe(150_000);
    expect(new Set(rows.map(({ values }) => values[0])).size).toBe(150_000);
    expect(rows.every(({ values }) => values[2] === 1n)).toBe(true);
    expect(largest).toBeLessThan(25_000_000);
  });

  it("give the rows of the interpreter, also after groups were forgotten and a snapshot was restored", () => {
    const both = (["generated", "interpreter"] as const).map((evaluator) => {
      let current = started(query, { evaluator });
      const rows: string[] = [];
      for (let i = 1; i <= 30; i++) {
        current.job.pushLines("input", 0, events(i % 7 === 0 ? i - 1 : i, 1500), start + BigInt(i) * second);
        if (i % 9 !== 0) continue;
        rows.push(...current.rows.map(rowText));
        const state = current.job.snapshot();
        current = started(query, { evaluator });
        current.job.restore(state);
      }
      current.job.finish();
      return [...rows, ...current.rows.map(rowText)];
    });
    expect(both[0]).toEqual(both[1]);
  });
});

describe("typed operators under keys without end", () => {
  const script = `WITH lagged AS (SELECT k, v - LAG(v) OVER (PARTITION BY k LIMIT DURATION(second, 3)) AS d, ISFIRST(second, 5) OVER (PARTITION BY k) AS f FROM input TIMESTAMP BY t),
  slid AS (SELECT k, MAX(v) AS hi, COUNT(*) AS n FROM input TIMESTAMP BY t GROUP BY k, SlidingWindow(second, 2)),
  met AS (SELECT k, MIN(v) AS lo, COUNT(*) AS n FROM input TIMESTAMP BY t GROUP BY k, SessionWindow(second, 1, 3) OVER (PARTITION BY k)),
  paired AS (SELECT a.k, a.v AS av, b.v AS bv, r.name FROM input a TIMESTAMP BY t JOIN input b TIMESTAMP BY t ON a.k = b.k AND a.v < b.v AND DATEDIFF(second, a, b) BETWEEN 0 AND 1 LEFT JOIN ref r ON a.g = r.g)
  SELECT * INTO o1 FROM lagged WHERE d > 1 OR f = 0
  SELECT k, hi, n INTO o2 FROM slid WHERE n > 2
  SELECT k, lo, n INTO o3 FROM met WHERE n <> 3
  SELECT k, av, bv, name INTO o4 FROM paired WHERE av > 2`;
  const plan = planOf(script, {
    inputs: [
      { alias: "input", kind: "stream" },
      { alias: "ref", kind: "reference" },
    ],
  });

  /** Three events of each of `count` new keys, and one of a key that stays. */
  const lines = (s: number, count: number): Uint8Array => {
    const stamp = (third: number) => `2026-01-01T12:00:${String(s).padStart(2, "0")}.${third * 3}Z`;
    const texts: string[] = [`{"t":"${stamp(0)}","k":"always","g":"g1","v":${s}}`];
    for (let third = 0; third < 3; third++)
      for (let i = 0; i < count; i++)
        texts.push(`{"t":"${stamp(third)}","k":"key-${s}-${i}","g":"g${i % 5}","v":${third + (i % 2)}}`);
    return encoder.encode(texts.join("\n"));
  };

  it("give the rows of the interpreter, before and after texts were forgotten and a snapshot was restored", () => {
    const both = (["generated", "interpreter"] as const).map((evaluator) => {
      const begin = () => {
        const rows: OutputRow[] = [];
        const job = createJob(plan, {
          mode: "live",
          policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: second, policy: "adjust" },
          evaluator,
          onRows: (batch) => rows.push(...batch),
        });
        return { job, rows };
      };
      const rows: OutputRow[] = [];
      let current = begin();
      current.job.setReference("ref", [
        new AsaRecord(["g", "name"], ["g1", "one"]),
        new AsaRecord(["g", "name"], ["g3", "three"]),
      ]);
      for (let s = 1; s <= 24; s++) {
        current.job.pushLines("input", 0, lines(s, 700), start + BigInt(s) * second);
        if (s % 11 !== 0) continue;
        rows.push(...current.rows);
        const state = current.job.snapshot();
        current = begin();
        current.job.restore(state);
      }
      current.job.finish();
      rows.push(...current.rows);
      return ["o1", "o2", "o3", "o4"].map((output) =>
        rows.filter((row) => row.output === output).map((row) => `${row.time} ${rowText(row)}`),
      );
    });
    for (const [index, rows] of both[0]!.entries()) {
      expect(rows).toEqual(both[1]![index]);
      expect(rows.length).toBeGreaterThan(0);
    }
  });
});

describe("times out of reach of doubles", () => {
  it("move the input to rows, with the windows that are open", () => {
    const both = (["generated", "interpreter"] as const).map((evaluator) => {
      const { job, rows } = started(
        "SELECT k, COUNT(*) AS c, SUM(v) AS s, AVG(v) AS a, MIN(v) AS lo FROM input TIMESTAMP BY t GROUP BY k, HoppingWindow(second, 4, 2)",
        { evaluator, mode: "file" },
      );
      const lines = [
        '{"t":"2026-01-01T12:00:01Z","k":"a","v":1}',
        '{"t":"2026-01-01T12:00:02Z","k":"b","v":2.5}',
        '{"t":"1700-01-01T00:00:00Z","k":"a","v":3}',
        '{"t":"2026-01-01T12:00:02Z","k":"b","v":4}',
        '{"t":"9999-12-01T00:00:00Z","k":"a","v":5}',
      ];
      job.pushLines("input", 0, encoder.encode(lines.join("\n")), start);
      job.finish();
      return rows.map((row) => `${row.time} ${rowText(row)}`);
    });
    expect(both[0]).toEqual(both[1]);
    expect(both[0]).toHaveLength(8);
  });
});
