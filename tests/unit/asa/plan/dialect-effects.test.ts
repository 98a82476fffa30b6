import { event, runFile, start } from "../../../support/asa";

describe("starMissingFields", () => {
  const query = "SELECT * FROM input TIMESTAMP BY t";
  const events = ['{"t":"2026-01-01T00:00:01Z","a":1}', '{"t":"2026-01-01T00:00:02Z","b":2}'];

  it("leaves absent fields out by default", () => {
    expect(runFile(query, events)).toEqual(events);
  });

  it("writes the fields of earlier rows as NULL when it says null", () => {
    expect(runFile(query, events, { compile: { dialect: { starMissingFields: "null" } } })).toEqual([
      events[0],
      '{"t":"2026-01-01T00:00:02Z","b":2,"a":null}',
    ]);
  });

  it("survives a snapshot", () => {
    const compile = { dialect: { starMissingFields: "null" } };
    const live = { mode: "live" } as const;
    const first = start("SELECT * FROM input", live, compile);
    first.job.push("input", 0, [event('{"a":1}', 10n)]);
    first.job.advance("input", 0, 11n);
    expect(first.rows).toHaveLength(1);
    const second = start("SELECT * FROM input", live, compile);
    second.job.restore(first.job.snapshot());
    second.job.push("input", 0, [event('{"b":2}', 20n)]);
    second.job.advance("input", 0, 21n);
    expect(second.rows.map(({ columns, values }) => [columns, values])).toEqual([
      [
        ["b", "a"],
        [2n, null],
      ],
    ]);
  });
});

describe("nonFinite", () => {
  const run = (aggregate: string, values: readonly string[], dialect: Record<string, string> = {}) =>
    runFile(
      `SELECT ${aggregate} AS x FROM input GROUP BY TumblingWindow(minute, 1)`,
      values.map((v) => `{"v":${v}}`),
      { compile: { dialect } },
    );

  it.each([
    ["SUM(v)", ["1.7e308", "1.7e308"]],
    ["AVG(v)", ["1.7e308", "1.7e308"]],
    ["VAR(v)", ["1e308", "-1e308"]],
    ["STDEVP(v)", ["1e308", "-1e308"]],
    ["PERCENTILE_CONT(0.5) OVER (ORDER BY v)", ["1.7e308", "-1.7e308"]],
  ])("makes %s NULL by default, an error on demand", (aggregate, values) => {
    expect(run(aggregate, values)).toEqual(['{"x":null}']);
    expect(() => run(aggregate, values, { nonFinite: "error" })).toThrow(
      expect.objectContaining({
        code: "ASA_ARGUMENT_VALUE",
        message: expect.stringContaining("is not a finite number"),
      }),
    );
  });
});

describe("the whole row of several sources", () => {
  const compile = {
    inputs: [
      { alias: "input", kind: "stream" },
      { alias: "ref", kind: "reference" },
    ],
  } as const;

  it("is the payload with a record per APPLY alias", () => {
    expect(
      runFile(
        "SELECT Collect() AS c, TopOne() OVER (ORDER BY e.ArrayValue DESC) AS t FROM input CROSS APPLY GetArrayElements(xs) AS e GROUP BY TumblingWindow(minute, 1)",
        ['{"id":1,"xs":[5,6]}'],
      ),
    ).toEqual([
      '{"c":[{"id":1,"xs":[5,6],"e":{"ArrayIndex":0,"ArrayValue":5}},{"id":1,"xs":[5,6],"e":{"ArrayIndex":1,"ArrayValue":6}}],' +
        '"t":{"id":1,"xs":[5,6],"e":{"ArrayIndex":1,"ArrayValue":6}}}',
    ]);
  });

  it("is one record per source of a join", () => {
    const query =
      "SELECT CollectTop(1) OVER (ORDER BY ref.n DESC) AS c FROM input i LEFT JOIN ref ON i.id = ref.id GROUP BY TumblingWindow(minute, 1)";
    expect(
      runFile(query, ['{"id":1}', '{"id":2}'], { compile, references: { ref: ['{"id":1,"n":5}'] } }),
    ).toEqual(['{"c":[{"rank":1,"value":{"i":{"id":1},"ref":{"id":1,"n":5}}}]}']);
  });

  it("is the event of the stream for LAG(*) beside APPLY", () => {
    expect(
      runFile(
        "SELECT e.ArrayValue AS v, LAG(*) OVER (LIMIT DURATION(minute, 1)) AS p FROM input CROSS APPLY GetArrayElements(xs) AS e",
        ['{"xs":[1]}', '{"xs":[2]}'],
      ),
    ).toEqual(['{"v":1,"p":null}', '{"v":2,"p":{"xs":[1]}}']);
  });
});
