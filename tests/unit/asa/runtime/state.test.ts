import { type AsaRecord, type InputEvent, readJson, type TimePolicies } from "../../../../asa";
import { at, rowText, runFile, start } from "../../../support/asa";

const minute = 600_000_000n;
const policies: TimePolicies = {
  lateToleranceTicks: 10n * minute,
  outOfOrderToleranceTicks: 0n,
  policy: "drop",
};
const incoming = (body: string, arrival: string): InputEvent => ({
  body: readJson(body) as AsaRecord,
  arrival: at(arrival),
});

describe("snapshot and restore", () => {
  it("keeps every substream with its clock, and keys that one side of a join has not seen", () => {
    const query =
      "SELECT a.k, a.v AS av, b.v AS bv FROM a TIMESTAMP BY t OVER k JOIN b TIMESTAMP BY t OVER k ON a.k = b.k AND DATEDIFF(minute, a, b) BETWEEN 0 AND 5";
    const first = start(query, { mode: "replay", policies });
    first.job.push("a", 0, [
      incoming('{"k":"x","v":1,"t":"2026-01-01T12:00:00Z"}', "12:00:00"),
      incoming('{"k":"y","v":2,"t":"2026-01-01T11:58:00Z"}', "12:00:01"),
    ]);
    const second = start(query, { mode: "replay", policies });
    second.job.restore(first.job.snapshot());
    second.job.push("b", 0, [
      incoming('{"k":"y","v":3,"t":"2026-01-01T11:59:00Z"}', "12:00:02"),
      incoming('{"k":"x","v":4,"t":"2026-01-01T12:01:00Z"}', "12:01:02"),
    ]);
    second.job.finish();
    expect(second.rows.map(rowText).sort()).toEqual(['{"k":"x","av":1,"bv":4}', '{"k":"y","av":2,"bv":3}']);
  });

  it("keeps reference data and JavaScript aggregates", () => {
    const functions = {
      callScalar: () => null,
      createAggregate: () => {
        const seen: string[] = [];
        return {
          accumulate: (value: unknown) => seen.push(String(value)),
          compute: () => seen.join("+"),
          snapshot: () => [],
        };
      },
    };
    const compileOptions = {
      inputs: [
        { alias: "input", kind: "stream" },
        { alias: "ref", kind: "reference" },
      ],
      functions: [{ name: "join", kind: "aggregate" }],
    } as const;
    const query =
      "WITH x AS (SELECT r.name AS name FROM input i TIMESTAMP BY t JOIN ref r ON i.k = r.k) SELECT uda.join(name) AS names FROM x GROUP BY TumblingWindow(minute, 1)";
    const first = start(query, { mode: "live", policies, functions }, compileOptions);
    first.job.setReference("ref", [readJson('{"k":1,"name":"one"}') as AsaRecord]);
    first.job.push(
      "input",
      0,
      ["12:00:10", "12:00:20"].map((time) => incoming(`{"k":1,"t":"2026-01-01T${time}Z"}`, time)),
    );
    const second = start(query, { mode: "live", policies, functions }, compileOptions);
    second.job.restore(first.job.snapshot());
    second.job.push("input", 0, [incoming('{"k":1,"t":"2026-01-01T12:00:30Z"}', "12:00:30")]);
    second.job.finish();
    expect(second.rows.map(rowText)).toEqual(['{"names":"one+one+one"}']);
  });
});

describe("JavaScript aggregates", () => {
  it("stop the job with the service's words when one throws", () => {
    const functions = {
      callScalar: () => null,
      createAggregate: () => {
        throw new TypeError("no init");
      },
    };
    const query = "SELECT uda.Bad(a) AS x FROM input GROUP BY TumblingWindow(minute, 1)";
    const { job } = start(query, { functions }, { functions: [{ name: "Bad", kind: "aggregate" }] });
    job.push("input", 0, [incoming('{"a":1}', "12:00:00")]);
    expect(() => job.finish()).toThrow(
      expect.objectContaining({
        code: "ASA_FUNCTION_FAILED",
        message: "Function 'udabad' resulted in an error: 'no init'",
      }),
    );
  });
});

describe("substreams", () => {
  it("move an idle key by the arrivals of the others, less the late tolerance", () => {
    const query =
      "SELECT k, COUNT(*) AS n FROM input TIMESTAMP BY t OVER k GROUP BY k, TumblingWindow(minute, 1)";
    const { job, rows } = start(query, { mode: "live", policies });
    job.push("input", 0, [incoming('{"k":"idle","t":"2026-01-01T12:00:30Z"}', "12:00:30")]);
    job.push("input", 0, [incoming('{"k":"busy","t":"2026-01-01T12:11:00Z"}', "12:11:00")]);
    expect(rows).toEqual([]);
    job.push("input", 0, [incoming('{"k":"busy","t":"2026-01-01T12:11:01Z"}', "12:11:01")]);
    expect(rows.map(rowText)).toContain('{"k":"idle","n":1}');
  });
});

describe("outputs", () => {
  it("take the rows of several statements in time order", () => {
    const query =
      "SELECT a, System.Timestamp() AS ts INTO out FROM input TIMESTAMP BY t WHERE a > 1; SELECT COUNT(*) AS n, System.Timestamp() AS ts INTO OUT FROM input TIMESTAMP BY t GROUP BY TumblingWindow(second, 2)";
    const events = [1, 2, 3].map((a) => `{"a":${a},"t":"2026-01-01T00:00:0${a}Z"}`);
    expect(
      runFile(query, events, { compile: { dialect: { duplicateOutput: "accept" } } }).map((row) =>
        row.replace(/T00:00|\.0{7}Z|2026-01-01/g, ""),
      ),
    ).toEqual(['{"a":2,"ts":":02"}', '{"n":2,"ts":":02"}', '{"a":3,"ts":":03"}', '{"n":1,"ts":":04"}']);
  });
});

describe("dialect switches of the runtime", () => {
  it("choose the first of duplicate keys", () => {
    const { job, rows } = start("SELECT a FROM input", {}, { dialect: { duplicateKeys: "first" } });
    job.push("input", 0, [{ body: new TextEncoder().encode('{"a":1,"a":2}'), arrival: 0n }]);
    job.finish();
    expect(rows.map(rowText)).toEqual(['{"a":1}']);
  });

  // 490,896 h from 1970 to 2026 are 70,128 windows of 7 h; 17,750,784 h from year one leave 2 h.
  it.each([
    ["offsetTimestamp", "unshifted", "TumblingWindow(Duration(minute, 1), Offset(second, 10))", "00:01:00"],
    ["gridOrigin", "unix-epoch", "TumblingWindow(hour, 7)", "07:00:00"],
    ["gridOrigin", "year-one", "TumblingWindow(hour, 7)", "05:00:00"],
  ])("%s = %s gives %s its ends", (name, choice, window, expected) => {
    const rows = runFile(
      `SELECT System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY ${window}`,
      ['{"t":"2026-01-01T00:00:30Z"}'],
      {
        compile: { dialect: { [name]: choice } },
      },
    );
    expect(rows[0]!.slice(18, 26)).toBe(expected);
  });

  it("sessionGapAtTimeout = close ends a session at a gap of exactly the timeout", () => {
    const query = "SELECT COUNT(*) AS n FROM input TIMESTAMP BY t GROUP BY SessionWindow(second, 5, 60)";
    const events = ["01", "06"].map((s) => `{"t":"2026-01-01T00:00:${s}Z"}`);
    expect(runFile(query, events)).toEqual(['{"n":2}']);
    expect(runFile(query, events, { compile: { dialect: { sessionGapAtTimeout: "close" } } })).toEqual([
      '{"n":1}',
      '{"n":1}',
    ]);
  });
});
