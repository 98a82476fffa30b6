import {
  type AsaRecord,
  compile,
  createJob,
  type LogicalPlan,
  readJson,
  type TimePolicies,
} from "../../../asa";
import { at, rowText, unlimited } from "../../support/asa";
import { Random } from "../../support/asaql-generator";
import { QueryMaker, randomEvents, randomReference } from "../../support/random-jobs";

const runs = Number(process.env["RUNS"] ?? 150);
const firstSeed = Number(process.env["SEED"] ?? 1);
const encoder = new TextEncoder();
const declared = {
  inputs: [
    { alias: "input", kind: "stream" as const },
    { alias: "ref", kind: "reference" as const },
  ],
};

interface Way {
  /** In a replay rows leave as events come, so that a job restored in the middle has state of every kind. */
  readonly mode: "file" | "replay";
  readonly policies: TimePolicies;
  readonly evaluator: "generated" | "interpreter";
  readonly chunk: number;
  readonly restored: boolean;
}

function outcome(plan: LogicalPlan, events: readonly string[], way: Way): readonly string[] | string {
  const rows: string[] = [];
  const open = () => {
    const job = createJob(plan, {
      mode: way.mode,
      policies: way.policies,
      evaluator: way.evaluator,
      onRows: (batch) => rows.push(...batch.map((row) => `${row.output} ${row.time} ${rowText(row)}`)),
    });
    if (plan.relations.some(({ kind }) => kind === "reference-input"))
      job.setReference(
        "ref",
        randomReference.map((line) => readJson(line) as AsaRecord),
      );
    return job;
  };
  try {
    let job = open();
    let restored = !way.restored;
    for (let i = 0; i < events.length; i += way.chunk) {
      if (!restored && i * 2 >= events.length) {
        const state = job.snapshot();
        job = open();
        job.restore(state);
        restored = true;
      }
      const piece = events.slice(i, i + way.chunk);
      job.push(
        "input",
        0,
        piece.map((body) => ({ body: encoder.encode(body), arrival: at("12:00:40") })),
      );
    }
    job.finish();
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === undefined) throw error;
    return "stops";
  }
  return rows;
}

/**
 * Float sums agree to 12 digits. Of equal numbers in a key, 2 and 2.0 or 0 and -0.0, either may be written, so where there
 * are keys they are compared by value.
 */
function comparable(row: string, byValue: boolean): string {
  return row.replace(/-?\d+\.\d+(?:E[+-]\d+)?|-0(?=[,}\]])/g, (number) => {
    const rounded = Number(Number(number).toPrecision(12));
    return byValue ? String(rounded + 0) : `${Object.is(rounded, -0) ? "-" : ""}${rounded}.`;
  });
}

const second = 10_000_000n;
const ways: readonly Omit<Way, "mode" | "policies">[] = [
  { evaluator: "generated", chunk: 1000, restored: false },
  { evaluator: "generated", chunk: 1, restored: false },
  { evaluator: "generated", chunk: 3, restored: true },
  { evaluator: "interpreter", chunk: 2, restored: true },
];

describe("random queries", () => {
  it("give the same rows by generated code, by columns and by the interpreter, whole, in pieces and restored", () => {
    for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
      const random = new Random(seed);
      const query = new QueryMaker(random).query();
      const { plan } = compile(query, { purpose: "local", ...declared });
      // A step in between may have changed a column's type so that the query does not compile any more.
      if (plan === null) continue;
      const grouped = plan.relations.some(({ kind }) => kind === "aggregate");
      const events = randomEvents(random, random.once(3));
      const outOfOrderToleranceTicks = random.pick([0n, 3n * second, 9n * second]);
      const setting = random.once(2)
        ? { mode: "file" as const, policies: unlimited }
        : { mode: "replay" as const, policies: { ...unlimited, outOfOrderToleranceTicks } };
      const whole = { ...setting, evaluator: "interpreter" as const, chunk: 1000, restored: false };
      const exact = outcome(plan, events, whole);
      for (const piece of ways) {
        const way = { ...setting, ...piece };
        const other = outcome(plan, events, way);
        const text = (result: readonly string[] | string) =>
          typeof result === "string" ? result : result.map((row) => comparable(row, grouped));
        const about = { seed, query, events, evaluator: way.evaluator, chunk: way.chunk, mode: way.mode };
        expect({ ...about, result: text(other) }).toEqual({ ...about, result: text(exact) });
      }
    }
  });

  it("mostly compile, give rows and do not stop", () => {
    let compiled = 0;
    let full = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const random = new Random(seed);
      const { plan } = compile(new QueryMaker(random).query(), { purpose: "local", ...declared });
      if (plan === null) continue;
      compiled++;
      const rows = outcome(plan, randomEvents(random), {
        mode: "file",
        policies: unlimited,
        evaluator: "interpreter",
        chunk: 1000,
        restored: false,
      });
      if (typeof rows !== "string" && rows.length > 0) full++;
    }
    expect(compiled).toBeGreaterThan(50);
    expect(full).toBeGreaterThan(25);
  });
});
