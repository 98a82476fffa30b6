import { type CoverageEntry, differs, missing, supported } from "../process/coverage";

/** Features of Event Hubs, area by area. */
export const eventHubsCoverage: readonly CoverageEntry[] = [
  ...supported(
    "Sending",
    "Single events and batches, by partition, by partition key or spread over all partitions",
    "The service's hash from partition key to partition",
    "Buffered and idempotent producers",
    "Refusal of messages above the size limit",
  ),
  differs(
    "Sending",
    "Durability",
    "A send is acknowledged when the operating system has the bytes: a kill of the process loses nothing, a power cut may.",
  ),
  differs(
    "Sending",
    "Throughput",
    "There are no throughput units and no throttling; a full disk refuses sends with amqp:resource-limit-exceeded.",
  ),
  ...supported(
    "Reading",
    "Consumer groups with partition readers and owner levels",
    "Positions: beginning, end, offset, sequence number, enqueued time",
    "Runtime metrics of the last enqueued event",
    "Five readers without owner level for each group and partition",
    "Checkpoints and load balancing of the SDK over blob storage",
  ),
  differs(
    "Reading",
    "Time",
    "Enqueued times are the platform clock's, which may run faster than the wall or begin at another moment.",
  ),
  ...supported(
    "Management",
    "Properties of hubs and partitions",
    "Shared access signatures and policies with Send, Listen and Manage; $cbs",
    "Retention by time and by size; what Capture has not yet written is kept",
  ),
  differs(
    "Management",
    "Hubs and consumer groups",
    "They stand in contracts/topology.json; nothing creates or changes them while the server runs.",
  ),
  missing(
    "Connections",
    "AMQP over TLS (port 5671)",
    "Clients use the emulator's form of connection string.",
  ),
  missing("Connections", "AMQP over WebSockets"),
  missing("Connections", "Kafka endpoint", "Use AMQP; in Azure the same hubs take Kafka clients."),
  missing("Connections", "HTTPS endpoint for sending"),
  missing("Connections", "Microsoft Entra ID", "Use a shared access policy."),
  missing("Further", "Publisher policies"),
  missing("Further", "Compacted hubs (log compaction)"),
  missing("Further", "Schema registry", "Schemas stand in contracts/events."),
  missing("Further", "Geo-replication, geo-disaster recovery and application groups"),
];
