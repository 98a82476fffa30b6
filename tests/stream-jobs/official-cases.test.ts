import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTests } from "../../asa/node";
import { describeDifferences } from "../../asa/node/testing";
import { root } from "./support";

const jobs = join(root, "stream-jobs");
const versions = readdirSync(jobs, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap((job) => readdirSync(join(jobs, job.name)).map((version) => `${job.name}/${version}`));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "asa-cases-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("official test cases", () => {
  it("finds the jobs", () => {
    expect(versions).toContain("factory-aggregates/v1");
  });

  it.each(versions)("pass for %s", async (version) => {
    const config = join(jobs, version, "test", "testConfig.json");
    expect(existsSync(config)).toBe(true);
    const result = await runTests(config, { outputFolder: folder, now: () => 0 });
    expect(result.diagnostics).toEqual([]);
    const failures = result.cases
      .filter(({ passed }) => !passed)
      .map(({ name, outputs, problems, error }) => ({
        name,
        error: error?.message,
        problems,
        rows: outputs.flatMap(({ differences }) => describeDifferences(differences)),
      }));
    expect(failures).toEqual([]);
    expect(result.cases.length).toBeGreaterThan(0);
  });
});
