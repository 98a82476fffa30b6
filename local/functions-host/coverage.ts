import { type CoverageEntry, differs, missing, supported } from "../process/coverage";

/** Features of the Azure Functions host, area by area. */
export const functionsHostCoverage: readonly CoverageEntry[] = [
  ...supported(
    "App",
    "Programming model v4 of @azure/functions: registrations, hooks, logs, extra outputs, return values",
    "App settings and %NAME% in bindings",
    "Clean-up by appTerminate when the host stops",
  ),
  differs("App", "Entry point", "`main` names one module; the service also takes a pattern of several."),
  differs(
    "App",
    "host.json",
    "routePrefix, maxEventBatchSize and initialOffsetOptions are heeded; the rest is not.",
  ),
  differs("App", "Connections", "Settings hold connection strings; identities are for the cloud."),
  ...supported(
    "Event Hubs trigger",
    "Batches and single events, as text or bytes, with the metadata of the service's host",
    "One batch at a time per partition, in order",
    "Checkpoints after the handler and its outputs succeeded",
    "Retry policies with fixed delay and exponential backoff, also without limit",
  ),
  differs(
    "Event Hubs trigger",
    "Reading",
    "By the platform's own log client with checkpoints in files, or by the service's SDK with checkpoints in blobs.",
  ),
  differs(
    "Event Hubs trigger",
    "Retries exhausted",
    "The batch is halved until the failing events stand alone; these are kept in dead-letters.ndjson. The service goes on without the batch.",
  ),
  ...supported("Cosmos DB trigger", "Leases in a container, start from beginning or now, retry policies"),
  differs(
    "Cosmos DB trigger",
    "feedPollDelay",
    "The feed is read at least every 200 ms, whatever the function asks for.",
  ),
  missing("Cosmos DB trigger", "All versions and deletes"),
  ...supported("Timer trigger", "NCRONTAB schedules and periods, runOnStartup, missed runs made up for once"),
  differs("Timer trigger", "Time", "Timers run by the platform clock, in UTC."),
  ...supported(
    "HTTP trigger",
    "Routes with parameters, constraints of integers, optional and rest segments; methods; cookies; streams",
  ),
  differs(
    "HTTP trigger",
    "Authorisation levels",
    "Keys are not asked for: the host listens on 127.0.0.1 only.",
  ),
  ...supported("Outputs", "Event Hubs", "Cosmos DB"),
  missing("Inputs", "Any input binding beside the trigger", "Use the service's SDK in the function."),
  missing(
    "Triggers",
    "Queue, Service Bus, Blob, Event Grid and further triggers",
    "The host refuses them when it starts.",
  ),
];
