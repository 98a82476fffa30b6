export { type AlertField, type AlertRule, alertRules } from "./alert-rules";
export {
  compareWindows,
  differingValues,
  sumTolerance,
  type ViewWindow,
  type WindowComparison,
  type WindowDifference,
  windowIdentity,
} from "./equality";
export { breakingChanges, type EventField, type EventSchema } from "./evolution";
export {
  type CaptureSettings,
  type ConsumerGroup,
  type CosmosContainer,
  type EventHub,
  type FunctionBinding,
  hubNamed,
  jobNamed,
  type Stage,
  type StreamJob,
  type Topology,
  topology,
} from "./topology";
export {
  type EventTimeMs,
  type Ticks,
  ticksFromUnixMs,
  ticksPerMs,
  unixEpochTicks,
  unixMsFromTicks,
} from "./units";
export {
  checkFactoryTelemetry,
  type FactoryTelemetry,
  type InvalidReason,
  type Validity,
} from "./validity";
