import { alertRules } from "../../../contracts";
import { type AlertChannel, type AlertStore, routeAlerts } from "../domain/alerts";
import { functionNamed, required } from "./registration";
import { registerTelemetryFunction, telemetryHandler } from "./telemetry-batch";

const name = "routeAlerts";

/** Handler: readings that meet a rule of contracts/alert-rules.json raise alerts. */
export function routeAlertsHandler(store: AlertStore, channel: AlertChannel) {
  const hub = required(functionNamed(name, "eventHub"), "hub");
  return telemetryHandler(hub, routeAlerts(alertRules, store, channel), (raised) =>
    raised === 0 ? undefined : `raised ${raised} alerts`,
  );
}

export function registerRouteAlerts(store: AlertStore, channel: AlertChannel): void {
  registerTelemetryFunction(name, routeAlertsHandler(store, channel));
}
