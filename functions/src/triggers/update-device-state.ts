import { type DeviceStateStore, updateDeviceStates } from "../domain/device-state";
import { functionNamed, required } from "./registration";
import { registerTelemetryFunction, telemetryHandler } from "./telemetry-batch";

const name = "updateDeviceState";

/** Handler: the latest valid reading per device is stored. */
export function updateDeviceStateHandler(store: DeviceStateStore) {
  const hub = required(functionNamed(name, "eventHub"), "hub");
  return telemetryHandler(hub, updateDeviceStates(store), () => undefined);
}

export function registerUpdateDeviceState(store: DeviceStateStore): void {
  registerTelemetryFunction(name, updateDeviceStateHandler(store));
}
