import { createJob, type JobOptions, type OutputRow } from "../../../../asa";
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
