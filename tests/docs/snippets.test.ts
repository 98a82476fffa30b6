import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { runCli } from "../../asa/node";

const root = join(__dirname, "../..");
const pages = ["README.md", "asa/README.md", "docs/asa-test-your-project.md", "stream-jobs/README.md"];

/** Command lines of the asa command in code blocks, comments and placeholders resolved. */
function asaCommands(page: string): readonly string[] {
  const blocks = [...readFileSync(join(root, page), "utf8").matchAll(/^```\w*\n([\s\S]*?)^```/gm)];
  return blocks
    .flatMap(([, block = ""]) => block.split("\n"))
    .flatMap((line) => /^(?:npx asa|npm run asa --) (.*?)\s*(?:#.*)?$/.exec(line)?.[1] ?? [])
    .map((line) =>
      line.replace("path/to/your/asa/project", ".").replace("<job>/v<N+1>", "factory-aggregates/v2"),
    );
}

const commands = pages.flatMap((page) => asaCommands(page).map((line) => [page, line] as const));
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "asa-snippets-"));
  const quiet = { cwd: folder, out: () => {}, err: () => {}, now: Date.now };
  expect(await runCli(["new", ".", "--name", "job"], quiet)).toBe(0);
  mkdirSync(join(folder, "samples"));
  // The pages call their input telemetry.
  const query = join(folder, "job.asaql");
  writeFileSync(query, readFileSync(query, "utf8").replace("FROM readings", "FROM telemetry"));
  const data = join(folder, "Inputs/Local_readings.json");
  writeFileSync(data, readFileSync(data, "utf8").replace('"readings"', '"telemetry"'));
  const cases = join(folder, "test/testConfig.json");
  writeFileSync(cases, readFileSync(cases, "utf8").replace('"readings"', '"telemetry"'));
  writeFileSync(join(folder, "samples/day1.json.gz"), gzipSync('{"deviceId":"a"}\n'));
  for (const part of ["stream-jobs", "contracts/events"])
    cpSync(join(root, part), join(folder, part), {
      recursive: true,
      filter: (source) => !source.includes("LocalRunOutputs"),
    });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("commands of the pages", () => {
  it("are found", () => {
    expect(commands.length).toBeGreaterThan(7);
  });

  it.each(commands)("%s: asa %s works", async (_, line) => {
    let shown = "";
    const code = await runCli(line.split(/\s+/), {
      cwd: folder,
      out: (text) => {
        shown += text;
      },
      err: (text) => {
        shown += text;
      },
      now: () => Date.UTC(2026, 0, 5, 8),
    });
    expect([code, shown.split("\n").filter((text) => text.includes(": error "))]).toEqual([0, []]);
  });
});

describe("asa/README.md", () => {
  it("shows a script that runs", () => {
    const [, script = ""] =
      /^```ts\n([\s\S]*?)^```/m.exec(readFileSync(join(root, "asa/README.md"), "utf8")) ?? [];
    const file = join(folder, "snippet.ts");
    writeFileSync(file, script.replace('"../asa"', JSON.stringify(join(root, "asa"))));
    const out = execFileSync(process.execPath, [join(root, "node_modules/tsx/dist/cli.mjs"), file], {
      encoding: "utf8",
    });
    expect(out).toBe('{"deviceId":"a","n":1}\n');
  });
});
