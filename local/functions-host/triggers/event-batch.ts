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
      SequenceNumberArray: json(records.map(({ sequence }) => Number(sequence))),
      OffsetArray: json(records.map(({ offset }) => offset)),
      EnqueuedTimeUtcArray: json(records.map(({ enqueuedMs }) => utc(enqueuedMs))),
      PartitionKeyArray: json(records.map(({ partitionKey }) => partitionKey)),
      PropertiesArray: json(records.map((record) => record.properties())),
      SystemPropertiesArray: json(records.map(systemPropertiesOf)),
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
      Properties: json(record.properties()),
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
  return {
    ...record.annotations(),
    "x-opt-sequence-number": Number(record.sequence),
    "x-opt-offset": record.offset,
    "x-opt-enqueued-time": utc(record.enqueuedMs),
    ...(record.partitionKey !== null && { "x-opt-partition-key": record.partitionKey }),
    ...(record.messageId !== null && { "message-id": record.messageId }),
  };
}

function utc(ms: number): string {
  return new Date(ms).toISOString();
}

function json(value: unknown): RpcTypedData {
  return { json: JSON.stringify(value, (_, item) => (typeof item === "bigint" ? Number(item) : item)) };
}
