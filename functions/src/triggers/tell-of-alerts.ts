import type { InvocationContext } from "@azure/functions";
import type { Alert } from "../domain/alerts";
import { type FindingChannel, tellOfAlerts } from "../domain/findings";
import { textOf } from "../domain/telemetry-message";
import { registerTelemetryFunction } from "./telemetry-batch";

const name = "tellOfAlerts";

/** Handler: critical alerts of the hub are told. */
export function tellOfAlertsHandler(channel: FindingChannel) {
  const tell = tellOfAlerts(channel);
  return async (bodies: readonly Uint8Array[], context: InvocationContext): Promise<void> => {
    const alerts = bodies.flatMap((body) => alertIn(body) ?? []);
    if (alerts.length < bodies.length)
      context.warn(`${bodies.length - alerts.length} messages of the hub are no alerts`);
    await tell(alerts);
  };
}

/** Only `routeAlerts` may send to the hub; what is no alert must not stop it all the same. */
function alertIn(body: Uint8Array): Alert | undefined {
  try {
    const found = JSON.parse(textOf(body) ?? "") as Partial<Alert> | null;
    const isAlert =
      typeof found?.id === "string" && typeof found.title === "string" && typeof found.deviceId === "string";
    return isAlert ? (found as Alert) : undefined;
  } catch {
    return undefined;
  }
}

export function registerTellOfAlerts(channel: FindingChannel): void {
  registerTelemetryFunction(name, tellOfAlertsHandler(channel));
}
