import type { InvocationContext } from "@azure/functions";
import type { DeviceState } from "../domain/device-state";
import { syncDeviceTwins } from "../domain/device-twins";
import { syncLineTwins } from "../domain/line-twins";
import type { TwinStore } from "../domain/twins";
import type { ViewRow } from "../domain/view-rows";
import { registerChangeFeedFunction } from "./change-feed";

/** Handler: the twin of each device follows its stored state. */
export function syncDeviceTwinsHandler(store: TwinStore) {
  const sync = syncDeviceTwins(store);
  return async (states: readonly DeviceState[], context: InvocationContext): Promise<void> => {
    context.log(`wrote ${await sync(states)} twins of ${states.length} states`);
  };
}

/** Handler: the twin of each line follows its closed hours. */
export function syncLineTwinsHandler(store: TwinStore) {
  const sync = syncLineTwins(store);
  return async (rows: readonly ViewRow[], _context: InvocationContext): Promise<void> => {
    await sync(rows);
  };
}

export function registerTwinFunctions(store: TwinStore): void {
  registerChangeFeedFunction("syncDeviceTwins", syncDeviceTwinsHandler(store));
  registerChangeFeedFunction("syncLineTwins", syncLineTwinsHandler(store));
}
