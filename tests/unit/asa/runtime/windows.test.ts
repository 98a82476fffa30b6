import { formatDateTime } from "../../../../asa";
import { at, runFile } from "../../../support/asa";

/** Rows `[end, count]` of a window over events at the given ticks. */
function counts(window: string, times: readonly bigint[], more = ""): [string, number][] {
  const query = `SELECT System.Timestamp() AS ts, COUNT(*) AS n FROM input TIMESTAMP BY t GROUP BY ${window}${more}`;
  const rows = runFile(
    query,
    times.map((ticks) => `{"t":"${formatDateTime(ticks)}"}`),
  );
  return rows.map((row) => {
    const { ts, n } = JSON.parse(row) as { ts: string; n: number };
    return [ts.replace("2026-01-01T", "").replace(/\.?0*Z$/, ""), n];
  });
}

const seconds = (...list: number[]): bigint[] =>
  list.map((value) => at("00:00:00") + BigInt(Math.round(value * 1e7)));

describe("TumblingWindow", () => {
  it.each([
    ["start", 0n, "09:59:00" /* belongs to the window before */],
    ["start + 1 tick", 1n, "10:00:00"],
    ["end - 1 tick", 599_999_999n, "10:00:00"],
    ["end", 600_000_000n, "10:00:00"],
    ["end + 1 tick", 600_000_001n, "10:01:00"],
  ])("puts an event at its %s into the window that ends then", (_, offset, end) => {
    expect(counts("TumblingWindow(minute, 1)", [at("09:59:00") + offset])).toEqual([[end, 1]]);
  });

  it("gives no row for empty windows", () => {
    expect(counts("TumblingWindow(second, 10)", seconds(1, 35))).toEqual([
      ["00:00:10", 1],
      ["00:00:40", 1],
    ]);
    expect(counts("TumblingWindow(second, 10)", [])).toEqual([]);
  });

  it("shifts its ends by the offset", () => {
    expect(counts("TumblingWindow(Duration(hour, 1), Offset(millisecond, -1))", [at("10:00:00")])).toEqual([
      ["10:59:59.999", 1],
    ]);
    expect(
      counts("TumblingWindow(hour, 24, -4)", [at("20:00:00"), at("2026-01-01T20:00:00.0000001Z")]),
    ).toEqual([
      ["20:00:00", 1],
      ["2026-01-02T20:00:00", 1],
    ]);
  });

  it("ends at midnight and starts again after it", () => {
    expect(
      counts("TumblingWindow(hour, 1)", [at("2026-01-02T00:00:00Z"), at("2026-01-02T00:00:00.0000001Z")]),
    ).toEqual([
      ["2026-01-02T00:00:00", 1],
      ["2026-01-02T01:00:00", 1],
    ]);
  });

  it("counts a size that does not divide a day from 0001-01-01", () => {
    const [[end]] = counts("TumblingWindow(hour, 7)", [at("00:00:01")]) as [[string, number]];
    const ticks = at(end.includes("-") ? `${end}Z` : end);
    expect(ticks % (7n * 36_000_000_000n)).toBe(0n);
  });

  it("works before the Unix epoch and at the first moments of the calendar", () => {
    expect(counts("TumblingWindow(minute, 1)", [at("1969-12-31T23:59:30Z")])).toEqual([
      ["1970-01-01T00:00:00", 1],
    ]);
    expect(counts("TumblingWindow(minute, 1)", [at("0001-01-01T00:00:00Z")])).toEqual([
      ["0001-01-01T00:00:00", 1],
    ]);
  });
});

describe("HoppingWindow", () => {
  it("puts an event into every window with t <= end < t + size", () => {
    expect(counts("HoppingWindow(second, 10, 5)", seconds(5)).map(([end]) => end)).toEqual([
      "00:00:05",
      "00:00:10",
    ]);
    expect(counts("HoppingWindow(second, 10, 5)", seconds(5.0000001)).map(([end]) => end)).toEqual([
      "00:00:10",
      "00:00:15",
    ]);
  });

  it("leaves gaps when the hop is larger than the size", () => {
    expect(counts("HoppingWindow(second, 2, 10)", seconds(8, 8.0000001, 10, 11))).toEqual([["00:00:10", 2]]);
  });

  it("takes a size that is no multiple of the hop", () => {
    expect(counts("HoppingWindow(second, 7, 5)", seconds(8)).map(([end]) => end)).toEqual(["00:00:10"]);
    expect(counts("HoppingWindow(second, 7, 5)", seconds(9)).map(([end]) => end)).toEqual([
      "00:00:10",
      "00:00:15",
    ]);
  });

  it("shifts its ends by the offset", () => {
    expect(
      counts("HoppingWindow(Duration(second, 10), Hop(second, 5), Offset(second, 2))", seconds(3)),
    ).toEqual([
      ["00:00:07", 1],
      ["00:00:12", 1],
    ]);
  });
});

describe("SlidingWindow", () => {
  it("gives the rows of the documented list: entries and exits, none when nothing is left", () => {
    expect(counts("SlidingWindow(second, 5)", seconds(34, 38, 42))).toEqual([
      ["00:00:34", 1],
      ["00:00:38", 2],
      ["00:00:39", 1],
      ["00:00:42", 2],
      ["00:00:43", 1],
    ]);
  });

  it("gives the rows of the documented diagram with HAVING", () => {
    expect(
      counts("SlidingWindow(second, 10)", seconds(10, 11.7, 15, 15, 26.6), " HAVING COUNT(*) >= 3"),
    ).toEqual([
      ["00:00:15", 4],
      ["00:00:20", 3],
    ]);
  });

  it("makes one row of an exit and an entry at one instant", () => {
    expect(counts("SlidingWindow(second, 5)", seconds(1, 2, 6))).toEqual([
      ["00:00:01", 1],
      ["00:00:02", 2],
      ["00:00:06", 2],
      ["00:00:07", 1],
    ]);
  });

  it("keeps an event one tick before its exit", () => {
    expect(counts("SlidingWindow(second, 5)", seconds(1, 5.9999999))).toEqual([
      ["00:00:01", 1],
      ["00:00:05.9999999", 2],
      ["00:00:06", 1],
    ]);
  });
});

describe("SessionWindow", () => {
  it("ends at the last event plus the timeout", () => {
    expect(counts("SessionWindow(minute, 3, 15)", [at("16:50:00"), at("16:51:11.743")])).toEqual([
      ["16:54:11.743", 2],
    ]);
  });

  it.each([
    [5, [["00:00:11", 2]]],
    [
      5.0000001,
      [
        ["00:00:06", 1],
        ["00:00:11.0000001", 1],
      ],
    ],
  ])("is extended by an event up to exactly the timeout later (%s s)", (gap, expected) => {
    expect(counts("SessionWindow(second, 5, 3600)", seconds(1, 1 + gap))).toEqual(expected);
  });

  it("lasts as the published cloud output shows: its checks start from the second event", () => {
    const times = [at("16:51:11.743"), at("16:59:02.92"), at("17:01:07")];
    for (let second = 63; second < 33 * 60; second += 120)
      times.push(at("17:00:00") + BigInt(second) * 10_000_000n);
    const ends = counts("SessionWindow(minute, 3, 15)", times).map(([end]) => end);
    expect(ends.slice(0, 2)).toEqual(["16:54:11.743", "17:30:00"]);
  });

  it("closes as the reference page says in documented mode", () => {
    const query =
      "SELECT System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY SessionWindow(second, 5, 10)";
    const events = seconds(12.5, 16, 20, 24, 28, 30, 31).map((ticks) => `{"t":"${formatDateTime(ticks)}"}`);
    const rows = runFile(query, events, { compile: { dialect: { sessionMode: "documented" } } });
    expect(rows.map((row) => row.slice(18, 26))).toEqual(["00:00:30", "00:00:36"]);
  });

  it("keeps sessions per key with OVER, and splits one session by the group keys without", () => {
    const events = [
      [0, "a"],
      [4, "b"],
      [8, "a"],
    ].map(([second, k]) => `{"t":"${formatDateTime(seconds(second as number)[0]!)}","k":"${k}"}`);
    const select =
      "SELECT k, COUNT(*) AS n FROM input TIMESTAMP BY t GROUP BY k, SessionWindow(second, 5, 60)";
    expect(runFile(select, events)).toEqual(['{"k":"a","n":2}', '{"k":"b","n":1}']);
    expect(runFile(`${select} OVER (PARTITION BY k)`, events)).toEqual([
      '{"k":"a","n":1}',
      '{"k":"b","n":1}',
      '{"k":"a","n":1}',
    ]);
  });
});

describe("snapshot and Windows()", () => {
  it("groups events of one moment", () => {
    expect(counts("System.Timestamp()", seconds(1, 1, 1.0000001))).toEqual([
      ["00:00:01", 2],
      ["00:00:01.0000001", 1],
    ]);
  });

  it("unites the rows of all windows in time order", () => {
    expect(counts("Windows(TumblingWindow(second, 10), TumblingWindow(second, 5))", seconds(1, 7))).toEqual([
      ["00:00:05", 1],
      ["00:00:10", 2],
      ["00:00:10", 1],
    ]);
  });
});
