import fc from "fast-check";
import {
  type AsaRecord,
  createJob,
  formatDateTime,
  type InputEvent,
  type JobOptions,
  type LogicalPlan,
  type OutputRow,
  readJson,
  type TimePolicies,
} from "../../../asa";
import { at, later, planOf, rowText } from "../../support/asa";

const runs = Number(process.env["RUNS"] ?? 40);
const base = at("12:00:00");
const second = 10_000_000n;

/** Queries over every kind of operator; sums are of integers so that equal means equal. */
const queries = {
  filter: "SELECT k, v, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE v > 3",
  tumbling:
    "SELECT k, COUNT(*) AS n, SUM(v) AS s, MIN(v) AS lo, MAX(v) AS hi, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY k, TumblingWindow(second, 5)",
  hopping:
    "SELECT k, COUNT(DISTINCT v) AS n, SUM(v) AS s, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY k, HoppingWindow(second, 7, 3)",
  sliding:
    "SELECT k, COUNT(*) AS n, SUM(v) AS s, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY k, SlidingWindow(second, 4) HAVING COUNT(*) >= 2",
  session:
    "SELECT k, COUNT(*) AS n, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY k, SessionWindow(second, 3, 9) OVER (PARTITION BY k)",
  sessionOfAll:
    "SELECT COUNT(*) AS n, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY SessionWindow(second, 2, 6)",
  snapshot:
    "SELECT k, COUNT(*) AS n, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY k, System.Timestamp()",
  windows:
    "SELECT k, System.Window().Id AS w, COUNT(*) AS n, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY k, Windows(Window('a', TumblingWindow(second, 4)), Window('b', SlidingWindow(second, 3)))",
  analytic:
    "SELECT k, v, LAG(v, 2) OVER (PARTITION BY k LIMIT DURATION(second, 6) WHEN v > 2) AS p, ISFIRST(second, 4) OVER (PARTITION BY k) AS f, LAST(v) OVER (PARTITION BY k LIMIT DURATION(second, 6) WHEN v > 5) AS l, SUM(v) OVER (PARTITION BY k LIMIT DURATION(second, 5)) AS s, System.Timestamp() AS ts FROM input TIMESTAMP BY t",
  lag: "SELECT k, v, v - LAG(v, 2) OVER (PARTITION BY k LIMIT DURATION(second, 6) WHEN v > 2) AS p, ISFIRST(second, 4) OVER (PARTITION BY k) AS f, LAST(k) OVER (LIMIT DURATION(second, 6) WHEN v > 5) AS l, t FROM input TIMESTAMP BY t WHERE v <> 7",
  slidingExtremes:
    "SELECT k, MIN(v) AS lo, MAX(v) AS hi, SUM(v * 0.1) AS s, AVG(v) AS a, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY k, SlidingWindow(second, 6)",
  sessionExtremes:
    "SELECT k, MIN(v) AS lo, MAX(v) AS hi, AVG(v * 0.1) AS a, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE v < 9 GROUP BY k, SessionWindow(second, 2, 4) OVER (PARTITION BY k)",
  typedSteps:
    "WITH x AS (SELECT k, COUNT(*) AS n, System.Timestamp() AS e FROM input TIMESTAMP BY t GROUP BY k, TumblingWindow(second, 2)) SELECT k, SUM(n) AS n, MAX(n) AS m, System.Timestamp() AS ts FROM x WHERE n > 0 GROUP BY k, HoppingWindow(second, 6, 3)",
  join: "SELECT a.k, a.v AS av, b.v AS bv, System.Timestamp() AS ts FROM input a TIMESTAMP BY t JOIN input b TIMESTAMP BY t ON a.k = b.k AND DATEDIFF(second, a, b) BETWEEN 1 AND 4",
  leftJoin:
    "SELECT a.k, a.v AS av, b.v AS bv, System.Timestamp() AS ts FROM input a TIMESTAMP BY t LEFT JOIN input b TIMESTAMP BY t ON a.k = b.k AND b.v > 4 AND DATEDIFF(second, a, b) BETWEEN -1 AND 2",
  union:
    "WITH x AS (SELECT k, COUNT(*) AS n FROM input TIMESTAMP BY t GROUP BY k, TumblingWindow(second, 5)) SELECT k, n, System.Timestamp() AS ts FROM x UNION SELECT k, v AS n, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE v = 1",
  snapshotTop:
    "WITH s AS (SELECT k, v, v % 3 AS m, t AS stamp FROM input TIMESTAMP BY t) SELECT k, COUNT(*) AS n, TopOne() OVER (ORDER BY v DESC, m) AS best, SUM(v) AS s, TopOne(v) OVER (ORDER BY m) AS low, System.Timestamp() AS ts FROM s GROUP BY k, m, System.Timestamp()",
  topSteps:
    "WITH s AS (SELECT k, v, t AS stamp FROM input TIMESTAMP BY t), d AS (SELECT TopOne() OVER (ORDER BY stamp) AS first, k FROM s GROUP BY v, k, System.Timestamp()) SELECT first.k AS fk, COUNT(*) AS n, SUM(first.v) AS s, System.Timestamp() AS ts FROM d WHERE first.v > 1 GROUP BY first.k, TumblingWindow(second, 4)",
  gridWindows:
    "SELECT k, System.Window().Id AS w, COUNT(*) AS n, SUM(v) AS s, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE v > 0 GROUP BY k, Windows(Window('a', TumblingWindow(second, 4)), Window('b', HoppingWindow(second, 6, 2)))",
  unionOfSteps:
    "WITH x AS (SELECT k, COUNT(*) AS n FROM input TIMESTAMP BY t GROUP BY k, TumblingWindow(second, 5)), y AS (SELECT k AS kk, SUM(v) AS n, System.Window().Id AS w FROM input TIMESTAMP BY t GROUP BY k, Windows(Window('c', TumblingWindow(second, 3)), Window('d', TumblingWindow(second, 6)))), u AS (SELECT k, n, 'x' AS w FROM x UNION SELECT kk, n, w FROM y WHERE n > 2) SELECT w, k, n, System.Timestamp() AS ts FROM u WHERE n < 20",
  match:
    "SELECT * FROM input TIMESTAMP BY t MATCH_RECOGNIZE (LIMIT DURATION(second, 8) PARTITION BY k MEASURES First(A.v) AS a, Last(B.v) AS b, Classifier() AS c AFTER MATCH SKIP TO NEXT ROW PATTERN (A+ B) DEFINE A AS A.v < 5, B AS B.v >= 5) AS m",
  steps:
    "WITH x AS (SELECT k, COUNT(*) AS n, System.Timestamp() AS e FROM input TIMESTAMP BY t GROUP BY k, TumblingWindow(second, 3)) SELECT k, SUM(n) AS n, TopOne() OVER (ORDER BY n DESC, e) AS top1, Collect(n) AS ns, System.Timestamp() AS ts FROM x GROUP BY k, HoppingWindow(second, 12, 6)",
} as const;
const plans = Object.fromEntries(
  Object.entries(queries).map(([name, query]) => [name, planOf(query)]),
) as Record<keyof typeof queries, LogicalPlan>;
const names = Object.keys(queries) as (keyof typeof queries)[];

interface Reading {
  readonly time: bigint;
  readonly k: string;
  readonly v: number;
}

/** Times on whole seconds and just beside them hit boundaries often. */
const reading: fc.Arbitrary<Reading> = fc
  .tuple(
    fc.integer({ min: 0, max: 40 }),
    fc.constantFrom(0n, 0n, 1n, -1n, 5_000_000n),
    fc.constantFrom("a", "b", "c"),
    fc.integer({ min: 0, max: 9 }),
  )
  .map(([s, beside, k, v]) => ({ time: base + BigInt(s) * second + beside, k, v }));
const readings = fc.array(reading, { maxLength: 40 });

const toEvent = ({ time, k, v }: Reading, arrival = time): InputEvent => ({
  body: readJson(`{"t":"${formatDateTime(time)}","k":"${k}","v":${v}}`) as AsaRecord,
  arrival,
});

const generous: TimePolicies = {
  lateToleranceTicks: null,
  outOfOrderToleranceTicks: 60n * second,
  policy: "drop",
};

function started(plan: LogicalPlan, options: Partial<JobOptions> = {}) {
  const rows: OutputRow[] = [];
  const job = createJob(plan, {
    mode: "replay",
    policies: generous,
    onRows: (batch) => rows.push(...batch),
    ...options,
  });
  return { job, rows };
}

const ordered = (rows: readonly OutputRow[]): string[] => rows.map((row) => `${row.time} ${rowText(row)}`);
const sorted = (rows: readonly OutputRow[]): string[] => ordered(rows).sort();

function whole(
  plan: LogicalPlan,
  events: readonly InputEvent[],
  options: Partial<JobOptions> = {},
): OutputRow[] {
  const { job, rows } = started(plan, options);
  job.push("input", 0, events);
  job.finish();
  return rows;
}

/** Cuts a list at the given places. */
function pieces<T>(items: readonly T[], cuts: readonly number[]): T[][] {
  const places = [...new Set(cuts.map((cut) => cut % (items.length + 1)))].sort((a, b) => a - b);
  const result: T[][] = [];
  let from = 0;
  for (const place of [...places, items.length]) {
    result.push(items.slice(from, place));
    from = place;
  }
  return result;
}

const cuts = fc.array(fc.nat(60), { maxLength: 6 });
const tight: TimePolicies = {
  lateToleranceTicks: 5n * second,
  outOfOrderToleranceTicks: 2n * second,
  policy: "adjust",
};

describe.each(names)("%s", (name) => {
  const plan = plans[name];

  it("gives the same rows in the same order when the input comes in splits", () => {
    fc.assert(
      fc.property(readings, cuts, fc.boolean(), (list, places, strict) => {
        let arrival = base;
        const events = list.map((item) => {
          arrival = later(item.time, arrival);
          return toEvent(item, arrival);
        });
        const options = strict ? { policies: tight } : {};
        const { job, rows } = started(plan, options);
        for (const piece of pieces(events, places)) job.push("input", 0, piece);
        job.finish();
        expect(ordered(rows)).toEqual(ordered(whole(plan, events, options)));
      }),
      { numRuns: runs },
    );
  });

  it("gives the same rows when events are shuffled within the tolerance", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(reading, { maxLength: 30, selector: ({ time }) => time }),
        fc.infiniteStream(fc.nat()),
        (list, keys) => {
          const shuffled = list
            .map((item) => ({ item, key: keys.next().value as number }))
            .sort((a, b) => a.key - b.key);
          const inOrder = [...list].sort((a, b) => (a.time < b.time ? -1 : 1));
          expect(
            ordered(
              whole(
                plan,
                shuffled.map(({ item }) => toEvent(item)),
              ),
            ),
          ).toEqual(
            ordered(
              whole(
                plan,
                inOrder.map((item) => toEvent(item)),
              ),
            ),
          );
        },
      ),
      { numRuns: runs },
    );
  });

  it("gives the same rows from several partitions as from one", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(reading, { maxLength: 30, selector: ({ time }) => time }),
        fc.infiniteStream(fc.nat(2)),
        (list, partitions) => {
          const { job, rows } = started(plan, { partitions: { input: 3 } });
          for (const item of list) job.push("input", partitions.next().value as number, [toEvent(item)]);
          job.finish();
          expect(sorted(rows)).toEqual(
            sorted(
              whole(
                plan,
                list.map((item) => toEvent(item)),
              ),
            ),
          );
        },
      ),
      { numRuns: runs },
    );
  });

  it("goes on from a snapshot as if nothing had happened", () => {
    fc.assert(
      fc.property(readings, cuts, (list, places) => {
        const inOrder = [...list].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
        const events = inOrder.map((item) => toEvent(item));
        const policies: TimePolicies = { ...generous, outOfOrderToleranceTicks: 2n * second };
        const rows: OutputRow[] = [];
        let current = started(plan, { policies });
        for (const piece of pieces(events, places)) {
          current.job.push("input", 0, piece);
          rows.push(...current.rows);
          const state = current.job.snapshot();
          current = started(plan, { policies });
          current.job.restore(state);
          expect(current.job.snapshot()).toEqual(state);
        }
        current.job.finish();
        rows.push(...current.rows);
        expect(ordered(rows)).toEqual(ordered(whole(plan, events, { policies })));
      }),
      { numRuns: runs },
    );
  });

  it("hands rows over in time order", () => {
    fc.assert(
      fc.property(readings, (list) => {
        const rows = whole(
          plan,
          list.map((item) => toEvent(item)),
        );
        for (let i = 1; i < rows.length; i++) expect(rows[i]!.time >= rows[i - 1]!.time).toBe(true);
      }),
      { numRuns: runs },
    );
  });
});
