import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { OutputRow } from "../../../asa";
import { jsonLines } from "../../../asa/node/formats";
import type { InputDefinition } from "../../../asa/node/project";
import { openInput, runQueryInto } from "../../../asa/node/run";
import { at, rowText } from "../../support/asa";

const runs = Number(process.env["RUNS"] ?? 40);

const queries = [
  "SELECT k, v, System.Timestamp() AS ts INTO o FROM a TIMESTAMP BY t WHERE v > 2",
  "SELECT k, COUNT(*) AS n, SUM(v) AS s, System.Timestamp() AS ts INTO o FROM a TIMESTAMP BY t GROUP BY k, HoppingWindow(second, 9, 3)",
  "SELECT k, LAG(v) OVER (PARTITION BY k LIMIT DURATION(second, 6)) AS p, t INTO o FROM a TIMESTAMP BY t",
  "SELECT k, COUNT(*) AS n INTO o FROM a TIMESTAMP BY t GROUP BY k, SessionWindow(second, 3, 9)",
  "SELECT a.k AS k, a.v AS x, b.v AS y INTO o FROM a TIMESTAMP BY t JOIN b TIMESTAMP BY t ON a.k = b.k AND DATEDIFF(second, a, b) BETWEEN 0 AND 4",
  "SELECT a.k AS k, a.v AS x, b.v AS y INTO o FROM a TIMESTAMP BY t LEFT JOIN b TIMESTAMP BY u ON a.k = b.k AND DATEDIFF(second, a, b) BETWEEN -3 AND 3",
  "SELECT k, v INTO o FROM a TIMESTAMP BY t; SELECT k, v INTO o2 FROM b; SELECT COUNT(*) AS n INTO o3 FROM b TIMESTAMP BY t GROUP BY TumblingWindow(second, 5)",
  "WITH u AS (SELECT k, v FROM a TIMESTAMP BY t UNION SELECT k, v FROM b TIMESTAMP BY u) SELECT k, SUM(v) AS s INTO o FROM u GROUP BY k, TumblingWindow(second, 5)",
  "SELECT k, EventEnqueuedUtcTime AS e, PartitionId AS p INTO o FROM a TIMESTAMP BY t",
  // Times that are not measured: the rows come at the end, and are the same.
  "SELECT k, v INTO o FROM a TIMESTAMP BY DATEADD(second, 1, t)",
  "SELECT k, COUNT(*) AS n INTO o FROM a TIMESTAMP BY t OVER k GROUP BY k, TumblingWindow(second, 5)",
  "CREATE TABLE a (t datetime, k nvarchar(max), v bigint); SELECT k, v INTO o FROM a TIMESTAMP BY t",
];

const event = fc.record({
  second: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constant(20)),
  k: fc.constantFrom("x", "y", null),
  v: fc.integer({ min: 0, max: 9 }),
  broken: fc.integer({ min: 0, max: 30 }),
});

describe("a run that reads large files twice", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "file-run-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("gives the rows of one that holds all events until the end, in the same order", async () => {
    const list = fc.array(event, { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...queries), list, list, fc.boolean(), async (text, a, b, asLines) => {
        const files = new Map([
          ["a", a],
          ["b", b],
        ]);
        for (const [name, events] of files) {
          const texts = events.map(({ second, k, v, broken }) => {
            const t = (s: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, s)).toISOString();
            if (broken === 0) return "{broken}";
            return JSON.stringify({ t: broken === 1 ? "no time" : t(second), u: t(second + v), k, v });
          });
          writeFileSync(join(folder, `${name}.json`), texts.join(asLines ? "\n" : ",\n"));
        }
        const inputs = [...files.keys()].map((alias) =>
          openInput({
            alias,
            kind: "stream",
            role: "mock",
            serialization: jsonLines,
            data: { kind: "file", file: join(folder, `${alias}.json`) },
          } as InputDefinition),
        );
        const result = async (readTwiceFrom: number) => {
          const rows: OutputRow[] = [];
          const dropped: string[] = [];
          const findings = await runQueryInto(
            {
              text,
              file: "q",
              inputs,
              functions: [],
              foreignFunctions: [],
              start: at("12:00:07"),
              readTwiceFrom,
            },
            {
              onRows: (some) => rows.push(...some),
              onDiagnostic: ({ kind, input }) => dropped.push(`${input} ${kind}`),
            },
          );
          expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
          // The order of rows is one of each output.
          const byOutput = [...new Set(rows.map(({ output }) => output))].sort().map((name) => {
            const own = rows.filter(({ output }) => output === name);
            return [name, own.map((row) => `${row.time} ${rowText(row)}`)];
          });
          return { rows: byOutput, dropped: dropped.sort() };
        };
        expect(await result(0)).toEqual(await result(Number.POSITIVE_INFINITY));
      }),
      { numRuns: runs * 5 },
    );
  });
});
