import { type CompileOptions, compile } from "../../../../asa";

const options: CompileOptions = {
  inputs: [
    { alias: "telemetry", kind: "stream" },
    { alias: "alerts", kind: "stream" },
    { alias: "devices", kind: "reference" },
  ],
  purpose: "local",
};

/** Errors as `line:column hint`. */
const hints = (text: string): readonly string[] =>
  compile(text, options)
    .diagnostics.filter(({ severity }) => severity === "error")
    .map(({ range, hint }) => `${range.line}:${range.column} ${hint}`);

/** Mistakes of people who know another language or dialect; `where` stands for the place of the mistake. */
const mistakes: readonly (readonly [string, ...string[]])[] = [
  ["SELECT a, , b FROM telemetry", "1:11 Remove the comma, or write what it separates."],
  ["SELECT a b c FROM telemetry", "1:12 A comma may be missing before it."],
  [
    "SELECT COUNT(*) AS n FROM telemetry GROUP BY TumblngWindow(minute, 5)",
    '1:46 Did you mean "TumblingWindow", "HoppingWindow" or "SlidingWindow"?',
  ],
  [
    "SELECT COUNT(*) AS n FROM telemetry GROUP BY TumblingWindow(5, minute)",
    "1:61 Write e.g. TumblingWindow(minute, 5).",
  ],
  [
    "SELECT COUNT(*) AS n FROM telemetry GROUP BY TumblingWindow(minute 5)",
    "1:68 A comma or an operator may be missing before it.",
  ],
  [
    "SELECT COUNT(*) AS n FROM telemetry GROUPBY TumblingWindow(minute, 5)",
    "1:45 Did you mean GROUP BY before it?",
  ],
  ["SELECT COUNT(*) AS n FROM telemetry GROUP TumblingWindow(minute, 5)", "1:43 Write GROUP BY."],
  [
    "SELECT COUNT(*) AS n FROM telemetry WINDOW TumblingWindow(minute, 5)",
    "1:44 A window stands in GROUP BY.",
  ],
  ["SELECT a FROM telemetry WHER a > 1", "1:30 Did you mean WHERE before it?"],
  ["SELECT a INTO b FRM telemetry", '1:17 Did you mean "FROM"?'],
  ["FROM telemetry SELECT a FROM telemetry", "1:1 A statement begins with SELECT."],
  ["SELECT a FROM telemetry WHERE a = \u2018x\u2019", "1:35 Write texts in straight single quotes: 'x'."],
  [
    "SELECT a FROM telemetry WHERE a = \u201cx y\u201d AND b = 1",
    "1:35 Write texts in straight single quotes: 'x y'.",
  ],
  [
    "SELECT `a` FROM telemetry",
    "1:8 Write names in brackets: [name].",
    "1:10 Write names in brackets: [name].",
  ],
  ["SELECT a FROM telemetry WHERE a == 1 AND b = 2", "1:34 Write = to compare."],
  ["SELECT a FROM telemetry WHERE a = 1 && b = 2", "1:37 Write AND."],
  ["SELECT a FROM telemetry WHERE a = 1 || b = 2", "1:37 Write OR; texts are joined by + or CONCAT."],
  ["SELECT a FROM telemetry WHERE a IS 'x'", "1:36 IS tests for NULL only; write = to compare with a value."],
  [
    "SELECT a FROM telemetry WHERE a IS NOT 5",
    "1:40 IS tests for NULL only; write <> to compare with a value.",
  ],
  ["SELECT a FROM telemetry WHERE a BETWEEN 1, 2", "1:42 Write BETWEEN low AND high."],
  ["SELECT a FROM telemetry WHERE a IN 1, 2", "1:36 Write the values in brackets: IN (a, b)."],
  [
    "SELECT a FROM telemetry LIMIT 5",
    "1:25 A stream has no end; use TopOne() or CollectTop(n) OVER (ORDER BY ...) with a window.",
  ],
  ["SELECT t.a FROM telemetry t FULL JOIN alerts a ON t.a = a.a", "1:29 Unite two LEFT JOINs with UNION."],
  [
    "SELECT t.a FROM telemetry t JOIN alerts x ON t.a = x.a AND DATEDIFF(minute, t.at, x.at) BETWEEN 0 AND 5",
    "1:46 DATEDIFF bounds a join when it takes the sources, not columns: DATEDIFF(minute, t, x) BETWEEN 0 AND 5.",
  ],
  [
    "SELECT d.a FROM devices d JOIN telemetry t ON d.a = t.a",
    "1:25 Read a stream first and join the reference data to it.",
  ],
  [
    "SELECT telemetry.a FROM telemetry t",
    '1:8 Write t.a, or t.telemetry.a for a column "telemetry" of the events.',
  ],
  [
    "SELECT a FROM telemetry TIMESTAMP BY telemetry",
    "1:38 The name of the source means its whole event; write telemetry.telemetry for a column of that name.",
  ],
  [
    "SELECT from, a, order FROM telemetry",
    "1:8 Write [from] to use the keyword as a name.",
    "1:17 Write [order] to use the keyword as a name.",
  ],
  [
    "SELECT CASE a > 1 THEN 1 ELSE 0 END AS c FROM telemetry",
    "1:19 Write CASE WHEN condition THEN value ELSE value END.",
  ],
  [
    "SELECT a FROM telemetry WHERE TIMESTAMP BY t",
    "1:41 TIMESTAMP BY stands behind the input: FROM input TIMESTAMP BY column.",
  ],
  ["SELECT a FROM telemetry CROSS APPLY xs AS x", "1:40 Write CROSS APPLY GetArrayElements(xs) AS element."],
  ["WITH s AS SELECT a FROM telemetry SELECT a FROM s", "1:11 Put the query of a step into brackets."],
  ["WITH s AS (SELECT a FROM telemetry), SELECT a FROM s", "1:38 Remove the comma before SELECT."],
  ["WITH s AS (SELECT a FROM telemetry;) SELECT a FROM s", "1:35 Remove the semicolon; it ends a statement."],
  ["CREATE TABLE telemetry a bigint", "1:24 Write CREATE TABLE input (column type, ...)."],
  ["SELECT a.* AS x FROM telemetry", "1:12 The star takes no alias; its columns keep their names."],
  [
    "SELECT a FROM telemetry WHERE b = 'x",
    "1:35 Add the closing ', and write a quote inside the text twice.",
  ],
  ["SELECT 'it's' FROM telemetry", "1:13 Add the closing ', and write a quote inside the text twice."],
  ["SELECT LAG(a) OVER (LIMT DURATION(minute, 1)) AS p FROM telemetry", '1:21 Did you mean "LIMIT"?'],
];

describe("hints", () => {
  it.each(mistakes)("of %j say what to write, once", (text, ...expected) => {
    expect(hints(text)).toEqual(expected);
  });

  it("show what is missing behind the last word, not behind the empty lines and comments after it", () => {
    const { diagnostics } = compile(
      "\uFEFFSELECT a\r\nFROM telemetry\r\nWHERE a >\r\n\r\n-- end\r\n",
      options,
    );
    expect(diagnostics.map(({ range }) => `${range.line}:${range.column}`)).toEqual(["3:10"]);
  });
});
