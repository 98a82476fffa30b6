import type { LogAppend } from "../event-hubs/log-api";
import type { DeviceRecord } from "./device-store";
import type { PropertyBag } from "./property-bag";

const authMethod = JSON.stringify({
  scope: "device",
  type: "sas",
  issuer: "iothub",
  acceptingIpFilterRule: null,
});

/**
 * Returns a device's message as the routes put it into an event hub: partition key = device id, message id = `$.mid`,
 * application properties as they are, and the service's annotations. `iothub-enqueuedtime` is in ms since 1970, which
 * is how the JavaScript SDK shows the service's timestamps among system properties.
 */
export function telemetryEvent(
  record: DeviceRecord,
  bag: PropertyBag,
  body: Uint8Array,
  enqueuedMs: number,
): LogAppend {
  const { messageId, correlationId, userId, contentType, contentEncoding, creationTimeUtc } = bag.system;
  return {
    body,
    partitionKey: record.deviceId,
    ...(messageId !== undefined && { messageId }),
    properties: bag.application,
    annotations: {
      "iothub-connection-device-id": record.deviceId,
      "iothub-connection-auth-method": authMethod,
      "iothub-connection-auth-generation-id": record.generationId,
      "iothub-enqueuedtime": enqueuedMs,
      "iothub-message-source": "Telemetry",
      ...(correlationId !== undefined && { "correlation-id": correlationId }),
      ...(userId !== undefined && { "user-id": userId }),
      ...(contentType !== undefined && { "content-type": contentType }),
      ...(contentEncoding !== undefined && { "content-encoding": contentEncoding }),
      ...(creationTimeUtc !== undefined && { "iothub-creation-time-utc": creationTimeUtc }),
    },
  };
}
