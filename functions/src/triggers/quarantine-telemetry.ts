import { type QuarantineSink, quarantineRefused } from "../domain/quarantine";
import { functionNamed, required } from "./registration";
import { registerTelemetryFunction, telemetryHandler } from "./telemetry-batch";

const name = "quarantineTelemetry";

/** Handler: every message that the contract refuses is kept with its reason. */
export function quarantineTelemetryHandler(sink: QuarantineSink) {
  const hub = required(functionNamed(name, "eventHub"), "hub");
  return telemetryHandler(hub, quarantineRefused(sink), (refused, messages) =>
    refused === 0 ? undefined : `refused ${refused} of ${messages.length} messages`,
  );
}

export function registerQuarantineTelemetry(sink: QuarantineSink): void {
  registerTelemetryFunction(name, quarantineTelemetryHandler(sink));
}
