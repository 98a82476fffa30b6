import { type CompileOptions, compile, compilePlan, formatDiagnostic } from "../../../../asa";

const options: CompileOptions = {
  file: "job.asaql",
  inputs: [
    { alias: "telemetry", kind: "stream", contractColumns: ["deviceId", "temperature", "eventTime"] },
    { alias: "commands", kind: "stream" },
  ],
  purpose: "local",
};

function findings(text: string): string {
  return compile(text, options)
    .diagnostics.filter(({ severity, code }) => severity === "error" || code === "ASA_CONTRACT_COLUMN")
    .map((diagnostic) => formatDiagnostic(diagnostic, text))
    .join("\n");
}

/** The ten mistakes that people make most, with the whole text that they see. */
const mistakes: readonly (readonly [string, string, string])[] = [
  [
    "an unknown column with a contract",
    "SELECT deviceId,\n  temprature\nFROM telemetry TIMESTAMP BY eventTime",
    `warning ASA_CONTRACT_COLUMN: column "temprature" is not in the contract of input "telemetry"
  job.asaql:2:3
  1 | SELECT deviceId,
  2 |   temprature
    |   ^
  hint: Did you mean "temperature"?`,
  ],
  [
    "a missing window",
    "SELECT deviceId, COUNT(*) AS n\nFROM telemetry\nGROUP BY deviceId",
    `ASA_WINDOW_MISSING: GROUP BY has no window
  job.asaql:3:10
  2 | FROM telemetry
  3 | GROUP BY deviceId
    |          ^
  detail: A stream has no end, so its groups are formed within windows.
  hint: Add e.g. TumblingWindow(minute, 5), or System.Timestamp() for events of the same time.`,
  ],
  [
    "a JOIN without DATEDIFF",
    "SELECT t.deviceId\nFROM telemetry t\nJOIN commands c ON t.deviceId = c.deviceId",
    `ASA_JOIN_UNBOUNDED: the join with "c" is not bounded in time
  job.asaql:3:20
  2 | FROM telemetry t
  3 | JOIN commands c ON t.deviceId = c.deviceId
    |                    ^
  detail: The join predicate is not time bounded. JOIN operation between data streams requires specifying max time distances between matching events. Please add DATEDIFF to the JOIN condition.
  hint: Add AND DATEDIFF(minute, t, c) BETWEEN 0 AND 5.`,
  ],
  [
    "an aggregate in WHERE",
    "SELECT deviceId FROM telemetry\nWHERE COUNT(*) > 3",
    `ASA_AGGREGATE_PLACE: aggregate COUNT cannot stand in WHERE
  job.asaql:2:7
  1 | SELECT deviceId FROM telemetry
  2 | WHERE COUNT(*) > 3
    |       ^
  hint: Filter on aggregates with HAVING.`,
  ],
  [
    "a bad unit",
    "SELECT COUNT(*) AS n FROM telemetry\nGROUP BY TumblingWindow(minuts, 5)",
    `ASA_DATE_PART: time unit "minuts" does not exist
  job.asaql:2:25
  1 | SELECT COUNT(*) AS n FROM telemetry
  2 | GROUP BY TumblingWindow(minuts, 5)
    |                         ^
  hint: Did you mean "minute"?`,
  ],
  [
    "an unclosed bracket",
    "SELECT ROUND(temperature, 2 AS t\nFROM telemetry",
    `ASA_SYNTAX: expected ")" but found keyword AS
  job.asaql:1:29
  1 | SELECT ROUND(temperature, 2 AS t
    |                             ^
  detail: The bracket opened in line 1, column 13 is not closed.
  hint: Add the missing ")".`,
  ],
  [
    "an unknown function",
    "SELECT SUBSTRIN(deviceId, 1, 3) AS prefix\nFROM telemetry",
    `ASA_UNKNOWN_FUNCTION: function "SUBSTRIN" does not exist
  job.asaql:1:8
  1 | SELECT SUBSTRIN(deviceId, 1, 3) AS prefix
    |        ^
  hint: Did you mean "SUBSTRING"?`,
  ],
  [
    "a duplicate output",
    "SELECT deviceId INTO archive FROM telemetry;\nSELECT deviceId INTO archive FROM commands;",
    `ASA_DUPLICATE_OUTPUT: two statements write to output "archive"
  job.asaql:2:22
  1 | SELECT deviceId INTO archive FROM telemetry;
  2 | SELECT deviceId INTO archive FROM commands;
    |                      ^
  hint: Join them with UNION, or write to different outputs.`,
  ],
  [
    "a wrong number of arguments",
    "SELECT\n\tSUBSTRING(deviceId, 1) AS prefix\nFROM telemetry",
    `ASA_ARGUMENT_COUNT: function SUBSTRING takes 3 arguments, not 2
  job.asaql:2:2
  1 | SELECT
  2 | \tSUBSTRING(deviceId, 1) AS prefix
    | \t^
  hint: Add the missing arguments.`,
  ],
  [
    "TIMESTAMP BY on a step",
    "WITH hot AS (SELECT deviceId, eventTime FROM telemetry)\nSELECT deviceId FROM hot TIMESTAMP BY eventTime",
    `ASA_TIMESTAMP_BY_SOURCE: TIMESTAMP BY cannot stand on step "hot"
  job.asaql:2:26
  1 | WITH hot AS (SELECT deviceId, eventTime FROM telemetry)
  2 | SELECT deviceId FROM hot TIMESTAMP BY eventTime
    |                          ^
  hint: Move it to the input that is read first.`,
  ],
];

describe("formatDiagnostic", () => {
  it.each(mistakes)("shows code, place, line, caret and hint of %s", (_, text, expected) => {
    expect(findings(text)).toBe(expected);
  });
});

describe("formatDiagnostic of a long line", () => {
  it("shows the part around the caret", () => {
    const text = `SELECT ${"a + ".repeat(100)}b c d FROM telemetry${" ".repeat(5)}-- ${"x".repeat(300)}`;
    const [, place, line, caret] = findings(text).split("\n") as [string, string, string, string];
    expect(place).toBe("  job.asaql:1:412");
    expect(line.length).toBe("  1 | ...".length + 160 + "...".length);
    expect(line.slice(caret.indexOf("^"))).toMatch(/^d FROM telemetry/);
  });
});

describe("compilePlan", () => {
  it("throws every error of the query as it is shown", () => {
    expect(() => compilePlan("SELECT a FROM\nSELECT b FROM t ORDER BY b", options)).toThrow(
      expect.objectContaining({
        code: "ASA_COMPILE_FAILED",
        message: expect.stringMatching(/^the query has \d errors: /),
        detail: expect.stringContaining("job.asaql:2:"),
      }),
    );
  });

  it("returns the plan of a query without errors", () => {
    expect(compilePlan("SELECT deviceId FROM telemetry", options).outputs).toHaveLength(1);
  });
});
