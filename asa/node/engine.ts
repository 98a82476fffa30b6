export { AsaError, asaErrors } from "../errors";
export { formatDiagnostic } from "../language";
export { compile, type ExplainStage, explain } from "../plan";
export { createJob } from "../runtime";
