import { type DeviceState, isNewer } from "./device-state";
import { forEachLimited, type Twin, type TwinStore, twinId, writeTwin } from "./twins";

const model = (name: string) => `dtmi:lambda:factory:${name};1`;
const concurrency = 8;
const maxRemembered = 50_000;

/**
 * Keeps a twin for each device with its latest reading, in the graph factory, line, device. A device that moved leaves the
 * line where it stood. What is in the graph is remembered, so that a reading of a known device is one read and one write.
 */
export function syncDeviceTwins(store: TwinStore): (states: readonly DeviceState[]) => Promise<number> {
  const placed = new Map<string, string>();
  const lines = new Set<string>();

  const place = async (device: string, { factoryId, lineId }: DeviceState) => {
    const line = twinId("line", factoryId, lineId);
    if (placed.get(device) === line) return;
    if (!lines.has(line)) {
      const factory = twinId("factory", factoryId);
      await store.create({ id: factory, model: model("Factory"), properties: { factoryId } });
      await store.create({ id: line, model: model("Line"), properties: { lineId } });
      await store.relate({ source: factory, name: "hasLine", target: line });
      lines.add(line);
    }
    for (const source of await store.sourcesOf(device, "hasDevice")) {
      if (source !== line) await store.unrelate({ source, name: "hasDevice", target: device });
    }
    await store.relate({ source: line, name: "hasDevice", target: device });
    if (placed.size >= maxRemembered) placed.clear();
    placed.set(device, line);
  };

  return async (states) => {
    let written = 0;
    await forEachLimited([...latestStates(states).values()], concurrency, async (state) => {
      const twin = deviceTwin(state);
      if (!(await writeTwin(store, twin, "lastEventTime"))) return;
      written++;
      await place(twin.id, state);
    });
    return written;
  };
}

/** A batch of the change feed holds a device once at most; a repeated batch may hold it again. */
function latestStates(states: readonly DeviceState[]): Map<string, DeviceState> {
  const latest = new Map<string, DeviceState>();
  for (const state of states) {
    const known = latest.get(state.deviceId);
    if (known === undefined || isNewer(state, known)) latest.set(state.deviceId, state);
  }
  return latest;
}

function deviceTwin(state: DeviceState): Twin {
  const { deviceId, temperature, vibration, pressure, powerKw, eventTime } = state;
  return {
    id: twinId("device", deviceId),
    model: model("Device"),
    properties: { deviceId, temperature, vibration, pressure, powerKw, lastEventTime: eventTime },
  };
}
