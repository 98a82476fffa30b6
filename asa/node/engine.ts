export {
  AsaError,
  type AsaErrorCode,
  asaErrors,
  compile,
  compilePlan,
  createJob,
  type ExplainStage,
  explain,
  formatDiagnostic,
  partitionObstacle,
} from "../index";
