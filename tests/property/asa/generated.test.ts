import fc from "fast-check";
import {
  AsaRecord,
  createJob,
  type EventMetadata,
  explain,
  formatDateTime,
  type RuntimeDiagnostic,
  readJson,
  type TimePolicies,
} from "../../../asa";
import { at, planOf, rowText } from "../../support/asa";

const runs = Number(process.env["RUNS"] ?? 150);
const base = at("12:00:00");
const second = 10_000_000n;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const property = (path: string): string => `GetMetadataPropertyValue(input, '${path}')`;
/** Queries that the fast path takes whole, in part and not at all. */
const queries = [
  "SELECT a.k AS k, a.v AS av, b.v AS bv, GetMetadataPropertyValue(a, '[EventHub].[SequenceNumber]') AS q FROM input a TIMESTAMP BY t LEFT JOIN input b TIMESTAMP BY t ON a.k = b.k AND DATEDIFF(second, a, b) BETWEEN 1 AND 2 WHERE a.PartitionId = 0",
  `WITH s AS (SELECT k, v, EventEnqueuedUtcTime AS e, ${property("[EventHub].[EventProcessedUtcTime]")} AS p, COALESCE(v, System.Timestamp()) AS o FROM input TIMESTAMP BY t WHERE v > 2) SELECT k, MAX(e) AS hi, MIN(p) AS lo, COUNT(*) AS n FROM s GROUP BY k, TumblingWindow(second, 4)`,
  "SELECT k, MAX(EventEnqueuedUtcTime) AS hi, MIN(EventProcessedUtcTime) AS lo FROM input TIMESTAMP BY t WHERE EventEnqueuedUtcTime <> '2026-01-01T11:00:00Z' GROUP BY k, TumblingWindow(second, 4)",
  `SELECT k, COUNT(DISTINCT v) AS n, MAX(${property("EventId")}) AS id FROM input TIMESTAMP BY t GROUP BY k, SlidingWindow(second, 3)`,
  "SELECT k, COUNT(*) AS n, COUNT(v) AS c, SUM(v) AS s, AVG(v) AS a, MIN(v) AS lo, MAX(v) AS hi, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY k, TumblingWindow(second, 5)",
  "SELECT k, d.x AS x, COUNT(*) AS n, SUM(v) AS s, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY k, d.x, HoppingWindow(second, 7, 3)",
  "SELECT COUNT(*) AS n, SUM(v) AS s, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE v > 3 AND k <> 'b' GROUP BY TumblingWindow(Duration(second, 4), Offset(second, 1))",
  "SELECT K, v, T AS tt, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE v BETWEEN 1 AND 6 OR k = 'a'",
  "SELECT k, v + 1 AS p, v * 2.5 AS q, -v AS m, v - v AS z, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE v IS NOT NULL AND NOT (v < 2)",
  "SELECT k, COUNT(*) AS n, SUM(v * 2 + 1) AS s, MAX(v / 2.0) AS h, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE v + 1 > 2.5 GROUP BY k, TumblingWindow(second, 3)",
  "SELECT k, LAG(v) OVER (PARTITION BY k LIMIT DURATION(second, 6)) AS p, CASE WHEN v > 3 THEN 'high' WHEN k IN ('a', 'b') THEN k ELSE 'low' END AS c, System.Timestamp() AS ts FROM input TIMESTAMP BY t",
  "SELECT k, COUNT(*) AS n, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE k LIKE '%a%' GROUP BY k, SlidingWindow(second, 4) HAVING COUNT(*) >= 2",
  "SELECT k, COUNT(*) AS n, SUM(v) AS s, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY k, SessionWindow(second, 3, 9) OVER (PARTITION BY k)",
  "SELECT v % 3 AS r, COUNT(*) AS n, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE TRY_CAST(v AS bigint) IS NOT NULL GROUP BY v % 3, TumblingWindow(second, 6)",
  "SELECT k, COUNT(*) AS n FROM input GROUP BY k, TumblingWindow(second, 5)",
];
/** Queries of which every relation runs over columns, but for what `rows` counts. */
const typedQueries = [
  "SELECT k, v, t, LAG(v) OVER (PARTITION BY k LIMIT DURATION(second, 6)) AS p, LAG(v, 3, -1) OVER (LIMIT DURATION(second, 20) WHEN v > 2) AS q, LAST(k) OVER (PARTITION BY k, d.x LIMIT DURATION(second, 4) WHEN v IS NOT NULL) AS l FROM input TIMESTAMP BY t",
  "SELECT k, v - LAG(v, 2) OVER (PARTITION BY k LIMIT DURATION(second, 9)) AS p, ISFIRST(second, 4) OVER (PARTITION BY k WHEN v < 5) AS f, ISFIRST(second, 3) AS g FROM input TIMESTAMP BY t WHERE v <> 4",
  "SELECT k, COUNT(*) AS n, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY k, SlidingWindow(second, 4) HAVING COUNT(*) >= 2",
  "SELECT k, d.x AS x, COUNT(v) AS n, MIN(v) AS lo, MAX(v) AS hi, SUM(v) AS s, AVG(v + 1) AS a, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE v < 8 GROUP BY k, d.x, SlidingWindow(second, 5)",
  "SELECT k, COUNT(*) AS n, SUM(v) AS s, MIN(v) AS lo, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY k, SessionWindow(second, 3, 9) OVER (PARTITION BY k)",
  "SELECT COUNT(v) AS n, AVG(v) AS a, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE k <> 'c' GROUP BY d.x, k, SessionWindow(second, 2, 5) OVER (PARTITION BY k, d.x)",
  "SELECT a.k AS k, a.v AS av, b.v AS bv, b.t AS bt, System.Timestamp() AS ts FROM input a TIMESTAMP BY t JOIN input b TIMESTAMP BY t ON a.k = b.k AND DATEDIFF(second, a, b) BETWEEN -1 AND 4",
  "SELECT a.v AS av, b.k AS bk, a.d AS ad FROM input a TIMESTAMP BY t JOIN input b TIMESTAMP BY t ON a.v = b.v AND a.k = b.k AND b.v >= 1 AND DATEDIFF(millisecond, a, b) BETWEEN 0 AND 2500 WHERE a.v < 8",
  "SELECT i.k, i.v, r.name, r.rank AS rank FROM input i TIMESTAMP BY t JOIN ref r ON i.k = r.k WHERE r.rank > 1 OR i.v = 2",
  "SELECT i.k, r.name FROM input i TIMESTAMP BY t JOIN ref r ON i.k = r.k AND r.k = i.k WHERE r.name <> 'none' AND r.rank < 4 AND i.v > 1",
  "SELECT i.k, r.name, r.k AS rk, i.t FROM input i TIMESTAMP BY t LEFT JOIN ref r ON i.v = r.rank AND r.name <> 'none' AND i.k = r.k",
  "WITH s AS (SELECT k, v + 0.5 AS w, LAG(k) OVER (LIMIT DURATION(second, 5)) AS before FROM input TIMESTAMP BY t WHERE v IS NOT NULL) SELECT before, COUNT(*) AS n, SUM(w) AS total, MIN(w) AS lo, System.Timestamp() AS ts FROM s GROUP BY before, TumblingWindow(second, 6)",
  "WITH n AS (SELECT k, COUNT(*) AS c, System.Timestamp() AS e FROM input TIMESTAMP BY t GROUP BY k, TumblingWindow(second, 3)) SELECT k, c - LAG(c) OVER (PARTITION BY k LIMIT DURATION(second, 30)) AS more, e FROM n WHERE c > 0",
  "SELECT k, CASE WHEN v > 3 THEN 'high' ELSE k END AS c, UPPER(k) AS u, v, d, System.Timestamp() AS ts, DATEADD(second, 1, System.Timestamp()) AS later, 'it''s' AS word, NULL AS nothing FROM input TIMESTAMP BY t",
  // Scalar expressions that loops write out, over cells of every kind.
  "SELECT k, v / 2 AS h, v % 3 AS m, ABS(v) AS a, FLOOR(v) AS f, CEILING(v) AS c, SIGN(v) AS g, ROUND(v, 1) AS r, SQRT(ABS(v)) AS q, POWER(v, 2) AS p, SQUARE(v) AS s2, COALESCE(v, 7) AS o, CAST(v AS float) AS x, CAST(v AS bigint) AS b FROM input TIMESTAMP BY t WHERE v % 4 <> 3 OR v IS NULL",
  "SELECT k, CASE WHEN v > 5 THEN v WHEN v < 0 THEN -v ELSE 0 END AS n, CASE k WHEN 'a' THEN 1 WHEN 'b' THEN 2.5 ELSE v END AS s, CASE WHEN v IS NULL THEN k WHEN v > 2 THEN 'big' ELSE NULL END AS w, CASE WHEN k = 'a' THEN System.Timestamp() ELSE t END AS y, COALESCE(v, k) AS o FROM input TIMESTAMP BY t WHERE NOT (k IN ('c', '') AND v BETWEEN 2 AND 4)",
  "SELECT k, GetType(v) AS g, v, DATEDIFF(second, t, System.Timestamp()) AS d0, DATEDIFF(second, CAST('1970-01-01T00:00:00Z' AS datetime), System.Timestamp()) AS d1, DATEADD(minute, v, System.Timestamp()) AS later, DATEPART(hour, System.Timestamp()) AS h, DATEPART(second, t) AS s FROM input TIMESTAMP BY t WHERE GetType(v) IN ('bigint', 'float') AND GetType(k) <> 'record' AND (System.Timestamp() > '2026-01-01T12:00:03Z' OR t < CAST('2026-01-01T12:00:20Z' AS datetime))",
  "SELECT UPPER(k) AS u, LEN(k) AS n, k, SUBSTRING(k, 1, 1) AS f, CONCAT(k, '-', v) AS c, CASE WHEN LEN(k) > 0 THEN LEN(k) ELSE NULL END AS l, COUNT(*) AS rows FROM input TIMESTAMP BY t WHERE k LIKE '%a%' OR LEN(k) BETWEEN 1 AND 3 AND REGEXMATCH(k, '[^b]') = 1 AND CHARINDEX('x', CONCAT(k, k)) = 0 GROUP BY k, v, UPPER(k), LEN(k), TumblingWindow(second, 4)",
  "SELECT COUNT(*) AS n, SUM(CASE WHEN v > 3 THEN 1 ELSE 0 END) AS s, SUM(LEN(k)) AS l, MAX(ABS(v)) AS m, AVG(ROUND(v, 0)) AS r, MIN(COALESCE(v, 4)) AS lo FROM input TIMESTAMP BY t WHERE TRY_CAST(t AS datetime) IS NOT NULL AND LEN(t) > 4 AND TRY_CAST(v AS float) IS NOT NULL GROUP BY FLOOR(v / 2), TumblingWindow(second, 6) HAVING COUNT(*) > 0 AND SUM(LEN(k)) >= 1",
  // What the broker knows of events, and PARTITION BY.
  `SELECT k, v, PartitionId, EventEnqueuedUtcTime AS q, EventProcessedUtcTime AS p, ${property("[EventHub].[EventEnqueuedUtcTime]")} AS e, ${property("EventId")} AS id, ${property("[IoTHub].[ConnectionDeviceId]")} AS device, ${property("[User].[u]")} AS u, ${property("[EventHub].[Offset]")} AS o FROM input TIMESTAMP BY t WHERE v > 1 OR PartitionId = 1 OR ${property("PartitionId")} = 0`,
  `SELECT partitionid AS part, ${property("[IoTHub].[ConnectionDeviceId]")} AS device, COUNT(*) AS n, SUM(${property("[EventHub].[SequenceNumber]")}) AS s, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE DATEDIFF(second, t, EventEnqueuedUtcTime) > -100 GROUP BY PartitionId, ${property("[IoTHub].[ConnectionDeviceId]")}, TumblingWindow(second, 5)`,
  `WITH s AS (SELECT PartitionId, k, v, ${property("[EventHub].[SequenceNumber]")} AS q FROM input TIMESTAMP BY t PARTITION BY PartitionId WHERE v > 0 OR k = 'a') SELECT PartitionId, k, TopOne() OVER (ORDER BY q DESC) AS best, COUNT(*) AS n, System.Timestamp() AS ts FROM s PARTITION BY PartitionId GROUP BY PartitionId, k, System.Timestamp()`,
  `SELECT k, ${property("[EventHub].[SequenceNumber]")} - LAG(${property("[EventHub].[SequenceNumber]")}) OVER (PARTITION BY k LIMIT DURATION(second, 9) WHEN ${property("PartitionId")} = 0) AS d FROM input TIMESTAMP BY t`,
  "SELECT a.v AS av, a.PartitionId AS ap, GetMetadataPropertyValue(b, '[EventHub].[SequenceNumber]') AS bs, DATEDIFF(second, a.EventEnqueuedUtcTime, b.t) AS d FROM input a TIMESTAMP BY t JOIN input b TIMESTAMP BY t ON a.k = b.k AND DATEDIFF(second, a, b) BETWEEN 0 AND 3 AND GetMetadataPropertyValue(a, 'PartitionId') = 0",
  `SELECT k, COUNT(${property("[User].[u]")}) AS n, MIN(${property("[EventHub].[SequenceNumber]")}) AS s, System.Timestamp() AS ts FROM input TIMESTAMP BY t GROUP BY k, SlidingWindow(second, 4)`,
  "SELECT PartitionId, k, COUNT(*) AS n, MAX(v) AS hi, System.Timestamp() AS ts FROM input TIMESTAMP BY t PARTITION BY PartitionId WHERE k <> 'c' GROUP BY k, PartitionId, HoppingWindow(second, 6, 2)",
  "SELECT d.x AS x, k, COUNT(*) AS n, SUM(v) AS s, System.Timestamp() AS ts FROM input TIMESTAMP BY t PARTITION BY k GROUP BY k, d.x, SlidingWindow(second, 3)",
  "SELECT k, PartitionId, COUNT(*) AS n, MIN(v) AS lo, System.Timestamp() AS ts FROM input TIMESTAMP BY t PARTITION BY k, PartitionId GROUP BY k, PartitionId, SessionWindow(second, 3, 7) OVER (PARTITION BY k, PartitionId)",
  "SELECT k, System.Window().Id AS w, COUNT(*) AS n, SUM(v) AS s, System.Timestamp() AS ts FROM input TIMESTAMP BY t PARTITION BY k GROUP BY k, Windows(Window('a', SlidingWindow(second, 2)), Window('b', TumblingWindow(second, 4)), Window('c', SessionWindow(second, 2, 5) OVER (PARTITION BY k)))",
  `SELECT k, v, EventEnqueuedUtcTime AS e, ${property("PartitionId")} AS p, System.Timestamp() AS ts FROM input TIMESTAMP BY EventEnqueuedUtcTime WHERE v IS NOT NULL`,
  "SELECT k, COUNT(*) AS n, System.Timestamp() AS ts FROM input TIMESTAMP BY EventProcessedUtcTime GROUP BY k, TumblingWindow(millisecond, 1)",
  "SELECT k, COUNT(*) AS n, System.Timestamp() AS ts FROM input TIMESTAMP BY PartitionId GROUP BY k, TumblingWindow(second, 1)",
  // Rows of one moment, several windows, unions and records of rows.
  "WITH s AS (SELECT k, v, d, t AS stamp FROM input TIMESTAMP BY t) SELECT k, COUNT(v) AS n, TopOne() OVER (ORDER BY stamp DESC, COALESCE(k, 'a')) AS best, SUM(v) AS s, System.Timestamp() AS ts FROM s GROUP BY k, d, System.Timestamp()",
  "WITH s AS (SELECT k, v, t AS stamp FROM input TIMESTAMP BY t), d AS (SELECT TopOne() OVER (ORDER BY stamp) AS first, k FROM s GROUP BY v, k, System.Timestamp()), e AS (SELECT first, k AS kk FROM d WHERE first.v IS NOT NULL) SELECT kk, first, first.k AS fk, first.v + 1 AS more, first.none AS nothing FROM e",
  "SELECT k, COUNT(*) AS n, MIN(v) AS lo FROM input TIMESTAMP BY t GROUP BY k, v, System.Timestamp()",
  "SELECT k, System.Window().Id AS w, COUNT(*) AS n, SUM(v) AS s, System.Timestamp() AS ts FROM input TIMESTAMP BY t WHERE v > 0 GROUP BY k, Windows(Window('a', TumblingWindow(second, 4)), Window('b', HoppingWindow(second, 6, 2)))",
  "WITH x AS (SELECT k, COUNT(*) AS n FROM input TIMESTAMP BY t GROUP BY k, TumblingWindow(second, 5)), y AS (SELECT k AS kk, v AS n, System.Timestamp() AS w FROM input TIMESTAMP BY t), u AS (SELECT k, n, CAST('2026-01-01' AS datetime) AS w FROM x UNION SELECT kk, n, w FROM y WHERE n > 2) SELECT w, k, n, System.Timestamp() AS ts FROM u WHERE n < 20",
];
const declared = {
  inputs: [
    { alias: "input", kind: "stream" as const },
    { alias: "ref", kind: "reference" as const },
  ],
};
const plans = [...queries, ...typedQueries].map((query) => planOf(query, declared));

/** Reference rows with keys of every kind, twice, the second from a moment on. */
const references = [
  '[{"k":"a","name":"first","rank":1},{"k":"b","name":"none","rank":2},{"k":"a","name":"again","rank":3},{"k":1,"name":"number","rank":2},{"name":"no key","rank":4},{"k":"\\u0061","name":"escaped","rank":0}]',
  '[{"k":"b","name":"later","rank":5},{"k":"c","name":"quote\\"","rank":2.0},{"k":true,"name":null,"rank":1},{"k":"2026-01-02","name":"day","rank":6}]',
].map((text) => readJson(text) as readonly AsaRecord[]);

const number = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -3, max: 9 }).map(String) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "0.5",
      "-0.0",
      "-0",
      "309.0",
      "1e2",
      "2.5E-3",
      "0.1",
      "1.7976931348623157e308",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "9007199254740993",
      "-9223372036854775808",
      "123456789012345678",
      "0.12345678901234567",
    ),
  },
);
const text = fc.constantFrom(
  '"a"',
  '"b"',
  '"\\u0061"',
  '"ä"',
  '"a\\"b"',
  '""',
  '"\\ud83d\\ude00"',
  '"\\ud800"',
);
const broken = fc.constantFrom("01", "1.", "nul", '"x', "[1,", "{}}", "-", '"\\x"', "99999999999999999999");
const value = fc.oneof(
  { weight: 8, arbitrary: number },
  { weight: 1, arbitrary: text },
  { weight: 1, arbitrary: fc.constantFrom("null", "true", "false", "[1,2]", '{"x":1}', '" 12 "') },
);
const time = fc
  .tuple(fc.integer({ min: 0, max: 30 }), fc.constantFrom(0n, 0n, 1n, -1n, 5_000_000n))
  .map(([s, beside]) => base + BigInt(s) * second + beside);
const timeText = fc.oneof(
  { weight: 12, arbitrary: time.map((ticks) => `"${formatDateTime(ticks)}"`) },
  { weight: 2, arbitrary: time.map((ticks) => `"${formatDateTime(ticks).slice(0, 19)}Z"`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '"2026-01-02 12:00:04"',
      '"2026-01-02T14:00:05+02:00"',
      "null",
      "5",
      '"later"',
      '"2026-02-30T00:00:00Z"',
    ),
  },
);
const space = fc.constantFrom("", "", "", " ", "\t");

interface Shape {
  readonly far: boolean;
  readonly errors: boolean;
}

const eventText = ({ far, errors }: Shape) => {
  const stamp = far
    ? fc.oneof(
        { weight: 15, arbitrary: timeText },
        { weight: 1, arbitrary: fc.constantFrom('"1805-01-01T00:00:00Z"', '"2190-05-05T05:05:05Z"') },
      )
    : timeText;
  const measured = errors
    ? value
    : fc.oneof({ weight: 9, arbitrary: number }, { weight: 1, arbitrary: fc.constant("null") });
  const member = fc.oneof(
    { weight: 8, arbitrary: measured.map((item) => `"v":${item}`) },
    {
      weight: 6,
      arbitrary: fc
        .oneof(
          { weight: 9, arbitrary: fc.constantFrom('"a"', '"b"', '"c"') },
          { weight: 2, arbitrary: value },
        )
        .map((item) => `"k":${item}`),
    },
    { weight: 1, arbitrary: measured.map((item) => `"V":${item}`) },
    { weight: 1, arbitrary: text.map((item) => `"K":${item}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '"d":{"x":1}',
        '"d":{"X":"y"}',
        '"d":[{"x":2}]',
        '"d":{"x":null}',
        '"\\u006b":"a"',
        '"ſ":1',
      ),
    },
    { weight: 2, arbitrary: value.map((item) => `"other":${item}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '"PartitionId":null',
        '"PartitionId":1',
        '"partitionid":"own"',
        '"\\u0050artitionId":0',
        '"EventEnqueuedUtcTime":"2026-01-01T11:00:00Z"',
      ),
    },
  );
  return fc
    .tuple(
      fc.array(member, { maxLength: 6 }),
      stamp,
      fc.nat(6),
      space,
      space,
      fc.option(broken, { freq: 25 }),
    )
    .map(([members, t, place, before, between, damage]) => {
      const all = [...members];
      all.splice(place, 0, `"t"${between}:${between}${t}`);
      if (damage !== null) all.push(`"other":${damage}`);
      return `${before}{${between}${all.join(`${between},${between}`)}}${before}`;
    });
};

const policies: fc.Arbitrary<TimePolicies> = fc.record({
  lateToleranceTicks: fc.constantFrom(null, 5n * second),
  outOfOrderToleranceTicks: fc.constantFrom(0n, 3n * second, 60n * second),
  policy: fc.constantFrom("adjust" as const, "drop" as const),
});

interface Outcome {
  readonly rows: string[];
  readonly diagnostics: string[];
  readonly error: string | null;
}

const diagnosticText = ({ kind, action, message, applicationTime, event }: RuntimeDiagnostic): string =>
  `${kind} ${action} ${message} ${applicationTime ?? ""} ${event === undefined ? "" : event.names.join()}`;

interface Setting {
  readonly plan: number;
  readonly mode: "file" | "replay";
  readonly policies: TimePolicies;
  readonly chunk: number;
  readonly partitions: number;
  readonly lines: boolean;
  /** Rows leave as JSON lines. */
  readonly bytes: boolean;
  /** The broker gives what it knows of the events. */
  readonly broker: boolean;
}

/** What a broker knows of an event; some of it of some events only. */
const metadataOf = (partition: number, index: number): EventMetadata => ({
  partition,
  sequence: BigInt(index * 7) % 11n,
  ...(index % 3 === 0 ? {} : { offset: String(index) }),
  ...(index % 4 === 0
    ? {}
    : { system: new AsaRecord(["iothub-connection-device-id"], [`device-${index % 3}`]) }),
  ...(index % 5 === 0
    ? {}
    : { properties: new AsaRecord(["u"], [index % 2 === 0 ? "text" : BigInt(index)]) }),
});

function outcome(
  setting: Setting,
  texts: readonly string[],
  evaluator: "generated" | "interpreter",
): Outcome {
  const rows: string[] = [];
  const diagnostics: RuntimeDiagnostic[] = [];
  let error: string | null = null;
  const job = createJob(plans[setting.plan]!, {
    mode: setting.mode,
    policies: setting.policies,
    partitions: { input: setting.partitions },
    fileRunStart: base,
    evaluator,
    onRows: (batch) =>
      rows.push(...batch.map((row) => (setting.bytes ? rowText(row) : `${row.time} ${rowText(row)}`))),
    ...(setting.bytes && evaluator === "generated"
      ? { onLines: ({ lines }) => rows.push(...decoder.decode(lines).trimEnd().split("\n")) }
      : {}),
    onDiagnostic: (diagnostic) => diagnostics.push(diagnostic),
  });
  const arrival = base + 31n * second;
  const plan = plans[setting.plan]!;
  if (plan.relations.some(({ kind }) => kind === "reference-input")) {
    job.setReference("ref", references[0]!);
    job.setReference("ref", references[1]!, base + 15n * second);
  }
  try {
    for (let from = 0; from < texts.length; from += setting.chunk) {
      const piece = texts.slice(from, from + setting.chunk);
      const partition = (from / setting.chunk) % setting.partitions;
      if (setting.lines) job.pushLines("input", partition, encoder.encode(piece.join("\n")), arrival);
      else
        job.push(
          "input",
          partition,
          piece.map((body, index) => ({
            body: encoder.encode(body),
            arrival: arrival + BigInt(from + index),
            ...(setting.broker ? { metadata: metadataOf(partition, from + index) } : {}),
          })),
        );
    }
    job.finish();
  } catch (thrown) {
    error = (thrown as Error).message;
  }
  return {
    rows,
    diagnostics: diagnostics.map(diagnosticText),
    error,
  };
}

const setting: fc.Arbitrary<Setting> = fc.record({
  plan: fc.nat(plans.length - 1),
  mode: fc.constantFrom("file" as const, "replay" as const),
  policies,
  chunk: fc.integer({ min: 1, max: 20 }),
  partitions: fc.constantFrom(1, 1, 2),
  lines: fc.boolean(),
  bytes: fc.boolean(),
  broker: fc.boolean(),
});

describe("queries over columns", () => {
  it.each(typedQueries)("%s runs no relation by rows", (query) => {
    const relations = explain(query, "physical", declared)
      .split("\n")
      .filter((line) => !line.startsWith("output"));
    const byRows = relations.filter((line) => line.includes("-> rows") && !/^\d+ reference /.test(line));
    expect(byRows).toEqual([]);
  });
});

describe("generated code and columns against the interpreter over rows", () => {
  for (const far of [false, true]) {
    it(`give the same rows and diagnostics over hostile JSON${far ? " with times out of reach" : ""}`, () => {
      fc.assert(
        fc.property(setting, fc.array(eventText({ far, errors: false }), { maxLength: 25 }), (how, texts) => {
          const fast = outcome(how, texts, "generated");
          const exact = outcome(how, texts, "interpreter");
          expect(fast.error).toEqual(exact.error);
          if (exact.error !== null) return;
          expect(fast.diagnostics).toEqual(exact.diagnostics);
          expect(fast.rows.map(rounded)).toEqual(exact.rows.map(rounded));
        }),
        { numRuns: runs },
      );
    });
  }

  it("fail for the same events, of values that a function does not take", () => {
    fc.assert(
      fc.property(
        setting,
        fc.array(eventText({ far: false, errors: true }), { maxLength: 10 }),
        (how, texts) => {
          const fast = outcome(how, texts, "generated");
          const exact = outcome(how, texts, "interpreter");
          expect(fast.error === null).toBe(exact.error === null);
          if (exact.error === null) expect(fast.rows.map(rounded)).toEqual(exact.rows.map(rounded));
        },
      ),
      { numRuns: runs },
    );
  });
});

/** Float sums agree to 12 digits: the fast path adds in the order of arrival, with the rounding error carried along. */
function rounded(row: string): string {
  return row.replace(/-?\d+\.\d+(?:E[+-]\d+)?/g, (float) => Number(float).toPrecision(12));
}
