import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FunctionMetadata } from "../../../../local/functions-host/rpc";
import { parseSchedule } from "../../../../local/functions-host/triggers/schedule";
import { ManualClock } from "../../../../local/process/clock";
import { fakeApp, HostFixture, until } from "./support";

const ms = (text: string) => Date.parse(text);

describe("parseSchedule", () => {
  it.each([
    ["0 */5 * * * *", "2026-01-05T08:03:00Z", "2026-01-05T08:05:00Z"],
    ["0 */5 * * * *", "2026-01-05T08:05:00Z", "2026-01-05T08:10:00Z"],
    ["0 */5 * * * *", "2026-01-05T08:04:59.999Z", "2026-01-05T08:05:00Z"],
    ["*/10 * * * * *", "2026-01-05T08:00:50Z", "2026-01-05T08:01:00Z"],
    ["30 15 3 * * *", "2026-12-31T23:00:00Z", "2027-01-01T03:15:30Z"],
    ["0 0 9-17/4 * * mon-fri", "2026-01-09T17:00:00Z", "2026-01-12T09:00:00Z"],
    ["0 0 0 29 feb *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"],
    ["0 0 0 * * 7", "2026-01-05T00:00:00Z", "2026-01-11T00:00:00Z"],
    ["15 2,4 1 1,15 * *", "2026-01-02T00:00:00Z", "2026-01-15T01:02:15Z"],
    ["*/5 * * * *", "2026-01-05T08:03:00Z", "2026-01-05T08:05:00Z"],
    ["00:00:30", "2026-01-05T08:03:00Z", "2026-01-05T08:03:30Z"],
    ["1.00:00:00", "2026-01-05T08:03:00Z", "2026-01-06T08:03:00Z"],
  ])("%s comes after %s at %s", (text, after, next) => {
    expect(new Date(parseSchedule(text).next(ms(after))).toISOString()).toBe(new Date(next).toISOString());
  });

  it.each([
    ["", "fields"],
    ["* * *", "3 fields"],
    ["60 * * * * *", 'the second "60" is not from 0 to 59'],
    ["0 0 0 0 * *", 'the day "0" is not from 1 to 31'],
    ["0 0 0 * foo *", 'the month "foo"'],
    ["0 5-3 * * * *", "holds nothing"],
    ["0 */0 * * * *", "holds nothing"],
    ["0 0 0 30 feb *", "no such moment comes"],
    ["00:00:00", "the period is zero"],
  ])("refuses %p", (text, reason) => {
    expect(() => parseSchedule(text)).toThrow(reason);
  });
});

describe("a timer trigger", () => {
  let fixture: HostFixture;
  beforeEach(() => {
    fixture = new HostFixture();
  });
  afterEach(() => fixture.clean());

  const timer = (changes = {}): FunctionMetadata => ({
    name: "tick",
    bindings: { timer: { type: "timerTrigger", direction: "in", schedule: "0 * * * * *", ...changes } },
  });
  const setUp = () => {
    const runs: { readonly IsPastDue: boolean; readonly ScheduleStatus: { readonly Next: string } }[] = [];
    const app = (metadata: FunctionMetadata) =>
      fakeApp([metadata], (request) => {
        runs.push(JSON.parse(request.inputData[0]?.data.json ?? ""));
        return undefined;
      });
    return { runs, app };
  };
  const stored = () => {
    const file = join(fixture.dataFolder, "timers", "tick.json");
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { next: string }) : undefined;
  };

  it("runs by the platform clock, not by the wall", async () => {
    const clock = new ManualClock(ms("2026-01-05T08:00:30Z"));
    const { runs, app } = setUp();
    await fixture.start(app(timer()), { clock });
    clock.advance(29_000);
    expect(runs).toHaveLength(0);
    clock.advance(1_000);
    await until(() => stored() !== undefined, "the first run is stored");
    clock.advance(60_000);
    await until(() => runs.length === 2, "the second run");
    expect(runs.map((run) => [run.IsPastDue, run.ScheduleStatus.Next])).toEqual([
      [false, "2026-01-05T08:02:00.000Z"],
      [false, "2026-01-05T08:03:00.000Z"],
    ]);
  });

  it("makes up once for what it missed while it was down", async () => {
    const { runs, app } = setUp();
    const clock = new ManualClock(ms("2026-01-05T08:00:59Z"));
    const host = await fixture.start(app(timer()), { clock });
    clock.advance(1_000);
    await until(() => stored() !== undefined, "the first run is stored");
    await fixture.stop(host);
    await fixture.start(app(timer()), { clock: new ManualClock(ms("2026-01-05T08:10:30Z")) });
    await until(() => stored()?.next === "2026-01-05T08:11:00.000Z", "the missed run is made up for");
    expect(runs.map(({ IsPastDue }) => IsPastDue)).toEqual([false, true]);
  });

  it("runs at its start when asked", async () => {
    const { runs, app } = setUp();
    await fixture.start(app(timer({ runOnStartup: true })), { clock: new ManualClock(0) });
    await until(() => runs.length === 1, "the run at the start");
  });
});
