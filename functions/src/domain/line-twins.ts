import { type StreamJob, topology } from "../../../contracts";
import { forEachLimited, type Twin, type TwinStore, twinId, writeTwin } from "./twins";
import type { ViewRow } from "./view-rows";

const concurrency = 8;
const window = "1h";
const grain = "line";

/**
 * Keeps pieces an hour and their defects in the twin of each line, from the closed hours of the last version that closes
 * hours. Its batches hold every changed view; others are left alone.
 */
export function syncLineTwins(
  store: TwinStore,
  jobs: readonly StreamJob[] = topology.jobs,
): (rows: readonly ViewRow[]) => Promise<number> {
  const source = jobs.findLast(({ grains, windows }) => grains.includes(grain) && windows.includes(window));
  return async (rows) => {
    const latest = new Map<string, ViewRow>();
    for (const row of rows) {
      if (row.job !== source?.name || row.version !== source.version) continue;
      if (row.grain !== grain || row.window !== window) continue;
      const known = latest.get(row.key);
      if (known === undefined || row.windowEnd >= known.windowEnd) latest.set(row.key, row);
    }
    let written = 0;
    await forEachLimited([...latest.values()], concurrency, async (row) => {
      if (await writeTwin(store, lineTwin(row), "lastWindowEnd")) written++;
    });
    return written;
  };
}

function lineTwin({ key, unitsSum, defectsSum, windowEnd }: ViewRow): Twin {
  const [factoryId = "", lineId = ""] = key.split("~");
  return {
    id: twinId("line", factoryId, lineId),
    model: "dtmi:lambda:factory:Line;1",
    properties: {
      lineId,
      unitsPerHour: unitsSum,
      defectRatio: unitsSum === 0 ? 0 : defectsSum / unitsSum,
      lastWindowEnd: windowEnd,
    },
  };
}
