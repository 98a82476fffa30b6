export { type Checkpoint, readCheckpoint, writeCheckpoint } from "./checkpoint";
export { streamAnalyticsCoverage } from "./coverage";
export { DiagnosticsFile, type DroppedEvent, readDiagnostics } from "./diagnostics-file";
export { JobRunner, type JobRunnerOptions } from "./job-runner";
export { type JobSource, type LiveJob, openLiveJob } from "./live-job";
export { type LoadedJob, loadJob } from "./load-job";
export { rowDocument } from "./row-document";
export { type ViewDocument, ViewOutput, type ViewOutputOptions } from "./view-output";
