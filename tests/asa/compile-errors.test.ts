import { join } from "node:path";
import { compile } from "../../asa";
import { compileErrors } from "../../asa/errors";
import { findingLine, readGoldens } from "../support/asaql-golden";

const goldens = readGoldens(join(__dirname, "errors"));

describe("compile errors of the language", () => {
  it.each(goldens.map((golden) => [golden.name, golden] as const))(
    "reports every mistake of %s",
    (_, golden) => {
      const { diagnostics, plan } = compile(golden.query, golden.options);
      const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
      expect(errors.map(findingLine)).toEqual(golden.expected);
      expect(golden.expected.length).toBeGreaterThan(0);
      expect(plan).toBeNull();
    },
  );

  it("has a rejected query for every code", () => {
    const raised = new Set(goldens.flatMap((golden) => golden.expected.map((line) => line.split(" ")[0])));
    expect(Object.keys(compileErrors).filter((code) => !raised.has(code))).toEqual([]);
  });
});
