import type { EventMetadata } from "../../api";
import { AsaRecord, DateTime, type Value } from "../../values/value";

const columnNames = ["EventProcessedUtcTime", "PartitionId", "EventEnqueuedUtcTime"] as const;
const extended = new WeakMap<readonly string[], readonly string[] | null>();

/** The event's names followed by the broker's columns that the event does not have itself; null: several clash. */
function withColumns(names: readonly string[]): readonly string[] | null {
  let known = extended.get(names);
  if (known === undefined) {
    const taken = new Set(names.map((name) => name.toLowerCase()));
    known = columnNames.some((name) => taken.has(name.toLowerCase())) ? null : [...names, ...columnNames];
    extended.set(names, known);
  }
  return known;
}

/**
 * Adds the columns that a live Event Hubs input has: EventProcessedUtcTime, PartitionId and EventEnqueuedUtcTime.
 *
 * The core has no clock, so the processed time is the arrival time. Columns of the event itself win.
 */
export function addMetadataColumns(record: AsaRecord, metadata: EventMetadata, arrival: bigint): AsaRecord {
  const enqueued = new DateTime(arrival);
  const values: Value[] = [enqueued, BigInt(metadata.partition), enqueued];
  const names = withColumns(record.names);
  if (names !== null) return new AsaRecord(names, [...record.values, ...values]);
  const missing = columnNames
    .map((name, index) => ({ name, index }))
    .filter(({ name }) => record.get(name) === undefined);
  return new AsaRecord(
    [...record.names, ...missing.map(({ name }) => name)],
    [...record.values, ...missing.map(({ index }) => values[index]!)],
  );
}

const systemNames: Readonly<Record<string, string>> = {
  connectiondeviceid: "iothub-connection-device-id",
  connectionmoduleid: "iothub-connection-module-id",
  authmethod: "iothub-connection-auth-method",
  authgenerationid: "iothub-connection-auth-generation-id",
  connectiondevicegenerationid: "iothub-connection-auth-generation-id",
  enqueuedtime: "iothub-enqueuedtime",
  enqueuetime: "iothub-enqueuedtime",
  messagesource: "iothub-message-source",
  interfacename: "iothub-interface-name",
  messageid: "message-id",
  correlationid: "correlation-id",
};

function fromSystem(metadata: EventMetadata, name: string): Value {
  const { system } = metadata;
  if (system === undefined) return null;
  const folded = name.toLowerCase().replace(/^iot(?:hub)?/, "");
  const mapped = systemNames[folded];
  return system.get(name) ?? (mapped === undefined ? undefined : system.get(mapped)) ?? null;
}

function eventHubValue(metadata: EventMetadata, name: string, arrival: bigint): Value {
  switch (name.toLowerCase()) {
    case "eventenqueuedutctime":
    case "eventprocessedutctime":
      return new DateTime(arrival);
    case "partitionid":
      return BigInt(metadata.partition);
    case "offset":
      return metadata.offset ?? null;
    case "sequencenumber":
      return metadata.sequence;
    case "partitionkey":
      return metadata.partitionKey ?? null;
    default:
      return fromSystem(metadata, name);
  }
}

function eventHubRecord(metadata: EventMetadata, arrival: bigint): AsaRecord {
  const names = ["EventEnqueuedUtcTime", "PartitionId", "Offset", "SequenceNumber", "PartitionKey"];
  return new AsaRecord(
    names,
    names.map((name) => eventHubValue(metadata, name, arrival)),
  );
}

/** Version-8 style GUID made of the event's place in its input: the same event always has the same id. */
function eventId(metadata: EventMetadata): string {
  const partition = (BigInt(metadata.partition) & 0xffffffffn).toString(16).padStart(8, "0");
  const sequence = (metadata.sequence & 0xffffffffffffffffn).toString(16).padStart(16, "0");
  return `${partition}-0000-8000-8${sequence.slice(1, 4)}-${sequence.slice(4).padStart(12, "0")}`;
}

/** What GetMetadataPropertyValue gives for a path; NULL in a file run and for what the broker does not know. */
export function metadataValue(
  metadata: EventMetadata | null,
  arrival: bigint,
  path: readonly string[],
): Value {
  if (metadata === null) return null;
  const [first, second] = path;
  switch (first?.toLowerCase()) {
    case "eventhub":
      return second === undefined
        ? eventHubRecord(metadata, arrival)
        : eventHubValue(metadata, second, arrival);
    case "iothub":
      return second === undefined ? (metadata.system ?? null) : fromSystem(metadata, second);
    case "user":
      return second === undefined
        ? (metadata.properties ?? null)
        : (metadata.properties?.get(second) ?? null);
    case "partitionid":
      return BigInt(metadata.partition);
    case "eventid":
      return eventId(metadata);
    default:
      return null;
  }
}
