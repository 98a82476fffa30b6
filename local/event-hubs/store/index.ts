export type { Writer } from "./group";
export { storedClockMs } from "./last-enqueued";
export type { Position } from "./lookup";
export { type Appended, PartitionLog, type PartitionState } from "./partition-log";
export { recoverLog } from "./recovery";
export type { LogRun } from "./run";
export { SegmentCache } from "./segment-cache";
