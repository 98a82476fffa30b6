import { type CompileOptions, compile, explain, type InputDeclaration } from "../../../../asa";
import { allFindings } from "../../../support/asaql-ast";
import { publishedQueries } from "../../../support/published-queries";

const inputs: readonly InputDeclaration[] = [
  { alias: "telemetry", kind: "stream" },
  { alias: "commands", kind: "stream" },
  { alias: "devices", kind: "reference" },
];

function plan(text: string, options: CompileOptions = { inputs }): readonly string[] {
  const { diagnostics } = compile(text, options);
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  if (errors.length > 0) throw new Error(allFindings(errors, text));
  return explain(text, "logical", options).split("\n");
}

/** The line of the plan that begins with a word, without its number and schema. */
function line(text: string, word: string, options?: CompileOptions): string {
  const found = plan(text, options).find((candidate) => candidate.replace(/^\d+ /, "").startsWith(word));
  return (found ?? "none").replace(/^\d+ /, "").replace(/ -> .*/, "");
}

describe("compile", () => {
  it.each(publishedQueries)("accepts the published form %s", (text) => {
    const { diagnostics } = compile(text);
    expect(diagnostics.filter((diagnostic) => diagnostic.severity === "error")).toEqual([]);
  });

  it("evaluates in the documented order: analytic, join, filter, aggregate, having, projection", () => {
    const text = `SELECT t.a, COUNT(*) AS n INTO o
      FROM telemetry t TIMESTAMP BY time
      JOIN commands c TIMESTAMP BY time ON t.a = c.a AND DATEDIFF(minute, t, c) BETWEEN 0 AND 5
      WHERE LAG(t.b) OVER (LIMIT DURATION(hour, 1)) > 1
      GROUP BY t.a, TumblingWindow(minute, 5) HAVING n > 2`;
    expect(plan(text)).toEqual([
      "0 stream telemetry timestamp by $0.time -> {...}",
      "1 stream commands timestamp by $0.time -> {...}",
      "2 analytic(0) lag($0.b, 1) over [] 1h -> {...} #[any]",
      "3 join(2, 1) minute from $0 in 0..5 on (($0.a = $1.a) and (datediff('minute', time($0), time($1)) between 0 and 5)) -> {...} {...} #[any]",
      "4 filter(3) (#0 > 1) -> {...} {...} #[any]",
      "5 aggregate(4) tumbling 5m by [$0.a] count() -> #[any, bigint]",
      "6 filter(5) (#1 > 2) -> #[any, bigint]",
      "7 project(6) a = #0, n = #1 -> {a any, n bigint}",
      "output o <- 7",
    ]);
  });

  it.each([
    ["DATEDIFF(minute, t, c) BETWEEN 0 AND 5", "minute from $0 in 0..5"],
    ["DATEDIFF(minute, c, t) BETWEEN 0 AND 5", "minute from $0 in -5..0"],
    ["DATEDIFF(second, t, c) < 5 AND DATEDIFF(second, t, c) >= -5", "second from $0 in -5..4"],
    ["5 > DATEDIFF(second, t, c) AND -5 <= DATEDIFF(second, t, c)", "second from $0 in -5..4"],
    ["DATEDIFF(hour, t, c) = 0", "hour from $0 in 0..0"],
    ["DATEDIFF(hour, c, t) = 1 + 1", "hour from $0 in -2..-2"],
    ["DATEDIFF(day, t, c) BETWEEN -7 AND 7", "day from $0 in -7..7"],
    [
      "DATEDIFF(hour, t, c) < 2 AND DATEDIFF(minute, t, c) BETWEEN 0 AND 5",
      "hour from $0 in ..1, minute from $0 in 0..5",
    ],
  ])("bounds a join by %s", (condition, bounds) => {
    expect(line(`SELECT t.a FROM telemetry t JOIN commands c ON ${condition}`, "join")).toContain(
      ` ${bounds} on `,
    );
  });

  it("bounds each source of a chain relative to the source that ON names", () => {
    const text = `SELECT a.x FROM telemetry a LEFT JOIN commands b ON DATEDIFF(second, a, b) BETWEEN 0 AND 5
      JOIN telemetry c ON DATEDIFF(second, a, c) BETWEEN 0 AND 10 AND DATEDIFF(second, b, c) < 0`;
    expect(plan(text).filter((row) => row.includes("join("))).toEqual([
      expect.stringContaining("left join(0, 1) second from $0 in 0..5"),
      expect.stringContaining("join(2, 0) second from $0 in 0..10, second from $1 in ..-1"),
    ]);
  });

  it("reads reference data on the right, without a time bound", () => {
    const text = "SELECT t.a, d.name FROM telemetry t LEFT JOIN devices d ON t.id = d.id";
    expect(line(text, "left reference join")).toBe("left reference join(0, 1) on ($0.id = $1.id)");
    expect(line("SELECT t.a FROM telemetry t CROSS JOIN devices d", "reference join")).toBe(
      "reference join(0, 1)",
    );
  });

  it.each([
    ["TumblingWindow(hour, 24, -4)", "tumbling 1d offset -4h"],
    ["TumblingWindow(Duration(hour, 1), Offset(millisecond, -1))", "tumbling 1h offset -1ms"],
    ["Hopping(minute, 10, 5)", "hopping 10m every 5m"],
    [
      "HoppingWindow(Duration(minute, 10), Hop(second, 30), Offset(second, 5))",
      "hopping 10m every 30s offset 5s",
    ],
    ["HoppingWindow(minute, 1, 15)", "hopping 1m every 15m"],
    ["SlidingWindow(hours, 1)", "sliding 1h"],
    ["SlidingWindow(Duration(mcs, 5))", "sliding 5us"],
    ["TumblingWindow(day, 7)", "tumbling 7d"],
    ["SessionWindow(minute, 5, 60)", "session gap 5m at most 1h by []"],
    [
      "Session(Timeout(minute, 5), MaxDuration(hour, 1)) OVER (PARTITION BY a)",
      "session gap 5m at most 1h by [$0.a]",
    ],
    ["System.Timestamp()", "snapshot"],
    [
      "Windows(Window('x', Tumbling(minute, 1)), Window('y', System.Timestamp()))",
      "'x' tumbling 1m, 'y' snapshot",
    ],
    ["Windows(Tumbling(minute, 1), Sliding(minute, 2))", "tumbling 1m, sliding 2m"],
  ])("reads the window %s", (window, expected) => {
    expect(line(`SELECT COUNT(*) AS n FROM telemetry GROUP BY ${window}`, "aggregate")).toBe(
      `aggregate(0) ${expected} by [] count()`,
    );
  });

  it("takes System.Timestamp() for a key beside another window", () => {
    const text =
      "SELECT a, COUNT(*) AS n FROM telemetry GROUP BY a, System.Timestamp(), TumblingWindow(hour, 2)";
    expect(line(text, "aggregate")).toBe("aggregate(0) tumbling 2h by [$0.a, timestamp()] count()");
  });

  it("compares select items with keys after resolution, ignoring case and qualifiers", () => {
    const text =
      "SELECT UPPER(telemetry.A) AS x, B + 1 AS y, COUNT(*) FROM telemetry GROUP BY upper(a), telemetry.b + 1, Tumbling(minute, 1)";
    expect(line(text, "project")).toBe("project(1) x = #0, y = #1, count = #2");
  });

  it("types the TIMESTAMP BY column in comparisons and aggregates, and leaves projections raw", () => {
    const text =
      "SELECT MAX(time) AS m, TopOne() OVER (ORDER BY time DESC) AS e FROM telemetry TIMESTAMP BY time GROUP BY Tumbling(minute, 1)";
    expect(line(text, "aggregate")).toBe(
      "aggregate(0) tumbling 1m by [] max(as($0.time, datetime)), topone($0 with time first) order by as($0.time, datetime) desc",
    );
    expect(line("SELECT time FROM telemetry TIMESTAMP BY time", "project")).toBe("project(0) time = $0.time");
    expect(line(text, "aggregate", { inputs, dialect: { timestampColumn: "text" } })).toBe(
      "aggregate(0) tumbling 1m by [] max($0.time), topone($0) order by $0.time desc",
    );
  });

  it("keeps the partitions of a partitioned source apart", () => {
    const text =
      "SELECT COUNT(*) AS n, LAG(x) OVER (LIMIT DURATION(hour, 1)) AS l FROM telemetry PARTITION BY site GROUP BY LAG(x) OVER (LIMIT DURATION(hour, 1)), SessionWindow(minute, 1, 5)";
    expect(line(text, "analytic")).toBe("analytic(0) lag($0.x, 1) over [$0.site] 1h");
    expect(line(text, "aggregate")).toBe(
      "aggregate(1) session gap 1m at most 5m by [$0.site] by [#0, $0.site] count()",
    );
  });

  it("evaluates analytic functions on their own source, and after APPLY when they name its alias", () => {
    const text =
      "SELECT LAG(e.ArrayValue) OVER (LIMIT DURATION(hour, 1)) AS x, LAG(a) OVER (LIMIT DURATION(hour, 1)) AS y FROM telemetry CROSS APPLY GetArrayElements(list) AS e";
    expect(plan(text).map((row) => row.replace(/ -> .*/, ""))).toEqual([
      "0 stream telemetry",
      "1 analytic(0) lag($0.a, 1) over [] 1h",
      "2 cross apply(1) array $0.list",
      "3 analytic(2) lag($1.ArrayValue, 1) over [] 1h",
      "4 project(3) x = #1, y = #0",
      "output output <- 4",
    ]);
    expect(
      line(
        "SELECT LAG(c.a) OVER (LIMIT DURATION(hour, 1)) AS l FROM telemetry t JOIN commands c ON DATEDIFF(minute, t, c) = 0",
        "analytic",
      ),
    ).toBe("analytic(1) lag($0.a, 1) over [] 1h");
  });

  it.each([
    ["SELECT * FROM telemetry", "$0.*"],
    ["SELECT *, a AS b FROM (SELECT a, c FROM telemetry) s", "a = $0.a, c = $0.c, b = $0.a"],
    ["SELECT *, a FROM (SELECT a, c FROM telemetry) s", "a = $0.a, c = $0.c"],
    ["SELECT t.*, payload.* FROM telemetry t", "$0.*, $0.payload.*"],
    ["SELECT * FROM telemetry t CROSS APPLY GetArrayElements(list) e", "$0.*, e = $1"],
    ["SELECT * FROM telemetry t JOIN devices d ON t.id = d.id", "t = $0, d = $1"],
    ["SELECT e FROM telemetry CROSS APPLY GetRecordProperties(r) AS e", "e = $1"],
  ])("expands the list of %s", (text, items) => {
    expect(
      plan(text).find((row) => row.includes("project") && row.startsWith(String(plan(text).length - 2))),
    ).toContain(` ${items} -> `);
  });

  it.each([
    ["SensorReadings.Temperature", "Temperature"],
    ["System.Timestamp()", "timestamp"],
    ["System.Timestamp", "timestamp"],
    ["ROUND(a, 2)", "round"],
    ["udf.ToHex(a)", "ToHex"],
    ["a + 1", "Column1"],
    ["5", "Column1"],
    ["GetArrayElement(a, 0).x", "x"],
    ["a AS 'b c'", "b c"],
    ["d = a", "d"],
  ])("names the item %s", (item, name) => {
    expect(plan(`SELECT ${item} FROM telemetry`).at(-2)).toContain(`-> {${name} `);
  });

  it("unites by position when all branches are closed, else by name", () => {
    expect(plan("SELECT a, b FROM telemetry UNION ALL SELECT c, d FROM commands").at(-2)).toBe(
      "4 union(1, 3) by position -> {a any, b any}",
    );
    expect(plan("SELECT * FROM telemetry UNION SELECT * FROM commands").at(-2)).toBe(
      "4 union(1, 3) by name -> {...}",
    );
  });

  it("carries static types through steps, casts and declared columns", () => {
    const text = `CREATE TABLE telemetry (a bigint, f float, s nvarchar(max), r record)
      WITH x AS (SELECT a, f, s, r.q, a / 2 AS h, a + f AS g, CAST(s AS datetime) AS d, CASE WHEN a = 1 THEN a ELSE f END AS c FROM telemetry)
      SELECT *, SUBSTRING(s, 1, 2) AS u FROM x`;
    expect(plan(text).at(-2)).toContain(
      "-> {a bigint, f float, s nvarchar(max), q any, h bigint, g float, d datetime, c float, u nvarchar(max)}",
    );
  });

  it("evaluates analytic functions on the joined rows when the dialect says so", () => {
    const text =
      "SELECT LAG(t.a) OVER (PARTITION BY c.b LIMIT DURATION(hour, 1)) AS l FROM telemetry t JOIN commands c ON DATEDIFF(minute, t, c) = 0";
    expect(line(text, "analytic", { inputs, dialect: { analyticInJoin: "after" } })).toBe(
      "analytic(2) lag($0.a, 1) over [$1.b] 1h",
    );
  });

  it("numbers pattern variables by first mention and keeps measures only", () => {
    const text = `SELECT * FROM telemetry TIMESTAMP BY time MATCH_RECOGNIZE (PARTITION BY id LIMIT DURATION(minute, 5)
      MEASURES Last(B.x) AS last, Classifier() AS path AFTER MATCH SKIP TO NEXT ROW
      PATTERN (A+ (B | .)? C*) DEFINE A AS A.x > 1, B AS B.x > Max(A.x))`;
    expect(plan(text).at(-2)).toBe(
      "1 match(0) (%0{1,} (%1 | .){0,1} %2{0,}) within 5m -> {last any, path array}",
    );
  });

  it("shares an input that is read with the same clauses and separates other clauses", () => {
    const shared =
      "SELECT a INTO x FROM telemetry TIMESTAMP BY time; SELECT b INTO y FROM telemetry TIMESTAMP BY TIME";
    expect(plan(shared).filter((row) => row.includes("stream telemetry"))).toHaveLength(1);
    const separate = "SELECT a INTO x FROM telemetry TIMESTAMP BY time; SELECT b INTO y FROM telemetry";
    expect(plan(separate).filter((row) => row.includes("stream telemetry"))).toHaveLength(2);
  });

  it("leaves out what no output reads", () => {
    expect(
      plan("WITH unused AS (SELECT a FROM commands), used AS (SELECT a FROM telemetry) SELECT * FROM used"),
    ).toEqual([
      "0 stream telemetry -> {...}",
      "1 project(0) a = $0.a as step used -> {a any}",
      "2 project(1) a = $0.a -> {a any}",
      "output output <- 2",
    ]);
  });

  it("turns !=, !< and !> into the operators they mean", () => {
    expect(line("SELECT a FROM telemetry WHERE a != 1 AND b !< 2 AND c !> 3", "filter")).toBe(
      "filter(0) (($0.a <> 1) and ($0.b >= 2) and ($0.c <= 3))",
    );
  });

  it("gives &, |, ^, + and - one level of precedence, left to right", () => {
    const text = "SELECT a | b + c AS x FROM telemetry";
    expect(line(text, "project")).toBe("project(0) x = (($0.a | $0.b) + $0.c)");
    expect(line(text, "project", { inputs, dialect: { bitwisePrecedence: "c" } })).toBe(
      "project(0) x = ($0.a | ($0.b + $0.c))",
    );
  });

  it("resolves an unqualified name to the only closed source that has it, else to the only stream", () => {
    const text =
      "WITH s AS (SELECT k, v FROM telemetry) SELECT v, w FROM s JOIN commands c ON DATEDIFF(minute, s, c) = 0";
    expect(line(text, "project(3)")).toBe("project(3) v = $0.v, w = $1.w");
  });
});
