import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PageState } from "../../local/dashboard";
import { PlatformRun } from "./run-platform";

jest.setTimeout(120_000);

/** Hops that a platform without the batch layer cannot have figures of. */
const batchRooms = ["spark", "lake"];
/** Hops whose time no process can tell: they end in a file, or are measured as part of another one. */
const timed = ["iot-hub", "event-hubs", "stream-analytics", "functions", "serving"];

function silent({ hops }: PageState): string[] {
  return hops
    .filter(({ from, to }) => !batchRooms.includes(from) && !batchRooms.includes(to))
    .flatMap(({ from, to, total, latencyMs }) => [
      ...(total > 0 ? [] : [`${from} to ${to} counts nothing`]),
      ...(latencyMs !== null || !timed.includes(to) ? [] : [`${from} to ${to} has no latency`]),
    ]);
}

describe("the page of a live platform", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "figures-"));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  it("comes to show figures of every hop", async () => {
    const run = new PlatformRun([
      ...["--rate", "100", "--devices", "20", "--speed", "20x", "--no-batch", "--port-base", "0"],
      ...["--data", dataDir],
    ]);
    const page = await run.page();
    const endMs = Date.now() + 90_000;
    let missing = ["nothing asked yet"];
    while (missing.length > 0 && Date.now() < endMs) {
      const state = (await (await fetch(`${page}/api/state`)).json()) as PageState;
      const [device] = state.devices;
      if (device !== undefined) await fetch(`${page}/api/views/factory-aggregates/${device.deviceId}`);
      missing = silent(state);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    run.interrupt();
    expect(await run.exited).toBe(0);
    expect(missing).toEqual([]);
  });
});
