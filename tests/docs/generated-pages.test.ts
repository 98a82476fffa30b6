import { readFileSync } from "node:fs";
import { join } from "node:path";
import { coveredServices, differencesPage } from "../../scripts/docs-differences";
import { generatedPages } from "../../scripts/docs-pages";

const root = join(__dirname, "../..");

describe("generated pages", () => {
  it.each(generatedPages)("$path is what the code says (npm run docs writes it)", ({ path, text }) => {
    expect(readFileSync(join(root, path), "utf8")).toBe(text());
  });
});

describe("docs/differences-from-azure.md", () => {
  it.each(coveredServices)("names each feature of $title once and explains what differs", ({ entries }) => {
    const names = entries.map(({ area, feature }) => `${area}: ${feature}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { status, note } of entries) {
      if (status === "differs") expect(note).toMatch(/^\S.*\.$/);
    }
  });

  it("shows every feature of every table", () => {
    const page = differencesPage();
    const words = (text: string) => text.replaceAll(/[\\`]/g, "");
    for (const { entries } of coveredServices) {
      for (const { feature } of entries) expect(words(page)).toContain(words(feature));
    }
  });

  it("changes with the table", () => {
    const entries = [{ area: "Area", feature: "a|b", status: "not supported", note: "Use c_d." }] as const;
    const page = differencesPage([{ title: "New", source: "local/new/coverage.ts", entries }]);
    expect(page).toContain("| Area | a\\|b | Use c\\_d. |");
    expect(page).toContain("| [New](#new) | 0 | 0 | 1 |");
  });
});
