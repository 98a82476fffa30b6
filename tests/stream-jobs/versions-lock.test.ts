import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./support";

const script = join(root, "scripts", "stream-jobs-lock.mjs");
let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), "asa-lock-"));
  mkdirSync(join(copy, "scripts"));
  cpSync(script, join(copy, "scripts", "stream-jobs-lock.mjs"));
  cpSync(join(root, "stream-jobs"), join(copy, "stream-jobs"), { recursive: true });
});
afterEach(() => rmSync(copy, { recursive: true, force: true }));

function run(...args: string[]): { readonly code: number; readonly text: string } {
  try {
    const text = execFileSync("node", [join(copy, "scripts", "stream-jobs-lock.mjs"), ...args], {
      encoding: "utf8",
      stdio: "pipe",
    });
    return { code: 0, text };
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: string };
    return { code: status, text: stderr };
  }
}

const job = "stream-jobs/factory-aggregates/v1";

describe("versions.lock.json", () => {
  it("holds every version as it was released", () => {
    expect(run("--check")).toEqual({ code: 0, text: "" });
  });

  it("ignores tests, the README, local runs and line ends", () => {
    appendFileSync(join(copy, job, "README.md"), "more");
    writeFileSync(join(copy, job, "test", "more.json"), "[]");
    mkdirSync(join(copy, job, "LocalRunOutputs"), { recursive: true });
    writeFileSync(join(copy, job, "LocalRunOutputs", "x.json"), "");
    const query = join(copy, job, "factory-aggregates.asaql");
    writeFileSync(query, readFileSync(query, "utf8").replaceAll("\n", "\r\n"));
    expect(run("--check").code).toBe(0);
  });

  it.each([
    [
      "a changed query",
      () => appendFileSync(join(copy, job, "factory-aggregates.asaql"), " "),
      "factory-aggregates.asaql: a released file was changed",
    ],
    [
      "a changed policy",
      () => appendFileSync(join(copy, job, "JobConfig.json"), " "),
      "JobConfig.json: a released file was changed",
    ],
    [
      "a removed file",
      () => rmSync(join(copy, job, "Outputs/realtimeviews.json")),
      "realtimeviews.json: a released file was removed",
    ],
    [
      "an added file",
      () => writeFileSync(join(copy, job, "Inputs/more.json"), "{}"),
      "Inputs/more.json: a file was added",
    ],
    [
      "a removed version",
      () => rmSync(join(copy, job), { recursive: true }),
      "v1: the released version was removed",
    ],
    [
      "an unreleased version",
      () => cpSync(join(copy, job), join(copy, "stream-jobs/factory-aggregates/v99"), { recursive: true }),
      "v99: the version is not released",
    ],
  ])("refuses %s", (_title, change, message) => {
    change();
    const { code, text } = run("--check");
    expect(code).toBe(1);
    expect(text).toContain(message);
  });

  it("releases a new version once and never an old one again", () => {
    cpSync(join(copy, job), join(copy, "stream-jobs/factory-aggregates/v99"), { recursive: true });
    expect(run("--release", "factory-aggregates/v99").code).toBe(0);
    expect(run("--check").code).toBe(0);
    expect(run("--release", "factory-aggregates/v1")).toMatchObject({
      code: 1,
      text: expect.stringContaining("released already"),
    });
    expect(run("--release", "nothing/v1").code).toBe(1);
    expect(run("--nonsense").code).toBe(2);
  });
});
