import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile, type DialectSwitch, dialectSwitches } from "../../asa";
import { languageFeatures, outsideTheLanguage } from "../../asa/coverage";
import { asaToolErrors } from "../../asa/node";
import { functionTests } from "../../scripts/docs-asa-coverage";

const tests = join(__dirname, "..");
const options = {
  purpose: "local" as const,
  inputs: [
    ...["t", "u", "v"].map((alias) => ({ alias, kind: "stream" as const })),
    { alias: "reference", kind: "reference" as const },
  ],
  functions: [
    { name: "f", kind: "scalar" as const },
    { name: "g", kind: "aggregate" as const },
  ],
};

const errors = (query: string, dialect: Record<string, string> = {}): readonly string[] =>
  compile(query, { ...options, dialect })
    .diagnostics.filter(({ severity }) => severity === "error")
    .map(({ code, message }) => `${code}: ${message}`);

describe("docs/asa-coverage.md", () => {
  it("names each construct once", () => {
    const names = languageFeatures.map(({ area, feature }) => `${area}: ${feature}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(languageFeatures.filter(({ state }) => state === "supported"))(
    "is right that $area: $feature is supported",
    ({ example }) => {
      expect(errors(example)).toEqual([]);
    },
  );

  it.each(languageFeatures.filter(({ state }) => state === "option"))(
    "is right that a switch decides about $area: $feature",
    ({ example, test: [, words] }) => {
      const name = words.replace(": {", "") as DialectSwitch;
      const refused = dialectSwitches[name].choices.filter(
        (choice) => errors(example, { [name]: choice }).length > 0,
      );
      expect(refused).toEqual(["error"]);
    },
  );

  it.each(languageFeatures)("names a test of $area: $feature that exists", ({ test: [file, words] }) => {
    const path = join(tests, file);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, "utf8").includes(words)).toBe(true);
  });

  it.each(functionTests())("has a test that calls $name", ({ test }) => {
    expect(test).toBeDefined();
  });

  it("names errors that exist for what is not here", () => {
    for (const { error } of outsideTheLanguage) expect(Object.keys(asaToolErrors)).toContain(error);
  });
});
