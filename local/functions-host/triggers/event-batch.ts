import type { LogRecord } from "../../event-hubs/log-api";
import type { TriggerInput } from "../invoker";
import type { BindingInfo, RpcTypedData } from "../rpc";

/** Where a batch comes from. */
export interface BatchSource {
  readonly hub: string;
  readonly consumerGroup: string;
  readonly partition: number;
}

/** Puts a batch into the form in which the service's host hands it to the worker. */
export function batchInput(
  bindingName: string,
  binding: BindingInfo,
  source: BatchSource,
  records: readonly LogRecord[],
): TriggerInput {
  return {
    inputData: [{ name: bindingName, data: bodiesOf(binding, records) }],
    triggerMetadata: {
      PartitionContext: json({
        EventHubName: source.hub,
        ConsumerGroup: source.consumerGroup,
        PartitionId: String(source.partition),
      }),
      SequenceNumberArray: asIs(records.map(({ sequence }) => Number(sequence))),
      OffsetArray: asIs(records.map(({ offset }) => offset)),
      EnqueuedTimeUtcArray: asIs(records.map(({ enqueuedMs }) => utc(enqueuedMs))),
      PartitionKeyArray: asIs(records.map(({ partitionKey }) => partitionKey)),
      PropertiesArray: asIs(records.map((record) => plainValues(record.properties()))),
      SystemPropertiesArray: asIs(records.map(systemPropertiesOf)),
    },
  };
}

/** The same for a function with cardinality `one`. */
export function eventInput(
  bindingName: string,
  binding: BindingInfo,
  source: BatchSource,
  record: LogRecord,
): TriggerInput {
  return {
    inputData: [{ name: bindingName, data: bodyOf(binding, record) }],
    triggerMetadata: {
      PartitionContext: json({
        EventHubName: source.hub,
        ConsumerGroup: source.consumerGroup,
        PartitionId: String(source.partition),
      }),
      SequenceNumber: json(Number(record.sequence)),
      Offset: { string: record.offset },
      EnqueuedTimeUtc: json(utc(record.enqueuedMs)),
      PartitionKey: json(record.partitionKey),
      Properties: json(plainValues(record.properties())),
      SystemProperties: json(systemPropertiesOf(record)),
    },
  };
}

function bodiesOf(binding: BindingInfo, records: readonly LogRecord[]): RpcTypedData {
  return isBinary(binding)
    ? { collectionBytes: { bytes: records.map(({ body }) => body) } }
    : { collectionString: { string: records.map(({ body }) => Buffer.from(body).toString("utf8")) } };
}

function bodyOf(binding: BindingInfo, record: LogRecord): RpcTypedData {
  return isBinary(binding) ? { bytes: record.body } : { string: Buffer.from(record.body).toString("utf8") };
}

function isBinary(binding: BindingInfo): boolean {
  return String(binding["dataType"] ?? "").toLowerCase() === "binary";
}

function systemPropertiesOf(record: LogRecord): Readonly<Record<string, unknown>> {
  const properties: Record<string, unknown> = { ...record.annotations() };
  properties["x-opt-sequence-number"] = Number(record.sequence);
  properties["x-opt-offset"] = record.offset;
  properties["x-opt-enqueued-time"] = utc(record.enqueuedMs);
  for (const name of Object.keys(properties)) properties[name] = plainValue(properties[name]);
  if (record.partitionKey !== null) properties["x-opt-partition-key"] = record.partitionKey;
  if (record.messageId !== null) properties["message-id"] = record.messageId;
  return properties;
}

/** A copy with every value as JSON would bring it over. */
function plainValues(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const plain: Record<string, unknown> = { ...properties };
  for (const name of Object.keys(plain)) plain[name] = plainValue(plain[name]);
  return plain;
}

function plainValue(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "object" && value !== null ? JSON.parse(JSON.stringify(value)) : value;
}

let lastMs = Number.NaN;
let lastText = "";

/** Events of a batch often share their millisecond. */
function utc(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastText;
}

function json(value: unknown): RpcTypedData {
  return { json: JSON.stringify(value) };
}

/** The library hands the members of this collection over untouched, which spares a round trip through JSON for each event. */
function asIs(values: readonly unknown[]): RpcTypedData {
  return { collectionDouble: { double: values } };
}
