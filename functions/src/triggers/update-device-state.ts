import { type DeviceStateStore, updateDeviceStates } from "../domain/device-state";
import { type LatencyRecorder, measured } from "../domain/latency";
import { functionNamed, required } from "./registration";
import { registerTelemetryFunction, telemetryHandler } from "./telemetry-batch";

const name = "updateDeviceState";

/** Handler: the latest valid reading per device is stored; from then on the platform answers with it. */
export function updateDeviceStateHandler(
  store: DeviceStateStore,
  latencies: LatencyRecorder | null = null,
  now: () => number = Date.now,
) {
  const hub = required(functionNamed(name, "eventHub"), "hub");
  const update = updateDeviceStates(store);
  return telemetryHandler(
    hub,
    latencies === null ? update : measured(update, latencies, now),
    () => undefined,
  );
}

export function registerUpdateDeviceState(store: DeviceStateStore, latencies: LatencyRecorder | null): void {
  registerTelemetryFunction(name, updateDeviceStateHandler(store, latencies));
}
