import { type CompileOptions, compile } from "../../../../asa";
import { compileWarnings } from "../../../../asa/errors";
import { findingLine } from "../../../support/asaql-golden";

const policies = { lateToleranceTicks: 50_000_000n, outOfOrderToleranceTicks: 0n, policy: "adjust" } as const;
const key = "GROUP BY a, TumblingWindow(minute, 1)";

const cases: readonly (readonly [string, string, CompileOptions, readonly string[]])[] = [
  [
    "a column outside the contract, through a step too",
    "WITH s AS (SELECT *, a AS extra FROM t) SELECT extra, b, tempo FROM s",
    { inputs: [{ alias: "t", kind: "stream", contractColumns: ["a", "b", "temp"] }] },
    ['ASA_CONTRACT_COLUMN 1:58 column "tempo" is not in the contract of step "s"'],
  ],
  [
    "aliases where they are not visible",
    "SELECT a + 1 AS b, CAST(c AS float) AS c, System.Timestamp() AS w INTO o FROM t TIMESTAMP BY x WHERE b > 1 AND c > 1; SELECT a, System.Timestamp AS w, COUNT(*) AS n INTO p FROM t TIMESTAMP BY x GROUP BY a, w, Tumbling(minute, 1)",
    {},
    [
      'ASA_ALIAS_NOT_VISIBLE 1:102 alias "b" is not visible in WHERE, so it is read as a column of the input',
      'ASA_ALIAS_NOT_VISIBLE 1:207 alias "w" is not visible in GROUP BY, so it is read as a column of the input',
    ],
  ],
  [
    "steps whose keys have nothing in common",
    "WITH s AS (SELECT a, b, COUNT(*) AS n FROM t TIMESTAMP BY x GROUP BY a, b, Tumbling(minute, 1)), u AS (SELECT n, b AS line FROM s) SELECT n, COUNT(*) AS m FROM u GROUP BY n, Tumbling(hour, 1)",
    {},
    [
      "ASA_NOT_PARALLEL 1:132 the query cannot run in parallel here: GROUP BY has no key in common with the steps that it reads",
    ],
  ],
  [
    "nothing about steps that keep a key, renamed or through a star",
    "WITH s AS (SELECT a, b AS line, COUNT(*) AS n FROM t TIMESTAMP BY x GROUP BY a, b, Tumbling(minute, 1)), u AS (SELECT *, n AS copy FROM s) SELECT line, SUM(copy) AS m, LAG(n) OVER (PARTITION BY line LIMIT DURATION(minute, 1)) AS p FROM u GROUP BY line, LAG(n) OVER (PARTITION BY line LIMIT DURATION(minute, 1)), Tumbling(hour, 1)",
    {},
    [],
  ],
  [
    "a join by another key than the one a side is grouped by",
    "WITH s AS (SELECT a, COUNT(*) AS n FROM t TIMESTAMP BY x GROUP BY a, Tumbling(minute, 1)) SELECT s.n FROM s JOIN t TIMESTAMP BY x ON s.n = t.b AND DATEDIFF(minute, s, t) = 0",
    {},
    [
      "ASA_NOT_PARALLEL 1:109 the query cannot run in parallel here: the join has no key in common with the steps that it reads",
    ],
  ],
  [
    "names in double quotes where texts are meant, not where they are known",
    'WITH s AS (SELECT a AS "x y" FROM t WHERE state = "WA" AND city IN (\'a\', "b") AND c LIKE "%d" AND [e] = [f] AND h BETWEEN "i" AND 2) SELECT * FROM s WHERE 1 = "x y"',
    {},
    [
      'ASA_QUOTED_NAME 1:51 "WA" in double quotes is the column of that name, not a text',
      'ASA_QUOTED_NAME 1:74 "b" in double quotes is the column of that name, not a text',
      'ASA_QUOTED_NAME 1:90 "%d" in double quotes is the column of that name, not a text',
      'ASA_QUOTED_NAME 1:123 "i" in double quotes is the column of that name, not a text',
    ],
  ],
  [
    "regular expressions that repeat a repetition",
    "SELECT REGEXMATCH(a, '^(b+)+$') AS x, REGEXMATCH(a, '([a-z]*(c|d){2,})*') AS y, REGEXMATCH(a, '(a+b)(c)*[(x+)+]\\(d+\\)+(e{2}f?)+') AS z, REGEXMATCH(a, b) AS w FROM t",
    {},
    [
      "ASA_SLOW_PATTERN 1:22 the repetition (b+)+ of a repetition can make REGEXMATCH endless",
      "ASA_SLOW_PATTERN 1:53 the repetition ([a-z]*(c|d){2,})* of a repetition can make REGEXMATCH endless",
    ],
  ],
  [
    "a step partitioned by a PartitionId that it does not pass on",
    "WITH s AS (SELECT a FROM t PARTITION BY PartitionId) SELECT a FROM s PARTITION BY PartitionId",
    {},
    ['ASA_PARTITION_KEY_UNUSED 1:83 step "s" has no column PartitionId, so its rows are one partition here'],
  ],
  [
    "an unused step",
    "WITH s AS (SELECT a FROM t), u AS (SELECT a FROM t) SELECT * FROM s",
    {},
    ['ASA_UNUSED_STEP 1:30 step "u" is never read'],
  ],
  [
    "an unused CREATE TABLE",
    "CREATE TABLE u (a bigint) SELECT a FROM t",
    {},
    ['ASA_UNUSED_INPUT 1:14 no statement reads input "u"'],
  ],
  [
    "join keys of types that are never equal",
    "CREATE TABLE t (id nvarchar(max)) CREATE TABLE c (id bigint) SELECT t.id FROM t JOIN c ON t.id = c.id",
    {
      inputs: [
        { alias: "t", kind: "stream" },
        { alias: "c", kind: "reference" },
      ],
    },
    ["ASA_NEVER_MATCHES 1:93 values of type nvarchar(max) and bigint are never equal"],
  ],
  [
    "a comparison with NULL",
    "SELECT a FROM t WHERE a = NULL",
    {},
    ["ASA_NEVER_MATCHES 1:27 a comparison with NULL is never true"],
  ],
  [
    "text compared with a number",
    "SELECT a FROM t WHERE 'x' = 1",
    {},
    ["ASA_NEVER_MATCHES 1:23 values of type nvarchar(max) and bigint are never equal"],
  ],
  [
    "bounds that exclude each other",
    "SELECT t.a FROM t TIMESTAMP BY x JOIN c TIMESTAMP BY x ON t.a = c.a AND DATEDIFF(minute, t, c) BETWEEN 5 AND 1",
    {},
    ['ASA_NEVER_MATCHES 1:34 the bounds of the join with "c" exclude each other'],
  ],
  [
    "a window over a constant time",
    `SELECT a, COUNT(*) AS n FROM t TIMESTAMP BY '2020-01-01' ${key}`,
    {},
    ['ASA_NEVER_CLOSES 1:45 this window never closes: TIMESTAMP BY of "t" is a constant'],
  ],
  [
    "a window under an unlimited out-of-order tolerance",
    `SELECT a, COUNT(*) AS n FROM t TIMESTAMP BY x ${key}`,
    { policies: { ...policies, outOfOrderToleranceTicks: null } },
    [
      "ASA_NEVER_CLOSES 1:1 this window closes at the end of input only: the out-of-order tolerance is unlimited",
    ],
  ],
  [
    "an analytic function over arrival time",
    "SELECT LAG(a) OVER (PARTITION BY b LIMIT DURATION(minute, 1)) AS l FROM t",
    {},
    ['ASA_NONDETERMINISTIC 1:8 this analytic function depends on when events of "t" arrive'],
  ],
  [
    "Collect, whose order is not guaranteed",
    `SELECT Collect() AS c FROM t TIMESTAMP BY x ${key}`,
    {},
    ["ASA_NONDETERMINISTIC 1:8 the order of the values of collect is not guaranteed"],
  ],
  [
    "policies without TIMESTAMP BY",
    "SELECT a FROM t",
    { policies },
    ['ASA_LATE_POLICY_IGNORED 1:15 ordering policies have no effect on input "t" without TIMESTAMP BY'],
  ],
  [
    "a window without a key",
    "SELECT COUNT(*) AS n FROM t GROUP BY TumblingWindow(minute, 1)",
    {},
    ["ASA_NOT_PARALLEL 1:1 the query cannot run in parallel here: GROUP BY has no key besides the window"],
  ],
  [
    "a session over all keys",
    "SELECT a, COUNT(*) AS n FROM t GROUP BY a, SessionWindow(minute, 1, 5)",
    {},
    [
      "ASA_NOT_PARALLEL 1:1 the query cannot run in parallel here: a session window without OVER (PARTITION BY ...) spans all keys",
    ],
  ],
  [
    "an analytic function, a join and a pattern without a key",
    "SELECT LAST(a) OVER (LIMIT DURATION(minute, 1)) AS l INTO x FROM t TIMESTAMP BY y",
    {},
    ["ASA_NOT_PARALLEL 1:8 the query cannot run in parallel here: an analytic function has no PARTITION BY"],
  ],
  [
    "a join without an equality",
    "SELECT t.a FROM t TIMESTAMP BY x JOIN c TIMESTAMP BY x ON DATEDIFF(minute, t, c) = 0",
    {},
    ["ASA_NOT_PARALLEL 1:34 the query cannot run in parallel here: a join has no equality of keys"],
  ],
  [
    "a partition key that is not grouped by",
    "SELECT b, COUNT(*) AS n FROM t PARTITION BY a GROUP BY b, TumblingWindow(minute, 1)",
    {},
    ['ASA_PARTITION_KEY_UNUSED 1:30 the partition key of "t" is not in GROUP BY'],
  ],
  [
    "two statements with one output",
    "SELECT a INTO o FROM t SELECT b INTO o FROM t",
    {},
    ['ASA_DUPLICATE_OUTPUT_WARNING 1:38 several statements append to output "o"'],
  ],
  [
    "more outputs than the service allows",
    Array.from({ length: 61 }, (_, index) => `SELECT a INTO o${index} FROM t`).join(" "),
    {},
    ["ASA_LIMIT 1:1 the job has 61 outputs, the service allows 60"],
  ],
];

describe("warnings", () => {
  it.each(cases)("name %s", (_, text, options, expected) => {
    const { diagnostics, plan } = compile(text, options);
    expect(diagnostics.map(findingLine)).toEqual(expected);
    expect(plan).not.toBeNull();
  });

  it("are all raised by a case", () => {
    const raised = new Set(cases.flatMap(([, , , expected]) => expected.map((line) => line.split(" ")[0])));
    expect(Object.keys(compileWarnings).filter((code) => !raised.has(code))).toEqual([]);
  });

  it("stay silent for a query that is partitioned, timed and fully used", () => {
    const text = `WITH s AS (SELECT a, b FROM t TIMESTAMP BY x) SELECT a, MAX(b) AS m INTO o FROM s ${key}`;
    expect(compile(text, { policies }).diagnostics).toEqual([]);
  });
});
