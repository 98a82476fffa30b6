import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClockOwner } from "../../../../local/supervisor/clock-owner";
import { DataFolder } from "../../../../local/supervisor/data-folder";
import { resumedClockMs, saveClock } from "../../../../local/supervisor/saved-clock";

const startMs = Date.parse("2026-01-05T08:00:00Z");

describe("the saved clock", () => {
  let folder: string;
  let data: DataFolder;
  const clock = () =>
    new ClockOwner({ startMs: startMs + 60_000, speed: 1, limitMs: startMs + 60_000, publish: () => {} });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "saved-clock-"));
    data = new DataFolder(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("goes on after where it stood, and never before the start that is asked for", () => {
    expect(resumedClockMs(data, startMs)).toBe(startMs);
    saveClock(data, clock(), () => {})();
    expect(resumedClockMs(data, startMs)).toBe(startMs + 60_001);
    expect(resumedClockMs(data, startMs + 120_000)).toBe(startMs + 120_000);
  });

  it("tells of a note that cannot be written, and ends all the same", () => {
    mkdirSync(join(folder, "clock.json.new"));
    const problems: unknown[] = [];
    saveClock(data, clock(), ({ code }) => problems.push(code))();
    expect(problems).toEqual(["EISDIR"]);
    expect(resumedClockMs(data, startMs)).toBe(startMs);
  });
});
