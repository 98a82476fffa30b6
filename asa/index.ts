export type * from "./api";
export { type Dialect, type DialectSwitch, defaultDialect, dialectSwitches, resolveDialect } from "./dialect";
export { AsaError, type AsaErrorCode, asaErrors } from "./errors";
export { formatDiagnostic } from "./language";
export { type Compilation, compile, compilePlan, type ExplainStage, explain, type LogicalPlan } from "./plan";
export { type PartitionObstacle, partitionObstacle } from "./plan/partitioned";
export { createJob, type DisorderMeter, disorderMeter } from "./runtime";
export {
  AsaRecord,
  DateTime,
  formatDateTime,
  JsonReadError,
  JsonReader,
  parseDateTime,
  readJson,
  type StaticType,
  ticksFromUnixMillis,
  unixMillisFromTicks,
  type Value,
  type ValueType,
  writeJson,
  writeJsonObject,
} from "./values";
