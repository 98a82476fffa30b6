import { type CoverageEntry, differs, missing, supported } from "../process/coverage";

/** Features of IoT Hub, area by area. */
export const iotHubCoverage: readonly CoverageEntry[] = [
  ...supported(
    "Devices",
    "MQTT 3.1.1 over TLS, quality of service 0 and 1",
    "Persistent sessions, also over a restart of the hub",
    "Shared access signatures with the primary or secondary key, and their expiry",
    "One connection a device: the newer one wins",
    "Telemetry with system and application properties, up to 256 KB",
    "Last will as telemetry",
    "Twin: read, reported properties, desired properties and their changes",
    "Direct methods",
    "Cloud-to-device messages: queue of 50, delivery until completed, expiry",
  ),
  differs(
    "Devices",
    "Certificate",
    "Self-signed, issued at the first start; clients name it as their certificate authority.",
  ),
  differs(
    "Devices",
    "Refusal of an oversize message",
    "The connection is closed and the message counted as refused.",
  ),
  differs(
    "Devices",
    "Cloud-to-device messages",
    "They leave one at a time; the next one follows the acknowledgement.",
  ),
  missing("Devices", "AMQP, HTTPS and WebSockets for devices", "Use MQTT."),
  missing("Devices", "X.509 certificates and Microsoft Entra ID"),
  missing("Devices", "Modules, edge devices, device streams and file upload"),
  missing("Devices", "Throttling and daily quotas"),
  ...supported(
    "Service side",
    "Registry: create, update, read, list and delete a device",
    "Registry statistics",
    "Twin: read, merge and replace, with If-Match",
    "Direct methods with connect and response timeouts",
  ),
  differs(
    "Service side",
    "Sending cloud-to-device messages",
    "POST /devices/{id}/messages/deviceBound with a JSON body {body | bodyBase64, messageId, properties, expiresInSeconds}; the service SDK sends over AMQP, which is not offered.",
  ),
  differs(
    "Service side",
    "Port",
    "MQTT and HTTPS share one port; the service SDK reaches it through an agent that carries the port.",
  ),
  missing("Service side", "Bulk registry operations, jobs, queries and configurations"),
  missing("Service side", "Delivery feedback and file notifications"),
  ...supported(
    "Routes",
    "Device messages to event hubs, with the service's annotations; partition key is the device id",
    "Acknowledgement to the device only when the event is durable in every hub that a route names",
  ),
  differs(
    "Routes",
    "iothub-enqueuedtime",
    "An AMQP long in ms since 1970; the service sends a timestamp, which its JavaScript SDK shows as the same number.",
  ),
  differs(
    "Routes",
    "Conditions",
    "Only the condition true is offered; another one stops the start with an error.",
  ),
  missing("Routes", "Twin, lifecycle and digital-twin events as sources; storage and Service Bus endpoints"),
  missing("Routes", "Message enrichments and the built-in endpoint", "Read the hub that a route names."),
];
