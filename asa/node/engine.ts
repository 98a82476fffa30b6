export {
  AsaError,
  type AsaErrorCode,
  asaErrors,
  compile,
  compilePlan,
  createJob,
  disorderMeter,
  type ExplainStage,
  explain,
  formatDiagnostic,
  type LogicalPlan,
  partitionObstacle,
} from "../index";
