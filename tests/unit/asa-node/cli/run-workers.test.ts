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

  it("replays partitions on threads, each with its own clock", () => {
    const lines = Array.from({ length: 600 }, (_, n) => {
      const partition = (n * 7) % 4;
      const at = Date.UTC(2026, 0, 1) + n * 100;
      // Partition 1 lags behind, and every 13th event is older than the tolerance.
      const time = at - (partition === 1 ? 3000 : 0) - (n % 13 === 0 ? 20_000 : 0);
      const iso = (ms: number) => new Date(ms).toISOString();
      return JSON.stringify({
        t: iso(time),
        arrived: iso(at),
        p: partition,
        k: `k${partition}-${n % 3}`,
        v: n,
      });
    });
    writeFileSync(join(folder, "replay.ndjson"), `${lines.join("\n")}\n`);
    const text = query.replaceAll("UDF_KEY", "k");
    const given = ["--input", `input=${join(folder, "replay.ndjson")}`, "--replay", "arrived"];
    const parts = ["--partition-field", "p", "--partitions", "4", "--partition-key", "input=k"];
    const one = run(text, ...given, ...parts);
    const threads = [1, 3].map((workers) => run(text, ...given, ...parts, "--workers", String(workers)));
    expect([one.status, ...threads.map(({ status }) => status)]).toEqual([0, 0, 0]);
    expect(one.stderr).toContain("OutOfOrderEvent, event");
    for (const { rows, stderr } of threads) {
      expect([...rows].sort()).toEqual([...one.rows].sort());
      expect(stderr.split("\n").sort()).toEqual(one.stderr.split("\n").sort());
    }
    expect(threads[0]!.rows).toEqual(threads[1]!.rows);
  });

  it("does not spread one partition of a replay over threads, and says why", () => {
    const { status, stderr } = run(query.replaceAll("UDF_KEY", "k"), "--workers", "2", "--replay", "t");
    expect(status).toBe(2);
    expect(stderr).toContain("--workers needs the partitions of a replay");
    expect(stderr).toContain("would keep what the job drops");
  });
});
