import fc from "fast-check";
import {
  createJob,
  formatDateTime,
  type InputEvent,
  type RuntimeDiagnostic,
  type TimePolicies,
} from "../../../asa";
import {
  createParallelJob as createFromSources,
  type ParallelJob,
  type ParallelJobOptions,
} from "../../../asa/node";
import { at, planOf, rowText } from "../../support/asa";
import { builtModule } from "../../support/build-dist";

// Worker threads run compiled modules.
const { createParallelJob, AsaToolError } = require(
  builtModule("asa/node/index.js"),
) as typeof import("../../../asa/node");

const compiled = require(builtModule("asa/index.js")) as typeof import("../../../asa");

jest.setTimeout(120_000);

const runs = Number(process.env["RUNS"] ?? 5);
const base = at("12:00:00");
const second = 10_000_000n;
const encoder = new TextEncoder();
const partitions = 4;

const from = "FROM input TIMESTAMP BY t";
const queries = {
  filter: `SELECT k, v, t, System.Timestamp() AS ts INTO output ${from} WHERE v > 3`,
  tumbling: `SELECT k, COUNT(*) AS n, SUM(v) AS s, System.Timestamp() AS ts INTO output ${from} GROUP BY k, TumblingWindow(second, 5)`,
  session: `SELECT k, COUNT(*) AS n, MIN(v) AS lo INTO output ${from} GROUP BY k, SessionWindow(second, 3, 9) OVER (PARTITION BY k)`,
  lag: `SELECT k, LAG(v) OVER (PARTITION BY k LIMIT DURATION(second, 6)) AS p, CAST(t AS datetime) AS d INTO output ${from}`,
  join: "SELECT a.k, a.v AS av, b.v AS bv INTO output FROM input a TIMESTAMP BY t JOIN other b TIMESTAMP BY t ON a.k = b.k AND DATEDIFF(second, a, b) BETWEEN 0 AND 4",
  twoOutputs: `WITH x AS (SELECT k, COUNT(*) AS n ${from} GROUP BY k, TumblingWindow(second, 4)) SELECT k, n, Collect(n) AS ns INTO first FROM x GROUP BY k, n, HoppingWindow(second, 8, 4) SELECT k, v INTO second ${from}`,
} as const;
const joined =
  "SELECT a.k, a.v AS av, r.name INTO output FROM input a TIMESTAMP BY t JOIN names r ON a.k = r.k";

const policies: TimePolicies = {
  lateToleranceTicks: 20n * second,
  outOfOrderToleranceTicks: 4n * second,
  policy: "adjust",
};

interface Step {
  readonly input: "input" | "other";
  readonly partition: number;
  readonly events: readonly InputEvent[];
}

const step: fc.Arbitrary<Step> = fc
  .tuple(
    fc.constantFrom("input" as const, "other" as const),
    fc.nat(partitions - 1),
    fc.array(
      fc
        .tuple(fc.nat(40), fc.nat(2), fc.nat(9), fc.nat(30), fc.boolean())
        .map(([s, key, v, delay, broken]) => ({
          time: base + BigInt(s) * second,
          key,
          v,
          delay: BigInt(delay) * second,
          broken: broken && v === 9,
        })),
      { maxLength: 8 },
    ),
  )
  .map(([input, partition, readings]) => ({
    input,
    partition,
    // A key's partition is part of its name, as a partition key's hash would make it.
    events: readings.map(({ time, key, v, delay, broken }, n) => ({
      body: encoder.encode(
        broken ? "{broken" : `{"t":"${formatDateTime(time)}","k":"${partition}-${key}","v":${v}}`,
      ),
      arrival: time + delay,
      metadata: { partition, sequence: BigInt(n) },
    })),
  }));
const steps = fc.array(step, { minLength: 1, maxLength: 25 });

const streams = (text: string): readonly ("input" | "other")[] =>
  text.includes("other") ? ["input", "other"] : ["input"];

interface Outcome {
  readonly rows: string[];
  readonly diagnostics: string[];
}

const told = ({ kind, action, input, message, metadata }: RuntimeDiagnostic): string =>
  `${input}/${metadata?.partition}/${metadata?.sequence} ${kind} ${action} ${message}`;

async function open(text: string, options: Partial<ParallelJobOptions>) {
  const outcome: Outcome = { rows: [], diagnostics: [] };
  const counts = Object.fromEntries(streams(text).map((input) => [input, partitions]));
  const job = await createParallelJob({
    query: text,
    compile: { purpose: "local" },
    mode: "replay",
    policies,
    partitions: counts,
    partitionKeys: { input: "k", other: "k" },
    workers: 0,
    onRows: (rows) =>
      outcome.rows.push(
        ...rows.map(
          (row) => `${row.time} ${row.output} ${compiled.writeJsonObject(row.columns, row.values)}`,
        ),
      ),
    onDiagnostic: (diagnostic) => outcome.diagnostics.push(told(diagnostic)),
    ...options,
  });
  return { job, outcome };
}

async function feed(job: ParallelJob, text: string, list: readonly Step[]): Promise<void> {
  await Promise.all(
    list
      .filter(({ input }) => streams(text).includes(input))
      .map(({ input, partition, events }) => job.push(input, partition, events)),
  );
}

async function outcomeOf(text: string, list: readonly Step[], workers: number): Promise<Outcome> {
  const { job, outcome } = await open(text, { workers });
  await feed(job, text, list);
  await job.finish();
  await job.close();
  return outcome;
}

function plainOutcome(text: string, list: readonly Step[]): Outcome {
  const outcome: Outcome = { rows: [], diagnostics: [] };
  const job = createJob(planOf(text), {
    mode: "replay",
    policies,
    partitions: Object.fromEntries(streams(text).map((input) => [input, partitions])),
    onRows: (rows) => outcome.rows.push(...rows.map((row) => `${row.time} ${row.output} ${rowText(row)}`)),
    onDiagnostic: (diagnostic) => outcome.diagnostics.push(told(diagnostic)),
  });
  for (const { input, partition, events } of list)
    if (streams(text).includes(input)) job.push(input, partition, events);
  job.finish();
  return outcome;
}

const anyQuery = fc.constantFrom(...Object.values(queries));

describe("a job whose partitions run on their own", () => {
  it("gives the rows and the diagnostics of the job as a whole", async () => {
    await fc.assert(
      fc.asyncProperty(anyQuery, steps, async (text, list) => {
        const own = await outcomeOf(text, list, 0);
        const whole = plainOutcome(text, list);
        expect([...own.rows].sort()).toEqual([...whole.rows].sort());
        expect(own.diagnostics).toEqual(whole.diagnostics);
        for (const output of ["output", "first", "second"]) {
          const times = own.rows.flatMap((row) => (row.split(" ")[1] === output ? [row.split(" ")[0]!] : []));
          // Ticks of these days have as many digits.
          expect(times).toEqual([...times].sort());
        }
      }),
      { numRuns: runs * 8 },
    );
  });

  it("gives the same rows in the same order on any number of worker threads", async () => {
    await fc.assert(
      fc.asyncProperty(anyQuery, steps, fc.integer({ min: 1, max: 3 }), async (text, list, workers) => {
        expect(await outcomeOf(text, list, workers)).toEqual(await outcomeOf(text, list, 0));
      }),
      { numRuns: runs },
    );
  });

  it("goes on from a snapshot on another number of worker threads", async () => {
    await fc.assert(
      fc.asyncProperty(anyQuery, steps, fc.nat(25), fc.nat(2), async (text, list, place, workers) => {
        const undisturbed = await outcomeOf(text, list, 0);
        const first = await open(text, { workers: workers === 0 ? 1 : 0 });
        const feeding = feed(first.job, text, list.slice(0, place));
        // Asked while calls are under way: it is the state after all of them.
        const snapshot = await first.job.snapshot();
        await feeding;
        await first.job.close();
        const second = await open(text, { workers });
        await second.job.restore(snapshot);
        await feed(second.job, text, list.slice(place));
        await second.job.finish();
        await second.job.close();
        expect([...first.outcome.rows, ...second.outcome.rows]).toEqual(undisturbed.rows);
      }),
      { numRuns: runs },
    );
  });

  it("gives rows as JSON lines, and joins reference data, in every thread", async () => {
    const texts: string[] = [];
    const { job } = await open(joined, {
      workers: 2,
      compile: {
        purpose: "local",
        inputs: [
          { alias: "input", kind: "stream" },
          { alias: "names", kind: "reference" },
        ],
      },
      onLines: ({ output, lines, rows }) => {
        const list = Buffer.from(lines).toString().trim().split("\n");
        expect([output, list.length]).toEqual(["output", rows]);
        texts.push(...list);
      },
    });
    await job.setReference("names", [new compiled.AsaRecord(["k", "name"], ["1-0", "größe"])]);
    const line = (partition: number) => `{"t":"2026-01-01T12:00:01Z","k":"${partition}-0","v":1}\n`;
    for (let partition = 0; partition < partitions; partition++)
      await job.pushLines(
        "input",
        partition,
        encoder.encode(line(partition) + line(partition)),
        base + second,
      );
    await job.finish();
    await job.close();
    expect(texts).toEqual(['{"k":"1-0","av":1,"name":"größe"}', '{"k":"1-0","av":1,"name":"größe"}']);
  });

  it("says that threads do not run from sources", async () => {
    await expect(
      createFromSources({
        query: queries.filter,
        mode: "replay",
        policies,
        workers: 1,
        onRows: () => {},
      }),
    ).rejects.toMatchObject({ code: "ASA_NOT_COMPILED" });
  });

  it("passes an error of the query on, and takes no more calls", async () => {
    const { job } = await open(`SELECT CAST(k AS bigint) AS n INTO output ${from}`, { workers: 2 });
    const bad = { body: encoder.encode('{"t":"2026-01-01T12:00:01Z","k":"x"}'), arrival: base };
    await job.push("input", 2, [bad]);
    await expect(job.finish()).rejects.toMatchObject({ code: "ASA_CONVERSION", location: { line: 1 } });
    await expect(job.push("input", 0, [])).rejects.toMatchObject({ code: "ASA_JOB_FAILED" });
    await job.close();
  });

  it.each([
    ["SELECT COUNT(*) AS n INTO output FROM input GROUP BY TumblingWindow(second, 5)", "GROUP BY has no key"],
    ["SELECT v, COUNT(*) AS n INTO output FROM input GROUP BY v, TumblingWindow(second, 5)", "GROUP BY"],
    ["SELECT LAG(v) OVER (LIMIT DURATION(second, 5)) AS p INTO output FROM input", "analytic function"],
    ["SELECT k INTO output FROM input GROUP BY k, SessionWindow(second, 5, 50)", "session window"],
    [
      "SELECT a.k INTO output FROM input a JOIN other b ON a.v = b.k AND DATEDIFF(second, a, b) BETWEEN 0 AND 1",
      "join",
    ],
    ["SELECT k INTO output FROM input TIMESTAMP BY t OVER k", "OVER"],
  ])("refuses %s", async (text, reason) => {
    const opened = open(text, {});
    await expect(opened).rejects.toThrow(AsaToolError);
    await expect(opened).rejects.toMatchObject({
      code: "ASA_PARTITIONS_MEET",
      message: expect.stringContaining(reason),
    });
  });

  it("follows the key through steps and names", async () => {
    const text = `WITH x AS (SELECT k AS device, v ${from}) SELECT device, COUNT(*) AS n INTO output FROM x GROUP BY device, TumblingWindow(second, 5)`;
    const { job } = await open(text, {});
    await job.close();
    await expect(
      open(
        `WITH x AS (SELECT v AS k, k AS w ${from}) SELECT k, COUNT(*) AS n INTO output FROM x GROUP BY k, TumblingWindow(second, 5)`,
        {},
      ),
    ).rejects.toMatchObject({ code: "ASA_PARTITIONS_MEET" });
  });

  it("refuses a snapshot of other lanes, and bytes that are none", async () => {
    const first = await open(queries.filter, { lanes: 2 });
    const snapshot = await first.job.snapshot();
    const second = await open(queries.filter, { lanes: 3 });
    for (const bytes of [snapshot, Uint8Array.of(1, 2, 3)])
      await expect(second.job.restore(bytes)).rejects.toMatchObject({ code: "ASA_STATE_MISMATCH" });
  });
});
