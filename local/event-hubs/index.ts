export type { AccessKey, AccessRight, HubOptions } from "./broker";
export { partitionOfKey } from "./broker";
export { eventHubsCoverage } from "./coverage";
export { EventHubsError, type EventHubsErrorCode, eventHubsErrors } from "./errors";
export type { LogAppend, LogBatch, LogClient, LogRecord } from "./log-api";
export { connectLog, type LogClientOptions, type PlatformLogClient } from "./log-client";
export { type EventHubsOptions, type EventHubsServer, startEventHubs } from "./server";
export { storedClockMs } from "./store";
export { captureHolder, hubsOfTopology } from "./topology";
