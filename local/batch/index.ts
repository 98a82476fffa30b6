export { type Batch, type BatchOptions, type BatchResult, type BatchRun, startBatch } from "./batch";
export { type BatchCall, type BatchProcessConfig, createBatchProcess } from "./batch-process";
export { type BatchProgress, NotebookProcessEnded } from "./notebook-process";
export { readSetupRecord, repositoryFolder, type SetupRecord } from "./setup-record";
