export type { Alert } from "./domain/alerts";
export type { DeviceState } from "./domain/device-state";
export {
  getViews,
  type ViewAnswer,
  type ViewRange,
  type ViewRequest,
  type ViewStore,
} from "./domain/get-views";
export { mergeViews, type ServedWindow, watermarkOf } from "./domain/merge";
export type { QuarantinedMessage, ReplayRecord } from "./domain/quarantine";
export { canonicalTime, canonicalTimeOfMs, msOfTime, windowLengthMs } from "./domain/utc-time";
export {
  averagesOf,
  type BatchViewRow,
  combineValues,
  type ViewAverages,
  type ViewPointer,
  type ViewRow,
  type ViewValues,
  valuesOf,
  viewPartitionKey,
} from "./domain/view-rows";
