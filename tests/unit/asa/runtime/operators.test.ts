import { type AsaRecord, type InputEvent, readJson } from "../../../../asa";
import { at, event, rowText, runFile, start } from "../../../support/asa";

const body = (text: string): InputEvent => event(text);

describe("projection", () => {
  it("keeps the input's casing for * and the query's for named columns, left column first", () => {
    expect(runFile("SELECT B, *, a AS extra FROM input", ['{"a":1,"b":2}', '{"c":3}'])).toEqual([
      '{"B":2,"a":1,"extra":1}',
      '{"B":null,"c":3,"extra":null}',
    ]);
  });

  it("makes columns of a record's members", () => {
    expect(runFile("SELECT r.*, x FROM input", ['{"x":1,"r":{"p":2,"X":3}}', '{"x":1}'])).toEqual([
      '{"p":2,"X":3}',
      '{"x":1}',
    ]);
  });
});

describe("APPLY", () => {
  it("gives no row for an empty array with CROSS, one with OUTER", () => {
    const events = ['{"i":1,"l":[7,8]}', '{"i":2,"l":[]}', '{"i":3}'];
    const query = (kind: string) =>
      `SELECT i, e.ArrayIndex AS n, e.ArrayValue AS v FROM input ${kind} APPLY GetArrayElements(l) AS e`;
    expect(runFile(query("CROSS"), events)).toEqual(['{"i":1,"n":0,"v":7}', '{"i":1,"n":1,"v":8}']);
    expect(runFile(query("OUTER"), events).slice(2)).toEqual([
      '{"i":2,"n":null,"v":null}',
      '{"i":3,"n":null,"v":null}',
    ]);
  });

  it("stops the job with the service's words when the argument is a record", () => {
    expect(() =>
      runFile("SELECT 1 AS x FROM input CROSS APPLY GetArrayElements(l) AS e", ['{"l":{}}']),
    ).toThrow(
      /^Cannot cast value of type 'record' to type 'array' in expression 'l'\. At line '1' and column '\d+'\.$/,
    );
  });

  it("lists the members of a record in order", () => {
    expect(
      runFile(
        "SELECT p.PropertyName AS n, p.PropertyValue AS v FROM input CROSS APPLY GetRecordProperties(r) AS p",
        ['{"r":{"b":1,"a":2}}'],
      ),
    ).toEqual(['{"n":"b","v":1}', '{"n":"a","v":2}']);
  });
});

describe("reference data", () => {
  const inputs = [
    { alias: "input", kind: "stream" },
    { alias: "ref", kind: "reference" },
  ] as const;
  const query = (kind: string) =>
    `SELECT i.k, r.name FROM input i TIMESTAMP BY t ${kind} JOIN ref r ON i.k = r.k`;
  const rows = [
    '{"k":4,"name":"four"}',
    '{"k":"4","name":"text"}',
    '{"k":null,"name":"null"}',
    '{"k":4.0,"name":"again"}',
  ];
  const events = ["4", "4.0", '"4"', "null", "5"].map((k) => `{"k":${k},"t":"2026-01-01T00:00:00Z"}`);

  it("matches numbers by value, text never by number, NULL never, and multiplies by duplicates", () => {
    expect(runFile(query("INNER"), events, { compile: { inputs }, references: { ref: rows } })).toEqual([
      '{"k":4,"name":"four"}',
      '{"k":4,"name":"again"}',
      '{"k":4.0,"name":"four"}',
      '{"k":4.0,"name":"again"}',
      '{"k":"4","name":"text"}',
    ]);
    const left = runFile(query("LEFT"), events, { compile: { inputs }, references: { ref: rows } });
    expect(left.slice(-2)).toEqual(['{"k":null,"name":null}', '{"k":5,"name":null}']);
  });

  it("takes the version that is in effect at the event's time", () => {
    const { job, rows: out } = start(query("LEFT"), {}, { inputs });
    const version = (name: string) => [readJson(`{"k":1,"name":"${name}"}`) as AsaRecord];
    job.setReference("ref", version("old"), at("00:00:10"));
    job.setReference("ref", version("new"), at("00:00:20"));
    job.push(
      "input",
      0,
      ["09", "10", "19", "20"].map((s) => body(`{"k":1,"t":"2026-01-01T00:00:${s}Z"}`)),
    );
    job.finish();
    expect(out.map((row) => row.values[1])).toEqual([null, "old", "old", "new"]);
  });
});

describe("JOIN", () => {
  it("gives three-way joins whose bounds name an earlier source", () => {
    const query =
      "SELECT a.v AS a, b.v AS b, c.v AS c, System.Timestamp() AS ts FROM input a TIMESTAMP BY t " +
      "JOIN input b TIMESTAMP BY t ON b.v = a.v + 1 AND DATEDIFF(second, a, b) BETWEEN 0 AND 5 " +
      "JOIN input c TIMESTAMP BY t ON c.v = b.v + 1 AND DATEDIFF(second, a, c) BETWEEN 0 AND 5";
    const events = [1, 2, 3, 4].map((v) => `{"v":${v},"t":"2026-01-01T00:00:0${v * 2}Z"}`);
    expect(runFile(query, events)).toEqual([
      '{"a":1,"b":2,"c":3,"ts":"2026-01-01T00:00:06.0000000Z"}',
      '{"a":2,"b":3,"c":4,"ts":"2026-01-01T00:00:08.0000000Z"}',
    ]);
  });

  it("counts boundaries, or distance by the dialect", () => {
    const query =
      "SELECT b.v FROM input a TIMESTAMP BY t JOIN input b TIMESTAMP BY t ON a.v = 1 AND b.v = 2 AND DATEDIFF(minute, a, b) BETWEEN 0 AND 10";
    const events = ['{"v":1,"t":"2026-01-01T00:00:30Z"}', '{"v":2,"t":"2026-01-01T00:10:50Z"}'];
    expect(runFile(query, events)).toHaveLength(1);
    expect(runFile(query, events, { compile: { dialect: { joinDistance: "plain" } } })).toHaveLength(0);
  });
});

describe("analytic functions", () => {
  const lines = (values: readonly unknown[]) =>
    values.map(
      (v, i) => `{"v":${JSON.stringify(v)},"t":"${new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString()}"}`,
    );

  it("LAG gives a found NULL, and the default only where nothing is found", () => {
    expect(
      runFile(
        "SELECT LAG(v, 1, -1) OVER (LIMIT DURATION(second, 10)) AS p FROM input TIMESTAMP BY t",
        lines([1, null, 3]),
      ),
    ).toEqual(['{"p":-1}', '{"p":1}', '{"p":null}']);
  });

  it("LAG looks back over (t - limit, t], or [t - limit, t] by the dialect", () => {
    const query = "SELECT LAG(v) OVER (LIMIT DURATION(second, 1)) AS p FROM input TIMESTAMP BY t";
    expect(runFile(query, lines([1, 2]))).toEqual(['{"p":null}', '{"p":null}']);
    expect(
      runFile(query, lines([1, 2]), { compile: { dialect: { limitDurationStart: "inclusive" } } })[1],
    ).toBe('{"p":1}');
  });

  it("run before WHERE", () => {
    expect(
      runFile(
        "SELECT v, LAG(v) OVER (LIMIT DURATION(minute, 1)) AS p FROM input TIMESTAMP BY t WHERE v = 3",
        lines([1, 2, 3]),
      ),
    ).toEqual(['{"v":3,"p":2}']);
  });

  const noisy = (count: number, level: (i: number) => number) =>
    Array.from({ length: count }, (_, i) => level(i) + ((i * 7919) % 13) / 13);
  const alarms = (query: string, values: readonly number[]) =>
    runFile(
      `WITH x AS (SELECT ${query} AS a FROM input TIMESTAMP BY t) SELECT a.IsAnomaly AS y, a.Score AS s FROM x`,
      lines(values),
    ).flatMap((row, i) => (row.includes('"y":1') ? [i] : []));

  it("AnomalyDetection_SpikeAndDip finds clear spikes and dips once its history is full", () => {
    const values = noisy(200, (i) => (i === 5 || i === 150 ? 100 : i === 170 ? -80 : 20));
    const call = (mode: string) =>
      `AnomalyDetection_SpikeAndDip(CAST(v AS float), 99, 60, '${mode}') OVER (LIMIT DURATION(second, 3600))`;
    expect(alarms(call("spikes"), values)).toContain(150);
    expect(alarms(call("spikes"), values)).not.toContain(170);
    expect(alarms(call("dips"), values)).toContain(170);
    expect(alarms(call("spikesanddips"), values)).toEqual(expect.arrayContaining([150, 170]));
    expect(alarms(call("spikesanddips"), values).every((i) => i >= 60)).toBe(true);
  });

  it("AnomalyDetection_ChangePoint finds a lasting change of level and stays silent before it", () => {
    const values = noisy(300, (i) => (i < 200 ? 20 : 40));
    const found = alarms(
      "AnomalyDetection_ChangePoint(CAST(v AS float), 80, 50) OVER (LIMIT DURATION(second, 3600))",
      values,
    );
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toBeGreaterThanOrEqual(200);
    expect(found[0]).toBeLessThan(250);
  });
});

describe("MATCH_RECOGNIZE", () => {
  const query = (pattern: string, limit = 60) =>
    `SELECT * FROM input TIMESTAMP BY t MATCH_RECOGNIZE (LIMIT DURATION(second, ${limit}) MEASURES Classifier() AS c, Last(A.v) AS a AFTER MATCH SKIP TO NEXT ROW PATTERN (${pattern}) DEFINE A AS A.v = 1, B AS B.v = 2) AS m`;
  const lines = (values: readonly number[]) =>
    values.map((v, i) => `{"v":${v},"t":"2026-01-01T00:00:${String(i).padStart(2, "0")}Z"}`);
  const labels = (rows: readonly string[]) =>
    rows.map((row) => (JSON.parse(row) as { c: string[] }).c.join(""));

  it("gives the longest match from every start row", () => {
    expect(labels(runFile(query("A+ B+"), lines([1, 2, 2, 1])))).toEqual(["ABB"]);
    expect(labels(runFile(query("A+ B*"), lines([1, 1, 2])))).toEqual(["AAB", "AB"]);
    expect(labels(runFile(query("(A | B) . C?"), lines([1, 2, 3])))).toEqual(["A.C", "B."]);
  });

  it("keeps a match within LIMIT DURATION of its first row", () => {
    expect(labels(runFile(query("A B* C", 3), lines([1, 2, 2, 3])))).toEqual(["ABC"]);
  });
});

describe("job", () => {
  it("fails for good on an error of the query, after handing over the rows before it", () => {
    const { job, rows } = start("SELECT 10 / x AS y FROM input TIMESTAMP BY t", { mode: "live" });
    const make = (x: number, s: number): InputEvent => ({
      body: readJson(`{"x":${x},"t":"2026-01-01T00:00:0${s}Z"}`) as AsaRecord,
      arrival: at("00:00:09"),
    });
    job.push("input", 0, [make(5, 1), make(0, 2)]);
    expect(() => job.finish()).toThrow(expect.objectContaining({ code: "ASA_ARITHMETIC" }));
    expect(rows.map(rowText)).toEqual(['{"y":2}']);
    expect(() => job.push("input", 0, [])).toThrow(
      expect.objectContaining({
        code: "ASA_JOB_FAILED",
        cause: expect.objectContaining({ code: "ASA_ARITHMETIC" }),
      }),
    );
  });

  it("names unknown inputs and partitions, and refuses events after the end", () => {
    const { job } = start("SELECT * FROM input", { mode: "live" });
    expect(() => job.push("other", 0, [])).toThrow(expect.objectContaining({ code: "ASA_JOB_INPUT" }));
    expect(() => job.push("input", 1, [])).toThrow(expect.objectContaining({ code: "ASA_JOB_INPUT" }));
    expect(() => job.setReference("input", [])).toThrow(expect.objectContaining({ code: "ASA_JOB_INPUT" }));
    job.finish();
    expect(() => job.push("INPUT", 0, [])).toThrow(expect.objectContaining({ code: "ASA_JOB_FINISHED" }));
  });

  it("refuses a snapshot of another query, of another format, or a damaged one", () => {
    const { job } = start("SELECT * FROM input");
    job.push("input", 0, [body('{"a":1}')]);
    const state = job.snapshot();
    const mismatch = expect.objectContaining({ code: "ASA_STATE_MISMATCH" });
    expect(() => start("SELECT a FROM input").job.restore(state)).toThrow(mismatch);
    expect(() => start("SELECT * FROM input").job.restore(state.slice(0, 10))).toThrow(mismatch);
    const damaged = Uint8Array.from(state);
    damaged[damaged.length - 1]! ^= 1;
    expect(() => start("SELECT * FROM input").job.restore(damaged)).toThrow(mismatch);
    expect(() => start("SELECT * FROM input").job.restore(new Uint8Array())).toThrow(mismatch);
  });

  it("gives rows without TIMESTAMP BY the start of a file run", () => {
    const { job, rows } = start(
      "SELECT System.Timestamp() AS ts, LAG(a) OVER (LIMIT DURATION(second, 1)) AS p FROM input",
    );
    job.push("input", 0, [body('{"a":1}'), body('{"a":2}')]);
    job.finish();
    expect(rows.map(rowText)).toEqual([
      '{"ts":"2026-01-01T00:00:00.0000000Z","p":null}',
      '{"ts":"2026-01-01T00:00:00.0000000Z","p":1}',
    ]);
  });

  it("conforms events to CREATE TABLE and names those that do not fit", () => {
    const query = "CREATE TABLE input (n bigint, f float); SELECT * FROM input";
    const { job, rows, diagnostics } = start(query, {}, { inputs: [{ alias: "input", kind: "stream" }] });
    job.push(
      "input",
      0,
      ['{"F":1,"n":5.0,"x":1}', '{"n":5.5,"f":1}', '{"n":"5","f":1}', '{"f":1}', '{"n":null,"f":null}'].map(
        body,
      ),
    );
    job.finish();
    expect(rows.map(rowText)).toEqual(['{"n":5,"f":1.0}', '{"n":null,"f":null}']);
    expect(diagnostics.map(({ kind }) => kind.split(".")[1])).toEqual([
      "TypeConversionError",
      "TypeConversionError",
      "MissingColumns",
    ]);
  });

  it("reads metadata of live events, and NULL in a file", () => {
    const query =
      "SELECT GetMetadataPropertyValue(input, '[EventHub].[SequenceNumber]') AS s, GetMetadataPropertyValue(input, '[User].[site]') AS u, PartitionId AS p, EventEnqueuedUtcTime AS e FROM input";
    const live = start(query, { mode: "live" });
    const properties = readJson('{"site":"north"}') as AsaRecord;
    const metadata = { partition: 0, sequence: 7n, properties };
    live.job.push("input", 0, [{ body: readJson("{}") as AsaRecord, arrival: at("00:00:01"), metadata }]);
    live.job.finish();
    expect(live.rows.map(rowText)).toEqual(['{"s":7,"u":"north","p":0,"e":"2026-01-01T00:00:01.0000000Z"}']);
    expect(runFile(query, ["{}"])).toEqual(['{"s":null,"u":null,"p":null,"e":null}']);
  });

  it("calls JavaScript functions through the host and stops with the service's words when one throws", () => {
    const functions = {
      callScalar: (name: string, [x]: readonly unknown[]) => {
        if (x === null) throw new TypeError("x is null");
        return `${name}:${String(x)}`;
      },
      createAggregate: () => {
        let sum = 0;
        return {
          accumulate: (value: unknown) => {
            sum += Number(value);
          },
          compute: () => sum,
          snapshot: () => [],
        };
      },
    };
    const declared = {
      functions: [
        { name: "f", kind: "scalar" as const },
        { name: "total", kind: "aggregate" as const },
      ],
    };
    const scalar = start("SELECT udf.F(a) AS x FROM input", { functions }, declared);
    scalar.job.push("input", 0, [body('{"a":1}')]);
    scalar.job.finish();
    expect(scalar.rows.map(rowText)).toEqual(['{"x":"f:1"}']);
    const failing = start("SELECT udf.f(a) AS x FROM input", { functions }, declared);
    // Without TIMESTAMP BY a file's events need not wait for its end.
    expect(() => failing.job.push("input", 0, [body("{}")])).toThrow(
      /^Function 'udff' resulted in an error: 'x is null'/,
    );
    const uda = start(
      "SELECT uda.total(a) AS x FROM input GROUP BY TumblingWindow(minute, 1)",
      { functions },
      declared,
    );
    uda.job.push("input", 0, [body('{"a":1}'), body('{"a":2}')]);
    uda.job.finish();
    expect(uda.rows.map(rowText)).toEqual(['{"x":3.0}']);
  });
});
