import { type CoverageEntry, differs, missing, supported } from "../process/coverage";

/** What running a stream job live does and does not do; the query language has a page of its own, docs/asa-coverage.md. */
export const streamAnalyticsCoverage: readonly CoverageEntry[] = [
  ...supported(
    "Jobs",
    "Projects in the official layout, with the policies of JobConfig.json",
    "Late, early and out-of-order policies by arrival time",
    "Start again from a checkpoint after a stop or a kill",
    "JavaScript functions and aggregates",
  ),
  differs(
    "Jobs",
    "Bodies of messages",
    "A message is one event (docs/adr/0005-one-event-per-message.md); the service reads an array, or several objects, as several events.",
  ),
  differs(
    "Jobs",
    "Start",
    "A job without a checkpoint reads from the beginning of the hub's log; the service asks for a start time.",
  ),
  differs(
    "Jobs",
    "Streaming units",
    "A job runs in one process, on one core or with its partitions spread over worker threads.",
  ),
  differs(
    "Jobs",
    "Dropped events",
    "Each one is named in diagnostics.ndjson and on the page; the service counts them in metrics and samples them in its log.",
  ),
  ...supported("Inputs", "Event Hubs in a consumer group of the job's own"),
  missing("Inputs", "IoT Hub, Blob storage and Kafka as live inputs", "The asa command reads files."),
  missing(
    "Inputs",
    "Reference data in a live job",
    "The asa command and its test cases join reference data.",
  ),
  ...supported("Outputs", "Cosmos DB by document id, at least once, in order"),
  differs(
    "Outputs",
    "asOf",
    "Each document carries the platform time of its computation in a field of that name.",
  ),
  missing("Outputs", "Event Hubs, Blob storage, SQL, Functions and further outputs in a live job"),
];
