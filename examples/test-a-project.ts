// Runs the test cases of a project in the official layout and prints their results.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTests } from "../asa/node";

async function main(): Promise<void> {
  const outputFolder = mkdtempSync(join(tmpdir(), "asa-example-"));
  const config = join(__dirname, "../stream-jobs/factory-outliers/v1/test/testConfig.json");
  const { cases } = await runTests(config, { outputFolder, now: Date.now });
  const failed = cases.filter(({ passed }) => !passed);
  for (const { name, problems } of failed) console.log(name, problems);
  console.log(failed.length === 0 ? "every case passes" : `${failed.length} cases fail`);
  rmSync(outputFolder, { recursive: true });
}

void main();

// Prints:
// every case passes
