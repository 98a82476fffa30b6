export {
  AsaError,
  asaErrors,
  compile,
  createJob,
  type ExplainStage,
  explain,
  formatDiagnostic,
} from "../index";
