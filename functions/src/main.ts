import { app } from "@azure/functions";
import { readSettings } from "./adapters/config/settings";
import { cosmosAlertStore } from "./adapters/cosmos/alert-store";
import { openDatabase } from "./adapters/cosmos/database";
import { cosmosProbe } from "./adapters/cosmos/database-probe";
import { cosmosDeviceStateStore } from "./adapters/cosmos/device-state-store";
import { cosmosQuarantineStore } from "./adapters/cosmos/quarantine-store";
import { cosmosViewStore } from "./adapters/cosmos/view-store";
import { alertChannel, telemetrySender, viewChangeChannel } from "./adapters/event-hubs/channels";
import { openHubSender } from "./adapters/event-hubs/hub-sender";
import { registerFanOutViewChanges } from "./triggers/fan-out-view-changes";
import { registerGetHealth } from "./triggers/get-health";
import { registerGetQuarantine } from "./triggers/get-quarantine";
import { registerGetViews } from "./triggers/get-views";
import { registerQuarantineTelemetry } from "./triggers/quarantine-telemetry";
import { registerReplayQuarantine } from "./triggers/replay-quarantine";
import { registerRouteAlerts } from "./triggers/route-alerts";
import { registerUpdateDeviceState } from "./triggers/update-device-state";

const settings = readSettings(process.env);
const database = openDatabase(settings.cosmos);
const quarantine = cosmosQuarantineStore(database);
const hubs = {
  telemetry: openHubSender(settings.eventHubs, "telemetry"),
  alerts: openHubSender(settings.eventHubs, "alerts"),
  viewChanges: openHubSender(settings.eventHubs, "view-changes"),
};

registerQuarantineTelemetry(quarantine);
registerUpdateDeviceState(cosmosDeviceStateStore(database));
registerRouteAlerts(cosmosAlertStore(database), alertChannel(hubs.alerts));
registerFanOutViewChanges(viewChangeChannel(hubs.viewChanges));
registerGetViews(cosmosViewStore(database));
registerGetQuarantine(quarantine);
registerReplayQuarantine(quarantine, telemetrySender(hubs.telemetry));
registerGetHealth([cosmosProbe(database)]);

app.hook.appTerminate(async () => {
  await Promise.all(Object.values(hubs).map((hub) => hub.close()));
});
