export type * from "./api";
export { type Dialect, type DialectSwitch, defaultDialect, dialectSwitches, resolveDialect } from "./dialect";
export { AsaError, type AsaErrorCode, asaErrors } from "./errors";
export { formatDiagnostic } from "./language";
export { type Compilation, compile, type ExplainStage, explain, type LogicalPlan } from "./plan";
