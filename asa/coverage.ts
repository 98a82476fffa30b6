/** What the engine does with a construct of the language; docs/asa-coverage.md is generated from this table. */
export interface LanguageFeature {
  readonly area: string;
  readonly feature: string;
  /** `option`: a switch of the dialect decides; `not`: the compiler refuses it by name. */
  readonly state: "supported" | "option" | "not";
  /** The construct in a query; a test compiles it. */
  readonly example: string;
  /** Test file below tests/ and the words of its title or file name that show the construct. */
  readonly test: readonly [file: string, words: string];
  readonly note?: string;
}

const cases = (group: string, words: string) => [`asa/cases/${group}.yaml`, words] as const;
const points = (name: string) => ["asa/open-points.test.ts", `${name}: {`] as const;
const published = (words: string) => ["support/published-queries.ts", words] as const;
const operators = (words: string) => ["unit/asa/runtime/operators.test.ts", words] as const;
const windows = (words: string) => ["unit/asa/runtime/windows.test.ts", words] as const;

const feature = (
  area: string,
  name: string,
  example: string,
  test: LanguageFeature["test"],
  more: Partial<LanguageFeature> = {},
): LanguageFeature => ({ area, feature: name, state: "supported", example, test, ...more });

const tumbling = "GROUP BY TumblingWindow(minute, 1)";

const statements: readonly LanguageFeature[] = [
  feature(
    "Statements",
    "SELECT ... INTO ... FROM",
    "SELECT a INTO o FROM t",
    cases("query-patterns", "1 pass-through"),
  ),
  feature(
    "Statements",
    "several statements, several outputs",
    "SELECT a INTO x FROM t; SELECT b INTO y FROM t",
    cases("query-patterns", "10 first event"),
  ),
  feature("Statements", "statement without INTO", "SELECT a FROM t", cases("query-patterns", "2 filter")),
  feature(
    "Statements",
    "WITH steps",
    "WITH s AS (SELECT a FROM t) SELECT a FROM s",
    cases("threshold-rules", "rules compare"),
  ),
  feature(
    "Statements",
    "derived tables",
    "SELECT x.a FROM (SELECT a FROM t) x",
    published("fw.kind FROM (SELECT"),
  ),
  feature(
    "Statements",
    "CREATE TABLE",
    "CREATE TABLE t (a bigint, b record) SELECT a FROM t",
    cases("input-validation", "CREATE TABLE drops events"),
  ),
  feature(
    "Statements",
    "UNION and UNION ALL",
    "SELECT a FROM t UNION ALL SELECT a FROM u",
    cases("vectors", "V3 UNION ALL"),
  ),
  feature("Statements", "comments, optional ;", "-- one\n/* two */ ;; SELECT a FROM t;", published("`;;`")),
];

const from: readonly LanguageFeature[] = [
  feature("FROM", "TIMESTAMP BY", "SELECT a FROM t TIMESTAMP BY b", cases("query-patterns", "5 aggregation")),
  feature(
    "FROM",
    "TIMESTAMP BY ... OVER (substreams)",
    `SELECT k, COUNT(*) AS n FROM t TIMESTAMP BY b OVER k GROUP BY k, TumblingWindow(minute, 1)`,
    cases("query-patterns", "15 every device"),
  ),
  feature(
    "FROM",
    "PARTITION BY, INTO n",
    "SELECT PartitionId, COUNT(*) AS n FROM t PARTITION BY PartitionId INTO 4 GROUP BY PartitionId, Tumbling(minute, 1)",
    ["unit/asa/runtime/time-policies.test.ts", "PARTITION BY"],
  ),
  feature(
    "FROM",
    "temporal JOIN",
    "SELECT a.x FROM t a JOIN u b ON a.k = b.k AND DATEDIFF(minute, a, b) BETWEEN 0 AND 5",
    cases("query-patterns", "4 last event"),
  ),
  feature(
    "FROM",
    "temporal LEFT OUTER JOIN",
    "SELECT a.x FROM t a LEFT OUTER JOIN u b ON a.k = b.k AND DATEDIFF(minute, a, b) BETWEEN 0 AND 5",
    cases("query-patterns", "17 absence"),
  ),
  feature(
    "FROM",
    "joins of several sources",
    "SELECT a.x FROM t a JOIN u b ON DATEDIFF(minute, a, b) = 0 JOIN v c ON DATEDIFF(minute, b, c) = 0",
    operators("three-way joins"),
  ),
  feature(
    "FROM",
    "reference JOIN, inner and left",
    "SELECT t.a FROM t LEFT JOIN reference ON t.k = reference.k",
    operators("matches numbers by value"),
  ),
  feature(
    "FROM",
    "CROSS JOIN of reference data",
    "SELECT t.a FROM t CROSS JOIN reference",
    points("crossJoinReference"),
    {
      state: "option",
    },
  ),
  feature(
    "FROM",
    "CROSS APPLY and OUTER APPLY",
    "SELECT e.ArrayValue FROM t OUTER APPLY GetArrayElements(xs) AS e",
    cases("parsing-json", "members as rows"),
  ),
  feature(
    "FROM",
    "MATCH_RECOGNIZE",
    "SELECT * FROM t MATCH_RECOGNIZE (LIMIT DURATION(minute, 1) MEASURES Last(A.x) AS x AFTER MATCH SKIP TO NEXT ROW PATTERN (A+) DEFINE A AS A.x > 1) AS m",
    cases("query-patterns", "18 a pattern"),
    { note: "A match is a run of consecutive rows of a partition; which one of several is OPEN-14." },
  ),
  feature(
    "FROM",
    "counted repetition {n,m} in PATTERN",
    "SELECT * FROM t MATCH_RECOGNIZE (LIMIT DURATION(minute, 1) MEASURES Last(A.x) AS x AFTER MATCH SKIP TO NEXT ROW PATTERN (A{2,3}) DEFINE A AS A.x > 1) AS m",
    points("patternCounts"),
    { state: "option" },
  ),
];

const clauses: readonly LanguageFeature[] = [
  feature("Clauses", "WHERE", "SELECT a FROM t WHERE a > 1", cases("query-patterns", "2 filter")),
  feature(
    "Clauses",
    "GROUP BY",
    `SELECT k, COUNT(*) AS n FROM t GROUP BY k, Tumbling(minute, 1)`,
    cases("query-patterns", "5 aggregation"),
  ),
  feature(
    "Clauses",
    "HAVING",
    `SELECT COUNT(*) AS n FROM t ${tumbling} HAVING COUNT(*) > 1`,
    windows("documented diagram with HAVING"),
  ),
  feature(
    "Clauses",
    "SELECT aliases in HAVING",
    `SELECT COUNT(*) AS n FROM t ${tumbling} HAVING n > 1`,
    points("havingAlias"),
    {
      state: "option",
    },
  ),
  feature(
    "Clauses",
    "SELECT *, x.*",
    "SELECT *, r.* FROM t",
    cases("parsing-json", "all members of a record"),
  ),
  feature(
    "Clauses",
    "SELECT * over a join",
    "SELECT * FROM t JOIN u ON DATEDIFF(minute, t, u) = 0",
    points("joinStar"),
    {
      state: "option",
    },
  ),
  feature(
    "Clauses",
    "aliases: AS name, AS 'name', name = expression",
    "SELECT a AS x, b AS 'y', z = c FROM t",
    published("'smVersion'"),
  ),
  feature(
    "Clauses",
    "OVER with PARTITION BY, LIMIT DURATION and WHEN",
    "SELECT SUM(x) OVER (PARTITION BY k LIMIT DURATION(hour, 1) WHEN x > 2) AS s FROM t",
    published("SUM(x) OVER (PARTITION BY a LIMIT DURATION(hour, 1) WHEN b > 2)"),
  ),
];

const expressions: readonly LanguageFeature[] = [
  feature("Expressions", "arithmetic + - * /", "SELECT -a + b * 2 / 3 AS x FROM t", [
    "unit/asa/builtins/functions.test.ts",
    "5 / 2.0",
  ]),
  feature("Expressions", "modulo %", "SELECT a % 3 AS x FROM t", points("modulo"), { state: "option" }),
  feature("Expressions", "bitwise & | ^ ~", "SELECT ~a & b | c ^ d AS x FROM t", [
    "unit/asa/builtins/functions.test.ts",
    "170 & 75",
  ]),
  feature(
    "Expressions",
    "comparisons, also !< !> <> !=",
    "SELECT a FROM t WHERE a !< 1 AND a <> 2",
    published("a !> 3"),
  ),
  feature(
    "Expressions",
    "AND, OR, NOT with unknown",
    "SELECT a FROM t WHERE NOT (a = 1 OR b = 2)",
    points("nullLogic"),
  ),
  feature(
    "Expressions",
    "LIKE, NOT LIKE",
    "SELECT a FROM t WHERE a NOT LIKE '[a-c]_%'",
    cases("vectors", "V3 UNION ALL"),
  ),
  feature(
    "Expressions",
    "BETWEEN, IN, IS NULL",
    "SELECT a FROM t WHERE a BETWEEN 1 AND 2 OR a IN (3, 4) OR a IS NOT NULL",
    published("IN (1,2)"),
  ),
  feature(
    "Expressions",
    "CASE with ELSE, simple and searched",
    "SELECT CASE a WHEN 1 THEN 'x' ELSE 'y' END AS c FROM t",
    cases("query-patterns", "12 a case"),
  ),
  feature(
    "Expressions",
    "CASE without ELSE",
    "SELECT CASE WHEN a = 1 THEN 2 END AS c FROM t",
    points("caseWithoutElse"),
    { state: "option" },
  ),
  feature(
    "Expressions",
    "CAST, TRY_CAST",
    "SELECT TRY_CAST(a AS bigint) AS x FROM t",
    cases("input-validation", "good events pass"),
  ),
  feature(
    "Expressions",
    "members of records, also [0] and [a b]",
    "SELECT r.x.[0].[a b] AS m FROM t",
    cases("parsing-json", "members by dots"),
  ),
  feature(
    "Expressions",
    "member of a call",
    "SELECT GetArrayElement(a, 0).x AS x FROM t",
    points("memberOfCall"),
    { state: "option" },
  ),
  feature("Expressions", "a[0] for array elements", "SELECT a[0] AS x FROM t", points("arrayIndexing"), {
    state: "option",
  }),
];

const windowForms: readonly LanguageFeature[] = [
  feature("Windows", "TumblingWindow", `SELECT COUNT(*) AS n FROM t ${tumbling}`, windows("TumblingWindow")),
  feature(
    "Windows",
    "HoppingWindow",
    "SELECT COUNT(*) AS n FROM t GROUP BY HoppingWindow(minute, 10, 5)",
    windows("HoppingWindow"),
  ),
  feature(
    "Windows",
    "SlidingWindow",
    "SELECT COUNT(*) AS n FROM t GROUP BY Sliding(minute, 10)",
    windows("SlidingWindow"),
  ),
  feature(
    "Windows",
    "SessionWindow",
    "SELECT COUNT(*) AS n FROM t GROUP BY SessionWindow(minute, 5, 10)",
    windows("SessionWindow"),
  ),
  feature(
    "Windows",
    "SessionWindow ... OVER (PARTITION BY)",
    "SELECT k, COUNT(*) AS n FROM t GROUP BY k, SessionWindow(minute, 5, 10) OVER (PARTITION BY k)",
    windows("keeps sessions per key"),
  ),
  feature(
    "Windows",
    "snapshot window",
    "SELECT COUNT(*) AS n FROM t GROUP BY System.Timestamp()",
    windows("groups events of one moment"),
  ),
  feature(
    "Windows",
    "Windows() with and without ids",
    "SELECT System.Window().Id, COUNT(*) AS n FROM t GROUP BY Windows(Window('a', Tumbling(minute, 1)), Window('b', System.Timestamp()))",
    windows("unites the rows of all windows"),
  ),
  feature(
    "Windows",
    "Duration, Hop, Offset, Timeout, MaxDuration forms",
    "SELECT COUNT(*) AS n FROM t GROUP BY HoppingWindow(Duration(hour, 1), Hop(minute, 5), Offset(millisecond, -1))",
    windows("shifts its ends by the offset"),
  ),
  feature(
    "Windows",
    "hop larger than the window",
    "SELECT COUNT(*) AS n FROM t GROUP BY Hopping(minute, 1, 5)",
    points("hopLargerThanSize"),
    {
      state: "option",
    },
  ),
];

const types: readonly LanguageFeature[] = [
  "bigint",
  "float",
  "nvarchar(max)",
  "datetime",
  "bit",
  "record",
  "array",
].map((type) =>
  feature("Types", type, `SELECT TRY_CAST(a AS ${type}) AS x FROM t`, [
    "unit/asa/values/values.test.ts",
    type.replace("(max)", ""),
  ]),
);

const javascript: readonly LanguageFeature[] = [
  feature("JavaScript", "UDF.name()", "SELECT UDF.f(a) AS x FROM t", operators("calls JavaScript functions")),
  feature("JavaScript", "uda.name()", `SELECT uda.g(a) AS x FROM t ${tumbling}`, [
    "unit/asa-node/functions/host.test.ts",
    "accumulate",
  ]),
];

/** Constructs of the language in the order of the reference; functions and switches have tables of their own. */
export const languageFeatures: readonly LanguageFeature[] = [
  ...statements,
  ...from,
  ...clauses,
  ...expressions,
  ...windowForms,
  ...types,
  ...javascript,
];

/** Parts of the service that no query text can show and that do not run here, each with its error. */
export const outsideTheLanguage: readonly {
  readonly feature: string;
  readonly error: string;
  readonly instead: string;
}[] = [
  {
    feature: "C# functions",
    error: "ASA_FUNCTION_NOT_SUPPORTED",
    instead: "Write the function in JavaScript.",
  },
  {
    feature: "Azure Machine Learning functions",
    error: "ASA_FUNCTION_NOT_SUPPORTED",
    instead: "Put a JavaScript function in its place for local runs.",
  },
  {
    feature: "Protobuf and custom .NET deserializers",
    error: "ASA_FORMAT_NOT_SUPPORTED",
    instead: "Convert local data to JSON, CSV, Avro or Parquet.",
  },
];
