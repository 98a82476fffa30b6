import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const root = resolve(__dirname, "../../..");
let folder: string;
let installed: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "asa-pack-test-"));
  const dist = join(folder, "dist");
  const config = join(folder, "tsconfig.json");
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, "tsconfig.build.json"),
      compilerOptions: {
        rootDir: root,
        outDir: dist,
        incremental: false,
        tsBuildInfoFile: null,
        typeRoots: [join(root, "node_modules/@types")],
      },
      include: [join(root, "asa"), join(root, "contracts")],
    }),
  );
  const compiler = join(root, "node_modules/.bin/tsc");
  const build = spawnSync(compiler, ["-p", config], { encoding: "utf8" });
  if (!existsSync(join(dist, "asa/node/cli.js"))) throw new Error(build.stdout);
  const script = `import(${JSON.stringify(join(root, "scripts/asa-pack.mjs"))}).then((m) => console.log(m.packAsa(${JSON.stringify(folder)}, ${JSON.stringify(dist)})))`;
  const tarball = execFileSync("node", ["-e", script], { encoding: "utf8" }).trim();
  installed = join(folder, "foreign");
  mkdirSync(installed);
  writeFileSync(join(installed, "package.json"), JSON.stringify({ name: "foreign", private: true }));
  execFileSync("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball], {
    cwd: installed,
    stdio: "pipe",
  });
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function asa(...args: string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const { status, stdout, stderr } = spawnSync(join(installed, "node_modules/.bin/asa"), args, {
    cwd: installed,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

function write(files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = join(installed, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  }
}

describe("the packed command", () => {
  it("depends on neither Azure nor cdktf", () => {
    const manifest = JSON.parse(readFileSync(join(installed, "node_modules/asa-local/package.json"), "utf8"));
    expect(Object.keys(manifest.dependencies).sort()).toEqual([
      "avsc",
      "csv-parse",
      "hyparquet",
      "hyparquet-writer",
      "quickjs-emscripten",
    ]);
    const lock = readFileSync(join(installed, "package-lock.json"), "utf8");
    expect(lock).not.toMatch(/"node_modules\/(@azure|cdktf|@cdktf)/);
  });

  it("makes a project that checks and passes its test", () => {
    expect(asa("new", "job").status).toBe(0);
    expect(asa("check", "job")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("1 query checked: 0 errors"),
    });
    expect(asa("test", "job")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("1 passed, 0 failed"),
    });
  });

  it("tests a foreign project with several inputs, outputs, a function and reference data, and shows a wrong row", () => {
    write({
      "theirs/asaproj.json": `\uFEFF${JSON.stringify({
        name: "theirs",
        startFile: "Transformation.asaql",
        configurations: [
          { filePath: "JobConfig.json", subType: "JobConfig" },
          { filePath: "Functions\\double.js.json", subType: "JSFunction" },
        ],
      })}`,
      "theirs/JobConfig.json": { CompatibilityLevel: "1.2", EventsOutOfOrderPolicy: "Adjust" },
      "theirs/Functions/double.js": "function main(x) { return x * 2; }",
      "theirs/Functions/double.js.json": {
        Name: "double",
        Type: "Scalar",
        ScriptType: "JSFunction",
        OutputType: "any",
      },
      "theirs/Transformation.asaql": `WITH readings AS (
        SELECT i.device, i.value, i.time, d.name FROM input1 i TIMESTAMP BY time
        JOIN devices d ON i.device = d.id
      )
      SELECT name, COUNT(*) AS n, udf.Double(SUM(value)) AS total, System.Timestamp() AS t INTO sums FROM readings GROUP BY name, TumblingWindow(minute, 1)
      SELECT device, value INTO alarms FROM input2 TIMESTAMP BY time WHERE value > 100`,
      "theirs/test/a.json":
        '[{"device":"1","value":1,"time":"2026-01-05T08:00:01Z"},{"device":"1","value":2,"time":"2026-01-05T08:00:02Z"}]',
      "theirs/test/b.csv": "device,value,time\n",
      "theirs/test/c.json":
        '{"device":"9","value":101,"time":"2026-01-05T08:00:01Z"}\n{"device":"9","value":99,"time":"2026-01-05T08:00:01Z"}',
      "theirs/test/devices.csv": "id;name\n1;press\n",
      "theirs/test/sums.json": '{"t":"ignored","name":"press","n":2,"total":6}',
      "theirs/test/alarms.json": '{"device":"9","value":101}',
      "theirs/test/testConfig.json": {
        Script: "C:\\Users\\them\\theirs\\Transformation.asaql",
        TestCases: [
          {
            Name: "all",
            Inputs: [
              {
                InputAlias: "input1",
                Type: "Data Stream",
                Format: "Json",
                FilePath: "a.json",
                ScriptType: "InputMock",
              },
              {
                InputAlias: "input2",
                Type: "data stream",
                Format: "json",
                FilePath: "c.json",
                ScriptType: "InputMock",
              },
              {
                InputAlias: "devices",
                Type: "Reference data",
                Format: "csv",
                Delimiter: ";",
                FilePath: "devices.csv",
                ScriptType: "InputMock",
              },
            ],
            ExpectedOutputs: [
              { OutputAlias: "sums", FilePath: "sums.json", IgnoreFields: ["T"], Required: true },
              { OutputAlias: "alarms", FilePath: "alarms.json", Required: true },
            ],
          },
        ],
      },
    });
    expect(asa("test", "theirs/test/testConfig.json")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("1 passed, 0 failed"),
    });
    write({ "theirs/test/alarms.json": '{"device":"9","value":102}' });
    const failing = asa("test", "theirs/test/testConfig.json");
    expect(failing.status).toBe(1);
    expect(failing.stdout).toContain("value: expected 102, got 101");
    expect(failing.stdout).toContain('- {"device":"9","value":102}');
  });

  it("is a library with types", () => {
    write({
      "use.ts": `import { compile, createJob, type OutputRow } from "asa-local";
import { loadProject } from "asa-local/node";
const { plan } = compile("SELECT 1 AS one FROM i");
const rows: OutputRow[] = [];
if (plan !== null) createJob(plan, { mode: "file", policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: null, policy: "adjust" }, onRows: (r) => rows.push(...r) });
export const name: string = loadProject(".").name;
`,
      "tsconfig.json": {
        compilerOptions: {
          target: "es2022",
          module: "nodenext",
          strict: true,
          noEmit: true,
          types: ["node"],
          typeRoots: [join(root, "node_modules/@types")],
          skipLibCheck: true,
        },
        files: ["use.ts"],
      },
    });
    const types = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", installed], { encoding: "utf8" });
    expect(types.stdout).toBe("");
    expect(types.status).toBe(0);
  });
});
