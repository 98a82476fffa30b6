import { compile, type DialectSwitch, dialectSwitches } from "../../asa";
import { runFile } from "../support/asa";

interface OpenPoint {
  readonly query: string;
  readonly events?: readonly string[];
  readonly references?: Record<string, string[]>;
  /** Rows by choice, the default first; `ASA_...` where a choice is an error. */
  readonly gives: Readonly<Record<string, string>>;
}

const minute = "GROUP BY TumblingWindow(minute, 1)";
const at = (second: string, rest: string): string => `{"t":"2026-01-01T00:00:${second}Z",${rest}}`;
const geo = "POLYGON((0 0, 10 0, 10 10, 0 10, 0 0))";
const matches = `SELECT * FROM input TIMESTAMP BY t MATCH_RECOGNIZE (LIMIT DURATION(minute, 1)
  MEASURES Classifier() AS c AFTER MATCH SKIP TO NEXT ROW PATTERN (A B+) DEFINE A AS A.k = 'a', B AS B.k = 'b') AS m`;
const abb = [at("01", '"k":"a"'), at("02", '"k":"b"'), at("03", '"k":"b"')];

/** What every choice of every switch does; anything not shown by rows is an error code. */
const points: Readonly<Partial<Record<DialectSwitch, OpenPoint>>> = {
  fieldCase: {
    query: "SELECT A AS x FROM input",
    events: ['{"a":1,"A":2}'],
    gives: { "exact-first": '{"x":2}', first: '{"x":1}' },
  },
  crossJoinReference: {
    query: "SELECT a, ref.b FROM input CROSS JOIN ref",
    events: ['{"a":1}'],
    references: { ref: ['{"b":2}'] },
    gives: { accept: '{"a":1,"b":2}', error: "ASA_NOT_SUPPORTED" },
  },
  bitwisePrecedence: {
    query: "SELECT 1 | 1 + 1 AS x FROM input",
    gives: { tsql: '{"x":2}', c: '{"x":3}' },
  },
  caseWithoutElse: {
    query: "SELECT CASE WHEN a = 1 THEN 2 END AS c FROM input",
    gives: { error: "ASA_CASE_WITHOUT_ELSE", null: '{"c":null}' },
  },
  arrayIndexing: {
    query: "SELECT a[1] AS x FROM input",
    events: ['{"a":[1,2]}'],
    gives: { error: "ASA_SYNTAX", accept: '{"x":2}' },
  },
  havingAlias: {
    query: `SELECT COUNT(*) AS n FROM input ${minute} HAVING n > 0`,
    gives: { accept: '{"n":1}', error: "ASA_NOT_GROUPED" },
  },
  joinStar: {
    query: "SELECT * FROM input CROSS JOIN ref",
    events: ['{"a":1}'],
    references: { ref: ['{"b":2}'] },
    gives: { records: '{"input":{"a":1},"ref":{"b":2}}', columns: '{"a":1,"b":2}', error: "ASA_STAR" },
  },
  defaultNameCase: {
    query: `SELECT Max(v) FROM input ${minute}`,
    events: ['{"v":1}'],
    gives: { lower: '{"max":1.0}', query: '{"Max":1.0}' },
  },
  duplicateColumns: {
    query: "SELECT a, b AS a FROM input",
    events: ['{"a":1,"b":2}'],
    gives: { error: "ASA_DUPLICATE_COLUMN", first: '{"a":1}' },
  },
  joinDistance: {
    query:
      "SELECT b.k FROM input a TIMESTAMP BY t JOIN input b TIMESTAMP BY t ON a.k = 1 AND b.k = 2 AND DATEDIFF(minute, a, b) BETWEEN 0 AND 1",
    events: [at("30", '"k":1'), '{"t":"2026-01-01T00:01:45Z","k":2}'],
    gives: { boundaries: '{"k":2}', plain: "" },
  },
  nullLogic: {
    query: "SELECT 1 AS x FROM input WHERE NOT (missing = 1)",
    gives: { "three-valued": "", "two-valued": '{"x":1}' },
  },
  textComparison: {
    query: "SELECT 1 AS x FROM input WHERE 'a' = 'A' AND 'abc' LIKE 'AB%'",
    gives: { "case-sensitive": "", "ignore-case": '{"x":1}' },
  },
  analyticInJoin: {
    query:
      "SELECT e.ArrayValue AS v, LAG(k) OVER (LIMIT DURATION(minute, 1)) AS p FROM input TIMESTAMP BY t CROSS APPLY GetArrayElements(xs) AS e",
    events: [at("01", '"k":"a","xs":[1,2]')],
    gives: { before: '{"v":1,"p":null} {"v":2,"p":null}', after: '{"v":1,"p":null} {"v":2,"p":"a"}' },
  },
  patternCounts: {
    query: matches.replace("B+", "B{2,2}"),
    events: abb,
    gives: { error: "ASA_NOT_SUPPORTED", accept: '{"c":["A","B","B"]}' },
  },
  matchGreed: {
    query: matches,
    events: abb,
    gives: { longest: '{"c":["A","B","B"]}', shortest: '{"c":["A","B"]}' },
  },
  matchTime: {
    query: `WITH m AS (${matches}) SELECT System.Timestamp() AS at FROM m`,
    events: abb,
    gives: {
      "last-event": '{"at":"2026-01-01T00:00:03.0000000Z"}',
      "first-event": '{"at":"2026-01-01T00:00:01.0000000Z"}',
    },
  },
  gridOrigin: {
    query:
      "SELECT System.Timestamp() AS at, COUNT(*) AS n FROM input TIMESTAMP BY t GROUP BY TumblingWindow(day, 7)",
    events: [at("01", '"k":1')],
    gives: {
      "year-one": '{"at":"2026-01-05T00:00:00.0000000Z","n":1}',
      "unix-epoch": '{"at":"2026-01-08T00:00:00.0000000Z","n":1}',
    },
  },
  offsetTimestamp: {
    query:
      "SELECT System.Timestamp() AS at FROM input TIMESTAMP BY t GROUP BY TumblingWindow(Duration(minute, 1), Offset(second, -1))",
    events: [at("01", '"k":1')],
    gives: {
      shifted: '{"at":"2026-01-01T00:00:59.0000000Z"}',
      unshifted: '{"at":"2026-01-01T00:01:00.0000000Z"}',
    },
  },
  sessionGapAtTimeout: {
    query: "SELECT COUNT(*) AS n FROM input TIMESTAMP BY t GROUP BY SessionWindow(second, 5, 60)",
    events: [at("01", '"k":1'), at("06", '"k":1')],
    gives: { extend: '{"n":2}', close: '{"n":1} {"n":1}' },
  },
  sessionMode: {
    query:
      "SELECT COUNT(*) AS n, System.Timestamp() AS at FROM input TIMESTAMP BY t GROUP BY SessionWindow(second, 5, 10)",
    events: ["01", "19", "21", "25", "29", "33", "37"].map((second) => at(second, '"k":1')),
    gives: {
      trill: '{"n":1,"at":"2026-01-01T00:00:06.0000000Z"} {"n":6,"at":"2026-01-01T00:00:40.0000000Z"}',
      documented:
        '{"n":1,"at":"2026-01-01T00:00:06.0000000Z"} {"n":4,"at":"2026-01-01T00:00:30.0000000Z"} {"n":2,"at":"2026-01-01T00:00:42.0000000Z"}',
    },
  },
  averageOfBigint: {
    query: `SELECT AVG(CAST(v AS bigint)) AS a FROM input ${minute}`,
    events: ['{"v":1}', '{"v":2}'],
    gives: { float: '{"a":1.5}', bigint: '{"a":1}' },
  },
  limitDurationStart: {
    query: "SELECT LAG(k) OVER (LIMIT DURATION(second, 5)) AS p FROM input TIMESTAMP BY t",
    events: [at("01", '"k":1'), at("06", '"k":2')],
    gives: { exclusive: '{"p":null} {"p":null}', inclusive: '{"p":null} {"p":1}' },
  },
  anomalyModel: {
    query:
      "SELECT AnomalyDetection_SpikeAndDip(k, 95, 5, 'spikes') OVER (LIMIT DURATION(minute, 1)).IsAnomaly AS x FROM input TIMESTAMP BY t",
    events: [at("01", '"k":1')],
    gives: { iid: '{"x":0}' },
  },
  dateParts: {
    query: "SELECT DATEPART(weekday, '2026-01-04') AS d, DATEPART(week, '2027-01-01') AS w FROM input",
    gives: { tsql: '{"d":1,"w":1}', iso: '{"d":7,"w":53}' },
  },
  jsonParseOther: {
    query: "SELECT JSON_PARSE('[1]') AS x FROM input",
    gives: { null: '{"x":null}', value: '{"x":[1]}' },
  },
  nonFinite: {
    query: "SELECT SQRT(-1) AS x FROM input",
    gives: { null: '{"x":null}', error: "ASA_ARGUMENT_VALUE" },
  },
  integerDivision: {
    query: "SELECT 3 / 2 AS x FROM input",
    gives: { truncate: '{"x":1}', float: '{"x":1.5}' },
  },
  integerDivisionByZero: {
    query: "SELECT 1 / 0 AS x FROM input",
    gives: { error: "ASA_ARITHMETIC", null: '{"x":null}' },
  },
  isNullFunction: {
    query: "SELECT ISNULL(missing, 'b') AS x FROM input",
    gives: { error: "ASA_UNKNOWN_FUNCTION", accept: '{"x":"b"}' },
  },
  geographyBoundary: {
    query: `SELECT ST_WITHIN(CreatePoint(0, 5), '${geo}') AS x FROM input`,
    gives: { outside: '{"x":0}', inside: '{"x":1}' },
  },
  timestampColumn: {
    query: "SELECT MAX(t) AS m FROM input TIMESTAMP BY t GROUP BY TumblingWindow(minute, 1)",
    events: [at("01", '"k":1')],
    gives: { datetime: '{"m":"2026-01-01T00:00:01.0000000Z"}', text: "ASA_ARGUMENT_VALUE" },
  },
  floatText: {
    query: "SELECT CAST(309.0 AS nvarchar(max)) AS x FROM input",
    gives: { shortest: '{"x":"309"}', "with-point": '{"x":"309.0"}' },
  },
  bitText: {
    query: "SELECT CAST(CAST(1 AS bit) AS nvarchar(max)) AS x FROM input",
    gives: { lower: '{"x":"true"}', capitalised: '{"x":"True"}' },
  },
  recordText: {
    query: "SELECT CAST(r AS nvarchar(max)) AS x FROM input",
    events: ['{"r":{"a":1}}'],
    gives: { error: "ASA_CONVERSION", json: '{"x":"{\\"a\\":1}"}' },
  },
  textNumberOrder: {
    query: "SELECT 1 AS x FROM input WHERE a < 1",
    events: ['{"a":"0"}'],
    gives: { error: "ASA_COMPARISON", false: "" },
  },
  timestampByPerStatement: {
    query: "SELECT 1 AS x INTO a FROM input TIMESTAMP BY t; SELECT 2 AS x INTO b FROM input TIMESTAMP BY u",
    events: [at("01", '"u":"2026-01-01T00:00:02Z"')],
    gives: { independent: '{"x":1} {"x":2}', error: "ASA_TIMESTAMP_BY_EXPRESSION" },
  },
  orderTies: {
    query: `SELECT TopOne(v) OVER (ORDER BY k) AS x FROM input ${minute}`,
    events: ['{"k":1,"v":"first"}', '{"k":1,"v":"last"}'],
    gives: { arrival: '{"x":"first"}', latest: '{"x":"last"}' },
  },
  typeOfNull: {
    query: "SELECT GetType(NULL) AS x FROM input",
    gives: { null: '{"x":null}', any: '{"x":"any"}' },
  },
  modulo: {
    query: "SELECT -7 % 3 AS x FROM input",
    gives: { accept: '{"x":-1}', error: "ASA_NOT_SUPPORTED" },
  },
  hopLargerThanSize: {
    query: "SELECT COUNT(*) AS n FROM input TIMESTAMP BY t GROUP BY HoppingWindow(second, 1, 5)",
    events: [at("01", '"k":1'), at("05", '"k":1')],
    gives: { accept: '{"n":1}', error: "ASA_WINDOW_ARGUMENT" },
  },
  duplicateOutput: {
    query: "SELECT 1 AS x INTO o FROM input; SELECT 2 AS x INTO o FROM input",
    gives: { "by-purpose": "ASA_DUPLICATE_OUTPUT", accept: '{"x":1} {"x":2}', error: "ASA_DUPLICATE_OUTPUT" },
  },
  duplicateKeys: {
    query: 'SELECT JSON_PARSE(\'{"a":1,"a":2}\').a AS x FROM input',
    gives: { last: '{"x":2}', first: '{"x":1}' },
  },
  createTable: {
    query: "CREATE TABLE input (a bigint); SELECT b FROM input",
    events: ['{"a":1,"b":2}'],
    gives: { closed: "ASA_UNKNOWN_COLUMN", open: '{"b":2}' },
  },
  timestampByOnStep: {
    query: "WITH s AS (SELECT t FROM input) SELECT System.Timestamp() AS at FROM s TIMESTAMP BY t",
    events: [at("01", '"k":1')],
    gives: { error: "ASA_TIMESTAMP_BY_SOURCE", accept: '{"at":"2026-01-01T00:00:01.0000000Z"}' },
  },
  minMaxOfText: {
    query: `SELECT MAX(LOWER(v)) AS x FROM input ${minute}`,
    events: ['{"v":"10"}', '{"v":"9"}'],
    gives: { text: '{"x":"9"}', float: '{"x":10.0}' },
  },
  memberOfCall: {
    query: "SELECT GetArrayElement(a, 0).x AS x FROM input",
    events: ['{"a":[{"x":1}]}'],
    gives: { accept: '{"x":1}', error: "ASA_NOT_SUPPORTED" },
  },
  starMissingFields: {
    query: "SELECT * FROM input",
    events: ['{"a":1}', '{"b":2}'],
    gives: { absent: '{"a":1} {"b":2}', null: '{"a":1} {"b":2,"a":null}' },
  },
};

/** Points that no query over rows can show, with the test that does. */
const elsewhere: Readonly<Partial<Record<DialectSwitch, string>>> = {
  emptyCsvField: "tests/unit/asa-node/formats/formats.test.ts",
  referenceSnapshot: "tests/unit/asa/runtime/operators.test.ts",
  missingDefaultOutput: "tests/asa/errors/script/missing-default-output.asaql",
};

function outcome(point: OpenPoint, dialect: Record<string, string>): string {
  const inputs = [
    { alias: "input", kind: "stream" as const },
    ...Object.keys(point.references ?? {}).map((alias) => ({ alias, kind: "reference" as const })),
  ];
  const { plan, diagnostics } = compile(point.query, { purpose: "local", inputs, dialect });
  if (plan === null) return diagnostics.find(({ severity }) => severity === "error")?.code ?? "";
  try {
    return runFile(point.query, point.events ?? ["{}"], {
      compile: { inputs, dialect },
      ...(point.references === undefined ? {} : { references: point.references }),
    }).join(" ");
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("open points", () => {
  const names = Object.keys(dialectSwitches) as DialectSwitch[];

  it("are all shown", () => {
    const shown = [...Object.keys(points), ...Object.keys(elsewhere)].sort();
    expect(shown).toEqual([...names].sort());
    for (const [name, { gives }] of Object.entries(points))
      expect([name, Object.keys(gives)]).toEqual([name, [...dialectSwitches[name as DialectSwitch].choices]]);
  });

  describe.each(Object.entries(points))("%s", (name, point) => {
    it.each(Object.entries(point.gives))("does as told when it is %s", (choice, expected) => {
      expect(outcome(point, { [name]: choice })).toBe(expected);
    });

    it("has its first choice as default", () => {
      expect(outcome(point, {})).toBe(Object.values(point.gives)[0]);
    });
  });
});
