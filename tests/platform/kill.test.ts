import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PageState } from "../../local/dashboard";
import { expectClosed, PlatformRun, readReport } from "./run-platform";

jest.setTimeout(900_000);

/**
 * Every process of the platform but the supervisor, which a user restarts. `storage` dies once Capture has written to it;
 * `batch` dies during its half-time run.
 */
const victims = [
  "event-hubs",
  "cosmos",
  "iot-hub",
  "functions",
  "stream-analytics",
  "simulator",
  "capture",
  "storage",
  "batch",
];

async function state(page: string): Promise<PageState> {
  return (await (await fetch(`${page}/api/state`)).json()) as PageState;
}

async function until(page: string, holds: (state: PageState) => boolean): Promise<void> {
  while (!holds(await state(page))) await new Promise((resolve) => setTimeout(resolve, 100));
}

async function killAndAwait(page: string, name: string): Promise<void> {
  if (name === "storage")
    await until(page, ({ hops }) => hops.some(({ to, total }) => to === "lake" && total > 0));
  if (name === "batch") await until(page, ({ batch }) => batch.status === "running" && batch.step !== null);
  const before = (await state(page)).processes.find((process) => process.name === name);
  if (before?.pid == null) throw new Error(`no process "${name}" to kill`);
  process.kill(before.pid, "SIGKILL");
  await until(page, ({ processes }) =>
    processes.some(
      (process) =>
        process.name === name && process.status === "running" && process.restarts > before.restarts,
    ),
  );
}

describe("kill -9 during a run", () => {
  const outDir = mkdtempSync(join(tmpdir(), "killed-"));
  afterAll(() => rmSync(outDir, { recursive: true, force: true }));

  it(`closes after each of ${victims.join(", ")} was killed and came back`, async () => {
    const run = new PlatformRun([
      ...["--for", "42s", "--rate", "100", "--devices", "20", "--speed", "15x", "--seed", "11"],
      ...["--late", "2%", "--duplicates", "1%", "--malformed", "1%", "--out", outDir],
    ]);
    const page = await run.page();
    await until(page, ({ hops }) => hops.some(({ to, total }) => to === "stream-analytics" && total > 100));
    for (const name of victims) await killAndAwait(page, name);
    const code = await run.exited;
    expect({ code, log: code === 0 ? "" : run.log }).toEqual({ code: 0, log: "" });
    const report = readReport(outDir);
    expectClosed(report);
    expect(Object.keys(report.restarts).sort()).toEqual([...victims].sort());
  });
});
