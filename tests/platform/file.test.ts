import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareWindows, type ViewWindow } from "../../contracts";
import { type ForeignRow, foreignCsv, foreignMap, foreignRows } from "./foreign-measurements";
import { expectClosed, PlatformRun, readLines, readReport } from "./run-platform";

jest.setTimeout(900_000);

/** Expects the merged views of two runs to be the same windows with the same values, whichever layer answered when. */
function expectEqualViews(outDir: string, expectedOutDir: string): void {
  const [views, expected] = [outDir, expectedOutDir].map((dir) =>
    readLines<ViewWindow>(join(dir, "views.ndjson")),
  ) as [ViewWindow[], ViewWindow[]];
  const counted = ({ grain, key, window, start, end, values }: ViewWindow) =>
    [grain, key, window, start, end, values["count"]].join(" ");
  expect(views.map(counted)).toEqual(expected.map(counted));
  // The order in which a layer adds floats is its own affair: sums are equal by the contract's rule.
  expect(compareWindows(expected, views)).toEqual({ compared: expected.length, differences: [] });
}

async function runs(args: readonly string[]): Promise<void> {
  const run = new PlatformRun(args);
  const code = await run.exited;
  expect({ code, log: code === 0 ? "" : run.log }).toEqual({ code: 0, log: "" });
}

describe("a file of measurements in a foreign layout", () => {
  const folder = mkdtempSync(join(tmpdir(), "foreign-"));
  const rows = foreignRows();
  const dataFile = join(folder, "messwerte.csv");
  const mapFile = join(folder, "karte.yaml");
  const run = (data: string, out: string) =>
    runs([
      ...["--file", dataFile, "--map", mapFile, "--rate", "500", "--speed", "200x", "--no-dashboard"],
      ...["--data", join(folder, data), "--out", join(folder, out)],
    ]);

  beforeAll(async () => {
    writeFileSync(dataFile, foreignCsv(rows));
    writeFileSync(mapFile, foreignMap);
    await run("data-1", "out-1");
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("closes, and serves the sums of what the rows say in the contract's units", () => {
    const report = readReport(join(folder, "out-1"));
    expectClosed(report);
    const sound = rows.filter(({ wrong }) => wrong === null);
    expect(report.accounting).toMatchObject({
      sent: rows.length,
      stored: sound.length,
      quarantined: rows.length - sound.length,
      duplicates: 0,
    });
    const perMinute = readLines<ViewWindow>(join(folder, "out-1", "views.ndjson")).filter(
      ({ grain, window }) => grain === "factory" && window === "1m",
    );
    expect(perMinute.reduce((sum, { values }) => sum + values["count"]!, 0)).toBe(sound.length);
    const byEnd = new Map(perMinute.map((view) => [new Date(view.end).toISOString(), view.values]));
    for (const end of new Set(sound.map(windowEnd))) {
      const group = sound.filter((row) => windowEnd(row) === end);
      const values = byEnd.get(end);
      expect(values).toMatchObject({
        count: group.length,
        unitsSum: group.reduce((sum, { units }) => sum + units, 0),
      });
      expect(values!["temperatureSum"]).toBeCloseTo(
        total(group, ({ fahrenheit }) => ((fahrenheit - 32) * 5) / 9),
        6,
      );
      expect(values!["pressureSum"]).toBeCloseTo(
        total(group, ({ bar }) => bar * 100),
        6,
      );
    }
  });

  it("puts each bad row into quarantine with its line number", () => {
    const quarantined = readLines<{ body: string; reason: string }>(
      join(folder, "out-1", "quarantine.ndjson"),
    )
      .map(({ body }) => JSON.parse(body) as { line: number; source: string; row: string })
      .toSorted((a, b) => a.line - b.line);
    const lines = readFileSync(dataFile, "utf8").split("\n");
    expect(quarantined.map(({ line }) => line)).toEqual(
      rows.filter(({ wrong }) => wrong !== null).map(({ line }) => line),
    );
    for (const { line, row } of quarantined) expect(row).toBe(lines[line - 1]);
  });

  it("gives equal merged views in another folder, and when it is sent a second time", async () => {
    await run("data-2", "out-2");
    expectEqualViews(join(folder, "out-2"), join(folder, "out-1"));
    await run("data-2", "out-3");
    expectEqualViews(join(folder, "out-3"), join(folder, "out-1"));
    expect(readReport(join(folder, "out-3")).accounting).toMatchObject({ lost: 0, double: 0 });
  });
});

describe("one seed", () => {
  it("gives equal merged views twice", async () => {
    const folder = mkdtempSync(join(tmpdir(), "seed-"));
    try {
      const run = (out: string) =>
        runs([
          ...["--for", "8s", "--rate", "100", "--devices", "10", "--speed", "60x", "--seed", "5"],
          ...["--late", "3%", "--duplicates", "2%", "--malformed", "1%", "--no-dashboard"],
          ...["--out", join(folder, out)],
        ]);
      await run("a");
      await run("b");
      expect(readLines(join(folder, "a", "views.ndjson")).length).toBeGreaterThan(100);
      expectEqualViews(join(folder, "b"), join(folder, "a"));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

function windowEnd({ utcMs }: ForeignRow): string {
  return new Date(Math.ceil(utcMs / 60_000) * 60_000).toISOString();
}

function total(rows: readonly ForeignRow[], value: (row: ForeignRow) => number): number {
  return rows.reduce((sum, row) => sum + value(row), 0);
}
