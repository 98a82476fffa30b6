import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ForeignRow, foreignCsv, foreignMap, foreignRows } from "../platform/foreign-measurements";
import { expectClosed, PlatformRun, readLines, readReport } from "../platform/run-platform";

jest.setTimeout(900_000);

interface ViewLine {
  readonly grain: string;
  readonly key: string;
  readonly window: string;
  readonly end: string;
  readonly values: Readonly<Record<string, number>>;
  readonly source: string;
  readonly asOf: string;
}

/** What two runs must agree in: everything but when and by which layer it was computed. */
function answers(outDir: string): unknown[] {
  return readLines<ViewLine>(join(outDir, "views.ndjson")).map(({ source: _, asOf: __, ...rest }) => rest);
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
    const perMinute = readLines<ViewLine>(join(folder, "out-1", "views.ndjson")).filter(
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
    expect(answers(join(folder, "out-2"))).toEqual(answers(join(folder, "out-1")));
    await run("data-2", "out-3");
    expect(answers(join(folder, "out-3"))).toEqual(answers(join(folder, "out-1")));
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
      expect(answers(join(folder, "a")).length).toBeGreaterThan(100);
      expect(answers(join(folder, "b"))).toEqual(answers(join(folder, "a")));
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
