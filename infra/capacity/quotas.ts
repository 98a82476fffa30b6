/** A documented limit of a service, as the planner uses it. */
export interface Quota {
  readonly value: number;
  readonly source: string;
}

const quota = (value: number, source: string): Quota => ({ value, source });

const eventHubs = "Event Hubs, quotas and scalability (learn.microsoft.com, read 2026-11-21)";
const iotHub = "IoT Hub, quotas and throttling (learn.microsoft.com, read 2026-11-21)";
const measured = "Azure-Samples/streaming-at-scale, measured at 10,000 events of 1 KB a second";

/** Limits that decide sizes. */
export const quotas = {
  throughputUnitEvents: quota(1_000, `${eventHubs}: 1,000 events/s in a throughput unit`),
  throughputUnitBytes: quota(1_000_000, `${eventHubs}: 1 MB/s in a throughput unit`),
  throughputUnitEgressEvents: quota(4_096, `${eventHubs}: 4,096 events/s out a throughput unit`),
  throughputUnitEgressBytes: quota(2_000_000, `${eventHubs}: 2 MB/s out a throughput unit`),
  throughputUnits: quota(40, `${eventHubs}: 40 throughput units a namespace`),
  standardPartitions: quota(32, `${eventHubs}: 32 partitions a hub in Standard`),
  eventBytes: quota(1_048_576, `${eventHubs}: 1 MB an event`),
  processingUnitBytesLow: quota(5_000_000, `${eventHubs}: 5 to 10 MB/s in a processing unit; the lower end`),
  processingUnitBytesHigh: quota(
    10_000_000,
    `${eventHubs}: 5 to 10 MB/s in a processing unit; the upper end`,
  ),
  processingUnits: quota(16, `${eventHubs}: 16 processing units`),
  s1DailyMessages: quota(400_000, `${iotHub}: 400,000 messages a day and unit of S1`),
  s2DailyMessages: quota(6_000_000, `${iotHub}: 6,000,000 messages a day and unit of S2`),
  s3DailyMessages: quota(300_000_000, `${iotHub}: 300,000,000 messages a day and unit of S3`),
  s1SendsPerSecond: quota(12, `${iotHub}: the higher of 100 and 12 sends/s a unit of S1`),
  s2SendsPerSecond: quota(120, `${iotHub}: 120 sends/s a unit of S2`),
  s3SendsPerSecond: quota(6_000, `${iotHub}: 6,000 sends/s a unit of S3`),
  iotMeterBytes: quota(4_096, `${iotHub}: messages are metered in blocks of 4 KB`),
  iotUnits: quota(200, `${iotHub}: 200 units of S1 and S2`),
  iotS3Units: quota(10, `${iotHub}: 10 units of S3`),
  iotDevices: quota(1_000_000, `${iotHub}: 1,000,000 devices a hub`),
  jobEventsToCosmos: quota(10_000 / 6, `${measured}: 6 streaming units V2 into Cosmos DB`),
  jobEventsToHub: quota(10_000 / 3, `${measured}: 3 streaming units V2 into Event Hubs or SQL`),
  jobUnits: quota(12, "Stream Analytics in azurerm: 12 streaming units V2 (120) a job"),
  upsertRequestUnits: quota(8.5, `${measured}: 8.5 RU an upsert of 1 KB with a trimmed index`),
  serverlessRequestUnits: quota(5_000, "Cosmos DB, serverless: 5,000 RU/s a container"),
  dataExplorerNodeEvents: quota(10_000 / 3, `${measured}: 3 nodes of eight cores`),
  functionEvents: quota(500, `${measured}: 20 instances into Cosmos DB`),
} as const satisfies Readonly<Record<string, Quota>>;
