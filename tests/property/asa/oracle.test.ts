import fc from "fast-check";
import { formatDateTime } from "../../../asa";
import { at, earlier, later, runFile } from "../../support/asa";

const runs = Number(process.env["RUNS"] ?? 80);
const base = at("12:00:00");
const second = 10_000_000n;

interface Reading {
  readonly time: bigint;
  readonly k: string;
  readonly v: number;
}

const readings: fc.Arbitrary<Reading[]> = fc.array(
  fc
    .tuple(
      fc.integer({ min: 0, max: 30 }),
      fc.constantFrom(0n, 0n, 1n, -1n, 3_333_333n),
      fc.constantFrom("a", "b"),
      fc.integer({ min: 0, max: 9 }),
    )
    .map(([s, beside, k, v]) => ({ time: base + BigInt(s) * second + beside, k, v })),
  { maxLength: 25 },
);

const lines = (list: readonly Reading[]) =>
  list.map(({ time, k, v }) => `{"t":"${formatDateTime(time)}","k":"${k}","v":${v}}`);
const line = (time: bigint, k: string, members: readonly Reading[]): string => {
  const sum = members.reduce((a, { v }) => a + v, 0);
  return `{"k":"${k}","n":${members.length},"s":${sum},"ts":"${formatDateTime(time)}"}`;
};
const select = (window: string) =>
  `SELECT k, COUNT(*) AS n, SUM(v) AS s, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY k, ${window}`;
const least = base - 60n * second;
const most = base + 120n * second;

/** All windows (end - size, end] with ends on the grid, each filtered from the whole list. */
function gridOracle(list: readonly Reading[], size: bigint, hop: bigint, offset: bigint): string[] {
  const rows: string[] = [];
  let end = (least / hop) * hop + offset;
  for (; end < most; end += hop) {
    for (const k of ["a", "b"]) {
      const members = list.filter((item) => item.k === k && item.time > end - size && item.time <= end);
      if (members.length > 0) rows.push(line(end, k, members));
    }
  }
  return rows;
}

describe("windows against a slow oracle", () => {
  it("hopping and tumbling windows hold what lies in (end - size, end]", () => {
    const sizes = fc.tuple(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: -3, max: 3 }),
    );
    fc.assert(
      fc.property(readings, sizes, (list, [size, hop, offset]) => {
        const window = `HoppingWindow(Duration(second, ${size}), Hop(second, ${hop}), Offset(second, ${offset}))`;
        const expected = gridOracle(
          list,
          BigInt(size) * second,
          BigInt(hop) * second,
          BigInt(offset) * second,
        );
        expect(runFile(select(window), lines(list)).sort()).toEqual(expected.sort());
      }),
      { numRuns: runs },
    );
  });

  it("sliding windows give a row at every entry and exit that leaves something", () => {
    fc.assert(
      fc.property(readings, fc.integer({ min: 1, max: 10 }), (list, size) => {
        const span = BigInt(size) * second;
        const expected: string[] = [];
        for (const k of ["a", "b"]) {
          const own = list.filter((item) => item.k === k);
          const instants = [...new Set(own.flatMap(({ time }) => [time, time + span]))];
          for (const instant of instants) {
            const members = own.filter(({ time }) => time > instant - span && time <= instant);
            if (members.length > 0) expected.push(line(instant, k, members));
          }
        }
        expect(runFile(select(`SlidingWindow(second, ${size})`), lines(list)).sort()).toEqual(
          expected.sort(),
        );
      }),
      { numRuns: runs },
    );
  });

  it("sessions follow the reference page's formula in documented mode", () => {
    fc.assert(
      fc.property(
        readings,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 4, max: 12 }),
        (list, timeout, max) => {
          const [gap, most_] = [BigInt(timeout) * second, BigInt(max) * second];
          const expected: string[] = [];
          for (const k of ["a", "b"]) {
            const own = list
              .filter((item) => item.k === k)
              .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
            let open: Reading[] = [];
            const closing = () => {
              const start = open[0]!.time;
              let check = (start / most_) * most_;
              while (check - start < most_) check += most_;
              const end = open[open.length - 1]!.time + gap;
              return { check, end: earlier(check, end) };
            };
            for (const item of own) {
              if (open.length > 0) {
                const { check, end } = closing();
                if (item.time > open[open.length - 1]!.time + gap || item.time >= check) {
                  expected.push(line(end, k, open));
                  open = [];
                }
              }
              open.push(item);
            }
            if (open.length > 0) expected.push(line(closing().end, k, open));
          }
          const query = select(`SessionWindow(second, ${timeout}, ${max}) OVER (PARTITION BY k)`);
          expect(
            runFile(query, lines(list), { compile: { dialect: { sessionMode: "documented" } } }).sort(),
          ).toEqual(expected.sort());
        },
      ),
      { numRuns: runs },
    );
  });
});

describe("joins against a slow oracle", () => {
  it("pair rows by key and by boundaries between them, and stamp what finds no match", () => {
    fc.assert(
      fc.property(
        readings,
        fc.integer({ min: -4, max: 3 }),
        fc.integer({ min: 0, max: 4 }),
        (list, lower, width) => {
          const upper = lower + width;
          const query =
            "SELECT a.v AS av, b.v AS bv, System.Timestamp() AS ts FROM input a TIMESTAMP BY t LEFT JOIN input b TIMESTAMP BY t " +
            `ON a.k = b.k AND b.v > 3 AND DATEDIFF(second, a, b) BETWEEN ${lower} AND ${upper}`;
          const expected: string[] = [];
          for (const a of list) {
            let matched = false;
            for (const b of list) {
              const boundaries = Number(b.time / second - a.time / second);
              if (a.k !== b.k || b.v <= 3 || boundaries < lower || boundaries > upper) continue;
              matched = true;
              const time = later(a.time, b.time);
              expected.push(`{"av":${a.v},"bv":${b.v},"ts":"${formatDateTime(time)}"}`);
            }
            const stamp = upper > 0 ? a.time + BigInt(upper) * second : a.time;
            if (!matched) expected.push(`{"av":${a.v},"bv":null,"ts":"${formatDateTime(stamp)}"}`);
          }
          expect(runFile(query, lines(list)).sort()).toEqual(expected.sort());
        },
      ),
      { numRuns: runs },
    );
  });
});

describe("analytic functions against a slow oracle", () => {
  it("LAG and SUM OVER look back over (t - limit, t] of the partition", () => {
    const query =
      "SELECT v, LAG(v, 2) OVER (PARTITION BY k LIMIT DURATION(second, 5) WHEN v > 2) AS p, " +
      "SUM(v) OVER (PARTITION BY k LIMIT DURATION(second, 5) WHEN v > 2) AS s, " +
      "MAX(v) OVER (PARTITION BY k LIMIT DURATION(second, 5)) AS m FROM input TIMESTAMP BY t";
    fc.assert(
      fc.property(readings, (list) => {
        const inOrder = list
          .map((item, index) => ({ ...item, index }))
          .sort((a, b) => Number(a.time - b.time) || a.index - b.index);
        const expected = inOrder.map((item, at_) => {
          const back = inOrder
            .slice(0, at_ + 1)
            .filter(({ k, time }) => k === item.k && time > item.time - 5n * second);
          const earlier = inOrder.slice(0, at_).filter(({ k, v }) => k === item.k && v > 2);
          const second_ = earlier[earlier.length - 2];
          const lag = second_ !== undefined && second_.time > item.time - 5n * second ? second_.v : null;
          const taking = back.filter(({ v }) => v > 2);
          const sum = taking.length === 0 ? null : taking.reduce((a, { v }) => a + v, 0);
          return `{"v":${item.v},"p":${lag},"s":${sum},"m":${Math.max(...back.map(({ v }) => v))}.0}`;
        });
        expect(runFile(query, lines(list))).toEqual(expected);
      }),
      { numRuns: runs },
    );
  });
});
