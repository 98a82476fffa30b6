import type { AlertChannel } from "../../domain/alerts";
import type { TelemetrySender } from "../../domain/replay";
import type { ViewChangeChannel } from "../../domain/view-changes";
import type { HubSender } from "./hub-sender";

/** Tells the hub `alerts` of alerts, in one partition per device. */
export function alertChannel(sender: HubSender): AlertChannel {
  return {
    send: (alerts) =>
      sender.send(
        alerts.map((alert) => ({
          body: JSON.stringify(alert),
          partitionKey: alert.deviceId,
          messageId: alert.id,
        })),
      ),
  };
}

/** Tells the hub `view-changes` of changed windows, in one partition per key. */
export function viewChangeChannel(sender: HubSender): ViewChangeChannel {
  return {
    send: (changes) =>
      sender.send(
        changes.map(({ changeId, ...row }) => ({
          body: JSON.stringify(row),
          partitionKey: row.key,
          messageId: changeId,
        })),
      ),
  };
}

/** Sends telemetry again. */
export function telemetrySender(sender: HubSender): TelemetrySender {
  return { send: (message) => sender.send([message]) };
}
