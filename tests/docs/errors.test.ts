import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errorTables } from "../../scripts/docs-errors";

const tests = join(__dirname, "..");
const texts = readdirSync(tests, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.(ts|asaql|yaml|json|py)$/.test(file) && !file.startsWith("docs"))
  .map((file) => readFileSync(join(tests, file), "utf8"));

describe("docs/errors.md", () => {
  it.each(errorTables)("says in one sentence what each code of $source means: $title", ({ codes }) => {
    for (const meaning of Object.values(codes)) expect(meaning).toMatch(/^([A-Z]|\w+\.json ).*\.$/);
  });

  const asaTables = errorTables.filter(({ source }) => source.startsWith("asa/"));
  it.each(asaTables.flatMap(({ codes }) => Object.keys(codes)))("has a test that raises %s", (code) => {
    const word = new RegExp(`\\b${code}\\b`);
    expect(texts.some((text) => word.test(text))).toBe(true);
  });
});
