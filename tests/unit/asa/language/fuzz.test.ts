import { compile, explain } from "../../../../asa";
import { asaErrors } from "../../../../asa/errors";
import { QueryGenerator, Random } from "../../../support/asaql-generator";

const runs = Number(process.env["FUZZ_RUNS"] ?? 800);
const firstSeed = Number(process.env["SEED"] ?? 1);

/** Compiles and returns what is wrong with the outcome, or undefined. */
function complaint(text: string): string | undefined {
  const started = process.hrtime.bigint();
  const { diagnostics, plan } = compile(text);
  const millis = Number(process.hrtime.bigint() - started) / 1e6;
  if (millis > 2000) return `took ${millis} ms`;
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  if ((plan === null) !== errors.length > 0) return "has neither a plan nor an error";
  for (const { code, range, message } of diagnostics) {
    if (!Object.hasOwn(asaErrors, code)) return `has the unknown code ${code}`;
    if (message === "" || range.line < 1 || range.column < 1 || range.start > text.length)
      return `places ${code} nowhere`;
  }
  if (plan !== null && plan.outputs.length > 0 && explain(text, "logical") === "")
    return "has a plan that explain does not print";
  return undefined;
}

function failures(write: (generator: QueryGenerator) => string): {
  readonly bad: readonly string[];
  readonly planned: number;
} {
  const bad: string[] = [];
  let planned = 0;
  for (let seed = firstSeed; seed < firstSeed + runs && bad.length < 5; seed++) {
    const text = write(new QueryGenerator(new Random(seed)));
    let found: string | undefined;
    try {
      found = complaint(text);
      if (found === undefined && compile(text).plan !== null) planned++;
    } catch (error) {
      found = `throws ${(error as Error).stack}`;
    }
    if (found !== undefined) bad.push(`SEED=${seed} ${found}\n${text}`);
  }
  return { bad, planned };
}

describe("compile", () => {
  it("gives a plan or errors with code and place for random queries", () => {
    const { bad, planned } = failures((generator) => generator.script());
    expect(bad).toEqual([]);
    expect(planned).toBeGreaterThan(0);
  });

  it("gives a plan or errors with code and place for mutated queries", () => {
    expect(failures((generator) => generator.mutated()).bad).toEqual([]);
  });

  it.each([
    ["brackets", `SELECT ${"(".repeat(100_000)}`],
    ["NOT", `SELECT a FROM t WHERE ${"NOT ".repeat(100_000)} a = 1`],
    ["minus signs", `SELECT ${"- ".repeat(100_000)} 1 FROM t`],
    ["members", `SELECT a${".b".repeat(100_000)} FROM t`],
    ["additions", `SELECT 1${" + 1".repeat(50_000)} FROM t`],
    ["CASE", `SELECT ${"CASE WHEN ".repeat(50_000)} FROM t`],
    ["subqueries", `SELECT * FROM ${"(SELECT * FROM ".repeat(20_000)} t`],
    [
      "patterns",
      `SELECT * FROM t MATCH_RECOGNIZE (LIMIT DURATION(minute, 1) MEASURES Last(A.x) AS x AFTER MATCH SKIP TO NEXT ROW PATTERN ${"(".repeat(50_000)}`,
    ],
    ["comments", "/*".repeat(100_000)],
  ])("refuses a tower of %s without overflowing the stack", (_, text) => {
    const { diagnostics, plan } = compile(text);
    expect(plan).toBeNull();
    expect(diagnostics[0]?.severity).toBe("error");
  });

  it("takes long lists, chains of AND and many steps", () => {
    const list = Array.from({ length: 5000 }, (_, index) => index).join(", ");
    const and = Array.from({ length: 5000 }, (_, index) => `a <> ${index}`).join(" AND ");
    const steps = Array.from(
      { length: 500 },
      (_, index) => `s${index + 1} AS (SELECT a FROM s${index})`,
    ).join(", ");
    const text = `WITH s0 AS (SELECT a FROM t WHERE a IN (${list}) AND ${and}), ${steps} SELECT a FROM s500`;
    expect(compile(text).plan?.relations.length).toBe(504);
  });
});
