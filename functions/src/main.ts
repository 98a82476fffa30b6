import { app } from "@azure/functions";
import { publishLatencies } from "./adapters/application-insights/latency-publisher";
import { tokensOf } from "./adapters/config/credential";
import { readSettings, type ServiceAddress } from "./adapters/config/settings";
import { cosmosAlertStore } from "./adapters/cosmos/alert-store";
import { openDatabase } from "./adapters/cosmos/database";
import { cosmosProbe } from "./adapters/cosmos/database-probe";
import { cosmosDeviceStateStore } from "./adapters/cosmos/device-state-store";
import { cosmosQuarantineStore } from "./adapters/cosmos/quarantine-store";
import { cosmosViewStore } from "./adapters/cosmos/view-store";
import { dataExplorerAnomalies } from "./adapters/data-explorer/anomaly-source";
import { digitalTwinsStore } from "./adapters/digital-twins/twin-store";
import type { EntraService } from "./adapters/entra/entra-client";
import { alertChannel, telemetrySender, viewChangeChannel } from "./adapters/event-hubs/channels";
import { openHubSender } from "./adapters/event-hubs/hub-sender";
import { logicAppChannel, resourceManager } from "./adapters/logic-apps/finding-channel";
import { LatencyHistogram } from "./domain/latency";
import { registerFanOutViewChanges } from "./triggers/fan-out-view-changes";
import { registerGetHealth } from "./triggers/get-health";
import { registerGetQuarantine } from "./triggers/get-quarantine";
import { registerGetViews } from "./triggers/get-views";
import { registerQuarantineTelemetry } from "./triggers/quarantine-telemetry";
import { registerReplayQuarantine } from "./triggers/replay-quarantine";
import { registerRouteAlerts } from "./triggers/route-alerts";
import { registerTwinFunctions } from "./triggers/sync-twins";
import { registerTellOfAlerts } from "./triggers/tell-of-alerts";
import { registerUpdateDeviceState } from "./triggers/update-device-state";
import { registerWatchAnomalies } from "./triggers/watch-anomalies";

const settings = readSettings(process.env);
const database = openDatabase(settings.cosmos);
const quarantine = cosmosQuarantineStore(database);
const hubs = {
  telemetry: openHubSender(settings.eventHubs, "telemetry"),
  alerts: openHubSender(settings.eventHubs, "alerts"),
  viewChanges: openHubSender(settings.eventHubs, "view-changes"),
};
const service = ({ address, clientId }: ServiceAddress, scope: string): EntraService => ({
  address,
  scope,
  tokens: tokensOf(clientId),
});

const latencies = settings.insights && new LatencyHistogram();
const publisher =
  settings.insights &&
  latencies &&
  publishLatencies(
    service(settings.insights, "https://monitor.azure.com/.default"),
    {
      instrumentationKey: settings.insights.instrumentationKey,
      role: process.env["WEBSITE_SITE_NAME"] ?? "functions",
      instance: process.env["WEBSITE_INSTANCE_ID"] ?? String(process.pid),
    },
    latencies,
    { name: "event_to_answer_ms", everyMs: 60_000, warn: console.warn },
  );

registerQuarantineTelemetry(quarantine);
registerUpdateDeviceState(cosmosDeviceStateStore(database), latencies);
registerRouteAlerts(cosmosAlertStore(database), alertChannel(hubs.alerts));
registerFanOutViewChanges(viewChangeChannel(hubs.viewChanges));
registerGetViews(cosmosViewStore(database));
registerGetQuarantine(quarantine);
registerReplayQuarantine(quarantine, telemetrySender(hubs.telemetry));
registerGetHealth([cosmosProbe(database)]);

const { digitalTwins, notifications, dataExplorer } = settings;
if (digitalTwins !== null)
  registerTwinFunctions(digitalTwinsStore(service(digitalTwins, "https://digitaltwins.azure.net/.default")));
if (notifications !== null) {
  const { address, scope } = resourceManager;
  const findings = logicAppChannel(service({ ...notifications, address }, scope), notifications.address);
  registerTellOfAlerts(findings);
  if (dataExplorer !== null) {
    const cluster = service(dataExplorer, `${dataExplorer.address}/.default`);
    registerWatchAnomalies(dataExplorerAnomalies(cluster, dataExplorer.database), findings);
  }
}

app.hook.appTerminate(async () => {
  await Promise.all([publisher?.close(), ...Object.values(hubs).map((hub) => hub.close())]);
});
