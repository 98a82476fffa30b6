import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { runCli } from "../../../../asa/node";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "asa-cli-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function asa(
  ...argv: string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  let out = "";
  let err = "";
  const code = await runCli(argv, {
    cwd: folder,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    now: () => Date.UTC(2026, 0, 5, 8),
  });
  return { code, out, err };
}

function write(files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content),
    );
  }
}

const at = (path: string): string => join(folder, path);

describe("asa", () => {
  it("teaches its commands", async () => {
    const { code, out } = await asa("--help");
    expect(code).toBe(0);
    for (const command of ["check", "run", "test", "explain", "new", "bench"]) {
      expect(out).toContain(`asa ${command}`);
      expect((await asa(command, "--help")).out).toMatch(new RegExp(`^asa ${command}`));
    }
  });

  it.each([
    [["chekc"], 'command "chekc" does not exist'],
    [["check", "--colour"], "Unknown option '--colour'"],
    [["check", "--format", "xml"], '--format has no choice "xml"'],
    [["run", "--input", "x"], '--input is "x"'],
    [["test", "--tolerance", "-1"], "--tolerance"],
    [["new"], "the project's folder is missing"],
  ])("explains the command line %j", async (argv, message) => {
    write({ "q.asaql": "SELECT * FROM i", "test/testConfig.json": { Script: "../q.asaql", TestCases: [] } });
    const { code, err } = await asa(...argv);
    expect(code).toBe(2);
    expect(err).toContain("error ASA_USAGE: ");
    expect(err).toContain(message);
  });
});

describe("asa check", () => {
  it("prints place, code, caret and hint, relative to the working folder", async () => {
    write({ "jobs/q.asaql": "SELECT a, COUNT(*)\nFROM i\nGROUP BY a" });
    const { code, out } = await asa("check", at("jobs"));
    expect(code).toBe(1);
    expect(out).toMatch(/^jobs\/q\.asaql:\d+:\d+: error ASA_WINDOW_MISSING: /);
    expect(out).toMatch(/\n {2}3 \| GROUP BY a\n {4}\| +\^\n/);
    expect(out).toContain("hint: ");
    expect(out).toContain("1 query checked: 1 error,");
  });

  it("checks against the project above, whatever the folder", async () => {
    write({
      "asaproj.json": {
        startFile: "q.asaql",
        configurations: [
          { filePath: "i.json", subType: "Input" },
          { filePath: "o.json", subType: "Output" },
        ],
      },
      "i.json": { Name: "known", Type: "Data Stream", DataSourceType: "Event Hub" },
      "o.json": { Name: "out", DataSourceType: "Cosmos DB" },
      "deep/q.asaql": "SELECT * INTO nowhere FROM unknown",
    });
    const { out } = await asa("check", at("deep/q.asaql"));
    expect(out).toContain("ASA_UNKNOWN_INPUT");
    expect(out).toContain("ASA_UNKNOWN_OUTPUT");
  });

  it("names a broken project file with its place", async () => {
    write({ "asaproj.json": "{\n  ]", "q.asaql": "SELECT * FROM i" });
    const { code, out } = await asa("check", folder);
    expect(code).toBe(1);
    expect(out).toMatch(/^asaproj\.json:2:3: error ASA_JSON_INVALID: /);
  });

  it("refuses a query that calls a C# function, not one that only mentions it", async () => {
    write({
      "asaproj.json": {
        startFile: "q.asaql",
        configurations: [{ filePath: "f.json", subType: "CSharpFunction" }],
      },
      "f.json": { Name: "hash", AssemblyName: "A" },
      "q.asaql": "SELECT 'udf.hash(a)' AS a FROM i -- udf.hash(b)",
    });
    expect((await asa("check", folder)).out).not.toContain("ASA_FUNCTION_NOT_SUPPORTED");
    write({ "q.asaql": "SELECT udf.hash(a) AS a FROM i" });
    expect((await asa("check", folder)).out).toContain("ASA_FUNCTION_NOT_SUPPORTED");
  });

  it("writes SARIF with rules, levels and places", async () => {
    write({ "my q.asaql": "SELECT * FROM (" });
    const { code } = await asa("check", at("my q.asaql"), "--format", "sarif", "--report", "out/asa.sarif");
    expect(code).toBe(1);
    const log = JSON.parse(readFileSync(at("out/asa.sarif"), "utf8"));
    const [result] = log.runs[0].results;
    expect(log.version).toBe("2.1.0");
    expect(result).toMatchObject({
      level: "error",
      locations: [
        { physicalLocation: { artifactLocation: { uri: "my%20q.asaql" }, region: { startLine: 1 } } },
      ],
    });
    expect(log.runs[0].tool.driver.rules.map((rule: { id: string }) => rule.id)).toContain(result.ruleId);
  });

  it("finds all queries below a folder without a project, not those of tools", async () => {
    write({
      "a/q.asaql": "SELECT * FROM i",
      "b/c/r.asaql": "SELECT * FROM i",
      "node_modules/x.asaql": "SELEC",
      "LocalRunOutputs/y.asaql": "SELEC",
    });
    expect(await asa("check", folder)).toMatchObject({
      code: 0,
      out: expect.stringContaining("2 queries checked: 0 errors"),
    });
  });
});

const counts =
  "SELECT k, COUNT(*) AS n INTO counts FROM i TIMESTAMP BY t GROUP BY k, TumblingWindow(minute, 1)";
const events =
  '{"t":"2026-01-05T08:00:01Z","k":"a"}\n{"t":"2026-01-05T08:00:02Z","k":"a"}\n{"t":"2026-01-05T08:01:00Z","k":"b"}\n';

describe("asa run", () => {
  it.each([
    ["JSON", "d.json", events],
    ["packed JSON", "d.json.gz", gzipSync(events)],
    ["CSV", "d.csv", "t,k\n2026-01-05T08:00:01Z,a\n2026-01-05T08:00:02Z,a\n2026-01-05T08:01:00Z,b\n"],
    [
      "tabbed text",
      "d.tsv",
      "t\tk\n2026-01-05T08:00:01Z\ta\n2026-01-05T08:00:02Z\ta\n2026-01-05T08:01:00Z\tb\n",
    ],
  ])("prints the rows of %s", async (_title, name, content) => {
    write({ "q.asaql": counts, [name]: content });
    const { code, out, err } = await asa("run", at("q.asaql"), "--input", `i=${name}`, "--print");
    expect([code, err]).toEqual([0, ""]);
    expect(out.trim().split("\n").sort()).toEqual(['{"k":"a","n":2}', '{"k":"b","n":1}']);
  });

  it("feeds its own binary outputs back in", async () => {
    write({ "q.asaql": "SELECT t, k INTO copy FROM i TIMESTAMP BY t", "n.asaql": counts, "d.json": events });
    for (const format of ["avro", "parquet"]) {
      expect(
        await asa("run", at("q.asaql"), "--input", "i=d.json", "--output", "o", "--output-format", format),
      ).toMatchObject({ code: 0 });
      const { out } = await asa("run", at("n.asaql"), "--input", `i=o/copy.${format}`, "--print");
      expect(out.trim().split("\n").sort()).toEqual(['{"k":"a","n":2}', '{"k":"b","n":1}']);
    }
  });

  it("writes below LocalRunOutputs of the project and reports refused events", async () => {
    write({
      "asaproj.json": { startFile: "q.asaql" },
      "q.asaql": counts,
      "d.json": `${events}not json\n{"k":"c"}\n`,
    });
    const { code, err } = await asa("run", folder, "--input", "i=d.json");
    expect(code).toBe(0);
    expect(err).toContain("InputDeserializerError.InvalidData");
    expect(err.trim().split("\n")).toHaveLength(2);
    expect(readdirSync(at("LocalRunOutputs"))).toEqual(["20260105080000"]);
    expect(existsSync(at("LocalRunOutputs/20260105080000/counts.json"))).toBe(true);
  });

  it("applies the policies to given arrival times", async () => {
    write({
      "asaproj.json": { startFile: "q.asaql" },
      "JobConfig.json": { EventsLateArrivalMaxDelayInSeconds: 5, EventsOutOfOrderPolicy: "Drop" },
      "q.asaql": counts,
      "d.json":
        '{"t":"2026-01-05T08:00:01Z","k":"a","r":"2026-01-05T08:00:02Z"}\n{"t":"2026-01-05T08:00:03Z","k":"a","r":"2026-01-05T08:00:09Z"}',
    });
    const { out, err } = await asa("run", folder, "--input", "i=d.json", "--print", "--replay", "r");
    expect(out).toBe('{"k":"a","n":1}\n');
    expect(err).toContain("LateInputEvent, event dropped");
  });

  it("stops at a function that fails, with its file and line", async () => {
    write({
      "asaproj.json": { startFile: "q.asaql" },
      "Functions/f.js": "function main(x) {\n  return x.y.z;\n}",
      "q.asaql": "SELECT udf.f(a) AS v FROM i",
      "d.json": '{"a":{}}',
    });
    const { code, err } = await asa("run", folder, "--input", "i=d.json", "--print");
    expect(code).toBeGreaterThan(0);
    expect(err).toContain("Function 'f' resulted in an error: 'TypeError");
  });

  it("says which input has no data", async () => {
    write({
      "asaproj.json": { startFile: "q.asaql", configurations: [{ filePath: "i.json", subType: "Input" }] },
      "i.json": { Name: "i", Type: "Data Stream", DataSourceType: "Event Hub" },
      "q.asaql": "SELECT * FROM i",
    });
    const { code, err } = await asa("run", folder);
    expect(code).toBe(2);
    expect(err).toContain("ASA_INPUT_WITHOUT_DATA");
    expect(err).toContain("--input i=FILE");
  });
});

describe("asa test", () => {
  const config = (over: object = {}) => ({
    Script: "../q.asaql",
    TestCases: [
      {
        Name: "counts",
        Inputs: [
          {
            InputAlias: "I",
            Type: "Data Stream",
            Format: "JSON",
            FilePath: "d.json",
            ScriptType: "InputMock",
          },
        ],
        ExpectedOutputs: [{ OutputAlias: "Counts", FilePath: "e.json" }],
        ...over,
      },
    ],
  });
  const expected = '[{"n":1.0,"k":"b"},{"k":"a","n":2}]';

  it.each<[string, object, string, number, string]>([
    ["passes in any order", {}, expected, 0, "1 passed, 0 failed"],
    ["shows a wrong value", {}, '[{"n":1,"k":"b"},{"k":"a","n":3}]', 1, "n: expected 3, got 2"],
    ["shows a missing row", {}, '[{"n":1,"k":"b"},{"k":"a","n":2},{"k":"a","n":2}]', 1, '- {"k":"a","n":2}'],
    ["shows a surplus row", {}, '[{"n":1,"k":"b"}]', 1, "(not expected)"],
    [
      "fails for an output that nobody expects",
      { ExpectedOutputs: [] },
      expected,
      1,
      'output "counts" is not expected',
    ],
    [
      "ignores an output that is not required",
      { ExpectedOutputs: [{ OutputAlias: "counts", FilePath: "e.json", Required: "false" }] },
      "[]",
      0,
      "1 passed",
    ],
    [
      "leaves ignored fields out",
      { ExpectedOutputs: [{ OutputAlias: "counts", FilePath: "e.json", IgnoreFields: ["N"] }] },
      '[{"k":"b"},{"k":"a","n":7}]',
      0,
      "1 passed",
    ],
    [
      "fails for an expected output without rows",
      {
        ExpectedOutputs: [
          { OutputAlias: "counts", FilePath: "e.json" },
          { OutputAlias: "none", FilePath: "e.json" },
        ],
      },
      expected,
      1,
      'output "none" has no rows',
    ],
    [
      "names a missing data file",
      { ExpectedOutputs: [{ OutputAlias: "counts", FilePath: "gone.json" }] },
      expected,
      1,
      "gone.json",
    ],
    ["refuses a mode that does not exist", { Mode: "cloud" }, expected, 2, 'mode "cloud"'],
    ["needs an arrival field in replay mode", { Mode: "replay" }, expected, 1, 'has no "ArrivalField"'],
  ])("%s", async (_title, over, rows, code, text) => {
    write({
      "q.asaql": counts,
      "test/d.json": events,
      "test/e.json": rows,
      "test/testConfig.json": config(over),
    });
    const result = await asa("test", folder);
    expect(result.out + result.err).toContain(text);
    expect(result.code).toBe(code);
  });

  it("writes the official summary, JUnit and the rows", async () => {
    write({
      "q.asaql": counts,
      "test/d.json": events,
      "test/e.json": "[]",
      "test/testConfig.json": config(),
    });
    const { code, out } = await asa("test", at("test/testConfig.json"), "--format", "junit", "--output", "o");
    expect(code).toBe(1);
    expect(out).toContain('<testsuites tests="1" failures="1" errors="0"');
    expect(out).toContain('<testcase classname="test/testConfig.json" name="counts"');
    expect(JSON.parse(readFileSync(at("o/testResultSummary.json"), "utf8"))).toMatchObject({
      Total: 1,
      Passed: 0,
      Failed: 1,
      Results: [
        {
          Name: "counts",
          Status: 1,
          OutputNotEqual: [{ OutputAlias: "Counts", Output: at("o/counts/counts.json") }],
          OutputMatched: [],
        },
      ],
    });
    expect(readFileSync(at("o/counts/counts.json"), "utf8").trim().split("\n")).toHaveLength(2);
  });

  it("lists failed cases as ASA_TEST_FAILED in SARIF", async () => {
    write({
      "q.asaql": counts,
      "test/d.json": events,
      "test/e.json": "[]",
      "test/testConfig.json": config(),
    });
    const { code, out } = await asa("test", at("test/testConfig.json"), "--format", "sarif");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ runs: [{ results: [{ ruleId: "ASA_TEST_FAILED" }] }] });
  });

  it("explains a test configuration without cases", async () => {
    write({ "q.asaql": counts, "test/testConfig.json": { Script: "../q.asaql" } });
    const { code, err } = await asa("test", at("test/testConfig.json"));
    expect(code).toBe(2);
    expect(err).toContain("ASA_TEST_CONFIG_INVALID");
  });

  it("fails with the compiler's findings when the query is wrong", async () => {
    write({
      "q.asaql": "SELECT COUNT(*) INTO counts FROM i GROUP BY k",
      "test/d.json": events,
      "test/e.json": expected,
      "test/testConfig.json": config(),
    });
    const { code, out } = await asa("test", folder);
    expect(code).toBe(1);
    expect(out).toContain("q.asaql:1:");
    expect(out).toContain("0 passed, 1 failed");
  });

  it("checks the named diagnostics of a replay case", async () => {
    const replay = (diagnostics: object[]) =>
      config({
        Mode: "replay",
        Inputs: [{ InputAlias: "i", Format: "Json", FilePath: "d.json", ArrivalField: "r" }],
        ExpectedDiagnostics: diagnostics,
      });
    const late =
      '{"t":"2026-01-05T08:00:01Z","k":"a","r":"2026-01-05T08:00:02Z"}\n{"t":"2026-01-05T08:00:03Z","k":"late","r":"2026-01-05T08:00:09Z"}';
    const project = {
      "asaproj.json": { startFile: "q.asaql" },
      "JobConfig.json": { EventsLateArrivalMaxDelayInSeconds: 5, EventsOutOfOrderPolicy: "Drop" },
    };
    write({
      ...project,
      "q.asaql": counts,
      "test/d.json": late,
      "test/e.json": '[{"k":"a","n":1}]',
      "test/testConfig.json": replay([{ Kind: "LateInputEvent", Event: { k: "late" } }]),
    });
    expect(await asa("test", folder)).toMatchObject({ code: 0 });
    write({ "test/testConfig.json": replay([]) });
    expect(await asa("test", folder)).toMatchObject({
      code: 1,
      out: expect.stringContaining("unexpected diagnostic LateInputEvent"),
    });
    write({ "test/testConfig.json": replay([{ Kind: "LateInputEvent", Event: { k: "other" } }]) });
    expect(await asa("test", folder)).toMatchObject({
      code: 1,
      out: expect.stringContaining("did not occur"),
    });
  });
});

describe("asa new", () => {
  it("makes a project whose query and test pass, and never overwrites", async () => {
    expect((await asa("new", "my job")).code).toBe(0);
    expect((await asa("check", at("my job"), "--warnings-as-errors")).out).toContain("0 errors, 0 warnings");
    expect((await asa("test", at("my job"))).out).toContain("1 passed, 0 failed");
    expect((await asa("run", at("my job"), "--print")).out.trim().split("\n")).toHaveLength(3);
    expect(await asa("new", "my job")).toMatchObject({
      code: 2,
      err: expect.stringContaining("ASA_FILE_EXISTS"),
    });
  });
});

describe("asa explain and bench", () => {
  it("prints the plan and the findings", async () => {
    write({ "q.asaql": counts });
    expect((await asa("explain", at("q.asaql"))).out).toContain("tumbling 1m");
    expect((await asa("explain", at("q.asaql"), "--stage", "tokens")).out).toContain("SELECT");
    write({ "q.asaql": "SELECT" });
    expect(await asa("explain", at("q.asaql"))).toMatchObject({
      code: 1,
      err: expect.stringContaining("ASA_SYNTAX"),
    });
  });

  it("measures a run", async () => {
    write({ "q.asaql": counts, "d.json": events });
    const { out } = await asa(
      "bench",
      at("q.asaql"),
      "--input",
      "i=d.json",
      "--events",
      "100",
      "--format",
      "json",
    );
    expect(JSON.parse(out)).toMatchObject({ events: 100, rows: 2 });
  });
});

describe("asa with mistakes of its user", () => {
  beforeEach(() => {
    write({
      "q.asaql": "SELECT a INTO o FROM i",
      "q16.asaql": Buffer.from("SELECT a INTO o FROM i", "utf16le"),
      "marked.asaql": Buffer.from("\uFEFFSELECT a\r\nINTO o FROM i\r\n", "utf16le"),
      "d.json": '{"a":1}\n',
      "folder.json/x": "",
    });
  });

  it.each<[string, readonly string[], string]>([
    [
      "an input that the query does not read",
      ["q.asaql", "--input", "i=d.json", "--input", "j=d.json"],
      'names "j"',
    ],
    ["a part of a thread", ["q.asaql", "--input", "i=d.json", "--workers", "1.5"], "whole number"],
    [
      "partitions without a replay",
      ["q.asaql", "--input", "i=d.json", "--partitions", "2"],
      "belong to a replay",
    ],
    [
      "too many partitions",
      ["q.asaql", "--input", "i=d.json", "--replay", "t", "--partition-field", "p", "--partitions", "2000"],
      "from 1 to 1024",
    ],
    ["a folder as data", ["q.asaql", "--input", "i=folder.json"], "is a folder"],
    ["a query in UTF-16 without a mark", ["q16.asaql", "--input", "i=d.json"], "Save the file as UTF-8"],
  ])("says what is wrong with %s", async (_title, words, message) => {
    const { code, err, out } = await asa("run", ...words);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(message);
  });

  it("takes UTF-16 with a mark", async () => {
    const { code, out } = await asa("run", "marked.asaql", "--input", "i=d.json", "--print");
    expect([code, out]).toEqual([0, '{"a":1}\n']);
  });

  it("replaces a file of an earlier run when it is asked to", async () => {
    const words = ["run", "q.asaql", "--input", "i=d.json", "--output", "out"];
    expect((await asa(...words)).code).toBe(0);
    const again = await asa(...words);
    expect([again.code, again.out]).toEqual([2, ""]);
    expect(again.err).toContain("ASA_FILE_EXISTS");
    expect(again.err).toContain("--overwrite");
    expect((await asa(...words, "--overwrite")).code).toBe(0);
    expect(readdirSync(at("out"))).toEqual(["o.json"]);
  });

  it("names some of many dropped events, and counts the others", async () => {
    write({ "bad.json": `${'{"a"}\n'.repeat(150)}{"a":2}\n` });
    const { code, err, out } = await asa("run", "q.asaql", "--input", "i=bad.json", "--print");
    expect([code, out]).toEqual([0, '{"a":2}\n']);
    expect(err.match(/event dropped/g)).toHaveLength(20);
    expect(err).toContain("i: InputDeserializerError.InvalidData, events dropped: 130 more\n");
  });

  it("checks and runs a project whose live input has a custom deserializer", async () => {
    write({
      "job/asaproj.json": {
        startFile: "q.asaql",
        configurations: [
          { filePath: "Inputs/i.json", subType: "Input" },
          { filePath: "Inputs/local.json", subType: "InputMock" },
        ],
      },
      "job/q.asaql": "SELECT a INTO o FROM i",
      "job/Inputs/i.json": { Name: "i", DataSourceType: "Event Hub", Serialization: { Type: "CustomClr" } },
      "job/Inputs/local.json": {
        InputAlias: "i",
        Format: "CustomClr",
        FilePath: "d.bin",
        ScriptType: "InputMock",
      },
      "job/Inputs/d.bin": "x",
    });
    expect((await asa("check", "job")).code).toBe(0);
    const foreign = await asa("run", "job", "--print");
    expect(foreign.code).toBe(2);
    expect(foreign.err).toContain("custom deserializer");
    expect((await asa("run", "job", "--input", "i=d.json", "--print")).out).toBe('{"a":1}\n');
  });
});

describe("asa run on a terminal", () => {
  it("shows how far it is once it takes longer than a moment, and clears the line", async () => {
    write({ "q.asaql": "SELECT a INTO o FROM i", "d.json": '{"a":1}\n'.repeat(300_000) });
    const lines: string[] = [];
    let now = 0;
    const code = await runCli(["run", "q.asaql", "--input", "i=d.json", "--output", "out"], {
      cwd: folder,
      out: () => {},
      err: () => {},
      now: () => {
        now += 600;
        return now;
      },
      progress: (line) => lines.push(line),
    });
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/^reading: \d\.\d MB of 2\.4 MB \(\d+ %\), \d+ s$/);
    expect(lines.at(-1)).toBe("");
  });
});
