import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { joinScripts, runSteps, type Step, sqlcmd, sqlScripts } from "../../../infra/bootstrap";

// Stands for sqlcmd: keeps its arguments and texts, and answers questions for the mark from the marks it was given.
const program = `#!/usr/bin/env node
const fs = require("node:fs");
const path = require("node:path");
const args = process.argv.slice(2);
const text = fs.readFileSync(args[args.indexOf("-i") + 1], "utf8");
const log = path.join(__dirname, "log.json");
const calls = fs.existsSync(log) ? JSON.parse(fs.readFileSync(log, "utf8")) : [];
fs.writeFileSync(log, JSON.stringify([...calls, { args, text }]));
if (text.includes("FAIL")) { process.stderr.write("Msg 102, Level 15: Incorrect syntax"); process.exit(1); }
const marks = path.join(__dirname, "marks.json");
const known = fs.existsSync(marks) ? JSON.parse(fs.readFileSync(marks, "utf8")) : {};
for (const [, view, hash] of text.matchAll(/CREATE VIEW dbo\\.(\\w+) AS SELECT '(\\w+)'/g)) known[view] = hash;
fs.writeFileSync(marks, JSON.stringify(known));
const asked = /OBJECT_ID\\(N'(?:\\[\\w+\\]\\.)?dbo\\.(\\w+)', N'V'\\) IS NULL SELECT/.exec(text);
if (asked) console.log(known[asked[1]] ?? "none");
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sql-step-"));
  writeFileSync(join(folder, "sqlcmd"), program);
  chmodSync(join(folder, "sqlcmd"), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Call {
  readonly args: string[];
  readonly text: string;
}
const calls = (): Call[] => {
  const log = join(folder, "log.json");
  return existsSync(log) ? (JSON.parse(readFileSync(log, "utf8")) as Call[]) : [];
};
const changes = () => calls().filter(({ text }) => text.includes("CREATE VIEW"));
const step = (text: string, madeDatabase?: string): Step =>
  sqlScripts({
    name: "sql-facts",
    scripts: [
      { name: "10-a.sql", text },
      { name: "20-b.sql", text: "CREATE USER [{{functions}}] FROM EXTERNAL PROVIDER;\nGO\n" },
    ],
    places: { functions: "id-lambda-dev" },
    target: async () => ({ server: "sql-x.database.windows.net", database: "facts" }),
    run: sqlcmd(join(folder, "sqlcmd")),
    ...(madeDatabase !== undefined && { madeDatabase }),
  });
const run = (which: Step) => runSteps([which], { only: [], dryRun: false, print: () => {} });

test("scripts run in one session, in order, with places filled and their hash kept", async () => {
  await run(step("SELECT 1;\n"));
  expect(changes()).toHaveLength(1);
  const [{ args, text }] = changes() as [Call];
  expect(text).toMatch(
    /^SELECT 1;\nGO\nCREATE USER \[id-lambda-dev\] FROM EXTERNAL PROVIDER;\nGO\nIF OBJECT_ID\(N'dbo\.bootstrap_sql_facts', N'V'\) IS NOT NULL DROP VIEW dbo\.bootstrap_sql_facts;\nGO\nCREATE VIEW dbo\.bootstrap_sql_facts AS SELECT '[0-9a-f]{16}' AS contentHash;\nGO\n$/,
  );
  expect(args.slice(0, 6)).toEqual([
    "-S",
    "sql-x.database.windows.net",
    "-d",
    "facts",
    "--authentication-method",
    "ActiveDirectoryAzCli",
  ]);
  expect(args).toEqual(expect.arrayContaining(["-b", "-x"]));
  expect(existsSync(args.at(-1)!)).toBe(false);
});

test("a second run changes nothing; another text runs again", async () => {
  await run(step("SELECT 1;\n"));
  await run(step("SELECT 1;\n"));
  expect(changes()).toHaveLength(1);
  await run(step("SELECT 2;\n"));
  expect(changes()).toHaveLength(2);
});

test("the mark of a database that the scripts make is asked by its full name", async () => {
  await run(step("CREATE DATABASE [lambda];\nGO\nUSE [lambda];\n", "lambda"));
  expect(calls()[0]?.text).toContain("OBJECT_ID(N'[lambda].dbo.bootstrap_sql_facts', N'V')");
  await run(step("CREATE DATABASE [lambda];\nGO\nUSE [lambda];\n", "lambda"));
  expect(changes()).toHaveLength(1);
});

test("a refused batch gives the server's message", async () => {
  await expect(run(step("FAIL\n"))).rejects.toMatchObject({
    code: "BOOTSTRAP_SQL",
    message: "sql-x.database.windows.net/facts refused a batch: Msg 102, Level 15: Incorrect syntax",
  });
});

test("without sqlcmd the error names the program to install", async () => {
  const run = sqlcmd(join(folder, "absent"));
  await expect(run({ server: "s", database: "d" }, "SELECT 1")).rejects.toMatchObject({
    code: "BOOTSTRAP_NO_SQLCMD",
    hint: expect.stringContaining("sqlcmd"),
  });
});

test.each([
  ["no value", {}],
  ["a value that ends a name", { functions: "x] WITH PASSWORD = 'a" }],
  ["a value that ends a string", { functions: "x'; DROP TABLE t;--" }],
])("a place with %s is refused", (_, places) => {
  expect(() => joinScripts([{ name: "u.sql", text: "CREATE USER [{{functions}}]" }], places)).toThrow(
    expect.objectContaining({ code: "BOOTSTRAP_SQL_PLACE" }),
  );
});
