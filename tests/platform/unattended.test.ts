import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareWindows, type ViewWindow } from "../../contracts";
import { recomputeInDuckDb } from "./duckdb-recompute";
import { expectClosed, PlatformRun, readLines, readReport } from "./run-platform";

jest.setTimeout(600_000);

interface ViewLine extends ViewWindow {
  readonly job: string;
  readonly version: string;
  readonly source: string;
  readonly asOf: string;
}

const faults = [
  "--late",
  "2%",
  "--duplicates",
  "1%",
  "--out-of-order",
  "3%",
  "--malformed",
  "1%",
  "--invalid",
  "1%",
];

describe("an unattended run", () => {
  const outDir = mkdtempSync(join(tmpdir(), "unattended-"));
  let code = -1;
  let log = "";

  beforeAll(async () => {
    const run = new PlatformRun([
      "--for",
      "20s",
      "--rate",
      "400",
      "--devices",
      "40",
      "--speed",
      "30x",
      ...faults,
      "--seed",
      "7",
      "--no-dashboard",
      "--out",
      outDir,
    ]);
    code = await run.exited;
    log = run.log;
  });

  afterAll(() => rmSync(outDir, { recursive: true, force: true }));

  it("closes its accounting and finds no window different", () => {
    expect({ code, log: code === 0 ? "" : log }).toEqual({ code: 0, log: "" });
    const report = readReport(outDir);
    expectClosed(report);
    const { sent, stored, quarantined, duplicates } = report.accounting;
    expect(sent).toBe(stored + quarantined + duplicates);
    expect(sent).toBe(20 * 400 + duplicates);
    expect(report.speed.late).toBeGreaterThan(0);
    expect(stored).toBe(report.speed.counted + report.speed.late);
  });

  it("serves windows that another engine computes from what was sent", async () => {
    const served = readLines<ViewLine>(join(outDir, "views.ndjson"));
    const throughMs = Math.max(...served.map(({ end }) => Date.parse(end)));
    const recomputed = await recomputeInDuckDb(join(outDir, "sent.ndjson"));
    const comparison = compareWindows(
      recomputed.filter(({ end }) => Date.parse(end) <= throughMs),
      served,
    );
    expect(comparison.compared).toBeGreaterThan(1000);
    expect(comparison.differences.slice(0, 5)).toEqual([]);
  });

  it("says of every window where it comes from", () => {
    for (const window of readLines<ViewLine>(join(outDir, "views.ndjson"))) {
      expect(window).toMatchObject({ job: "factory-aggregates", version: "v1", source: "batch" });
      expect(Date.parse(window.asOf)).toBeGreaterThan(Date.parse(window.end));
    }
  });

  it("names a reason for every quarantined body", () => {
    const quarantined = readLines<{ body: string; reason: string }>(join(outDir, "quarantine.ndjson"));
    const sent = readLines<{ fault: string | null; body: string }>(join(outDir, "sent.ndjson"));
    const refused = sent.filter(({ fault }) => fault === "malformed" || fault === "invalid");
    expect(quarantined.map(({ body }) => body).sort()).toEqual(refused.map(({ body }) => body).sort());
    for (const { reason } of quarantined) expect(reason).toMatch(/^[A-Z]+$/);
  });
});
