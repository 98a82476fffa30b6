import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtModule } from "../../../support/build-dist";

const query =
  "SELECT UDF_KEY AS device, COUNT(*) AS n, System.Timestamp() AS windowEnd INTO output FROM input TIMESTAMP BY t GROUP BY UDF_KEY, TumblingWindow(second, 10)";

describe("asa run --workers", () => {
  const folder = mkdtempSync(join(tmpdir(), "run-workers-"));
  const program = builtModule("asa/node/cli.js");
  const run = (text: string, ...options: string[]) => {
    const file = join(folder, "query.asaql");
    writeFileSync(file, text);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [program, "run", file, "--input", `input=${join(folder, "events.ndjson")}`, "--print", ...options],
      { encoding: "utf8", cwd: folder },
    );
    return { status, rows: stdout.split("\n").filter((line) => line !== ""), stderr };
  };

  beforeAll(() => {
    const lines = Array.from({ length: 500 }, (_, n) => {
      const k = n % 50 === 0 ? null : `k${n % 23}`;
      return JSON.stringify({ t: new Date(Date.UTC(2026, 0, 1) + n * 100).toISOString(), k, v: n });
    });
    writeFileSync(join(folder, "events.ndjson"), `${lines.join("\n")}\n{broken\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("gives the rows of a run without, in one order for any number of threads", () => {
    const text = query.replaceAll("UDF_KEY", "k");
    const plain = run(text);
    const [one, three] = [1, 3].map((workers) =>
      run(text, "--workers", String(workers), "--partition-key", "input=k"),
    );
    expect([plain.status, one!.status, three!.status]).toEqual([0, 0, 0]);
    expect(plain.rows.length).toBeGreaterThan(100);
    expect([...one!.rows].sort()).toEqual([...plain.rows].sort());
    expect(three!.rows).toEqual(one!.rows);
    expect(three!.stderr).toContain("InputDeserializerError.InvalidData");
    expect(three!.stderr).toBe(plain.stderr);
  });

  it("says why a query does not run in parallel", () => {
    const { status, stderr } = run(
      query.replaceAll("UDF_KEY", "v"),
      "--workers",
      "2",
      "--partition-key",
      "input=k",
    );
    expect(status).toBe(2);
    expect(stderr).toContain("ASA_PARTITIONS_MEET");
    expect(stderr).toContain("GROUP BY has no key that follows the partitions");
  });

  it("does not replay in parallel", () => {
    const { status, stderr } = run(query.replaceAll("UDF_KEY", "k"), "--workers", "2", "--replay", "t");
    expect([status, stderr]).toEqual([2, expect.stringContaining("do not go together")]);
  });
});
