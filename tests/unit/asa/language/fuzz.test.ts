import { compile } from "../../../../asa";
import { fuzzCompiler } from "../../../support/asaql-fuzz";

const runs = Number(process.env["FUZZ_RUNS"] ?? 300);
const firstSeed = Number(process.env["SEED"] ?? 1);

describe("compile", () => {
  it("gives a plan or errors with code and place for random queries", () => {
    const { bad, planned } = fuzzCompiler("random", firstSeed, runs);
    expect(bad).toEqual([]);
    expect(planned).toBeGreaterThan(0);
  });

  it("gives a plan or errors with code and place for mutated queries", () => {
    expect(fuzzCompiler("mutated", firstSeed, runs).bad).toEqual([]);
  });

  it("gives a plan or errors with code and place for mutated forms of published queries", () => {
    const { bad, planned } = fuzzCompiler("published", firstSeed, runs);
    expect(bad).toEqual([]);
    expect(planned).toBeGreaterThan(runs / 40);
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
