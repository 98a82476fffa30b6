import { spawnSync } from "node:child_process";
import { createReadStream, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { builtModule } from "../../../support/build-dist";

const query = `
SELECT deviceId, v, LAG(v) OVER (PARTITION BY deviceId LIMIT DURATION(minute, 5)) AS before, text, t
INTO events FROM telemetry TIMESTAMP BY t`;

/** 60 MB: far more than the heap that the run gets. */
const events = 300_000;

describe("asa run over a file that does not fit into memory", () => {
  const folder = mkdtempSync(join(tmpdir(), "run-large-"));
  const program = builtModule("asa/node/cli.js");
  const file = join(folder, "telemetry.json");

  beforeAll(() => {
    const handle = openSync(file, "w");
    const start = Date.UTC(2026, 0, 5);
    for (let from = 0; from < events; from += 1000) {
      let text = "";
      for (let n = from; n < from + 1000; n++) {
        // Up to 5 s out of order.
        const t = new Date(start + n * 10 - ((n * 7919) % 5000)).toISOString();
        text += `{"t":"${t}","deviceId":"device-${n % 97}","v":${n},"text":"${"x".repeat(120)}${n}"}\n`;
      }
      writeSync(handle, text);
    }
    writeFileSync(join(folder, "query.asaql"), query);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("gives all rows in order, as JSON and CSV, with a small heap", async () => {
    for (const format of ["json", "csv"]) {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [
          "--max-old-space-size=48",
          program,
          "run",
          "query.asaql",
          "--input",
          `telemetry=${file}`,
          "--output",
          format,
          "--output-format",
          format,
        ],
        { encoding: "utf8", cwd: folder },
      );
      expect([status, stderr]).toEqual([0, ""]);
      expect(stdout).toBe(`events: ${events} rows in ${join(format, `events.${format}`)}\n`);
    }
    const lines = createInterface({ input: createReadStream(join(folder, "json", "events.json")) });
    let last = "";
    let count = 0;
    let inOrder = true;
    const before = new Map<string, number>();
    for await (const line of lines) {
      const row = JSON.parse(line) as { t: string; deviceId: string; v: number; before: number | null };
      inOrder &&= row.t >= last && row.before === (before.get(row.deviceId) ?? null);
      before.set(row.deviceId, row.v);
      last = row.t;
      count++;
    }
    expect([count, inOrder]).toEqual([events, true]);
  }, 60_000);
});
