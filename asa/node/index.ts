export type { CliContext, ExitCode } from "./cli/context";
export { runCli } from "./cli/main";
export { AsaToolError, type AsaToolErrorCode, asaToolErrors, type FilePlace } from "./errors";
export {
  type FileEvent,
  type FileEvents,
  jsonArrayText,
  jsonLines,
  jsonLinesText,
  type OutputPlace,
  type OutputWriter,
  openOutput,
  readEvents,
  type Serialization,
  writeOutput,
} from "./formats";
export { createFunctionHost, type FunctionLimits, type JavaScriptFunctionHost } from "./functions";
export { createParallelJob, type ParallelJob, type ParallelJobOptions } from "./parallel";
export {
  type ForeignFunction,
  type FunctionDefinition,
  findProjectFile,
  functionDeclarations,
  type InputDefinition,
  inputDeclarations,
  type JobSettings,
  loadNearestProject,
  loadProject,
  type OutputDefinition,
  type Project,
  queryFileOf,
} from "./project";
export {
  type InputSource,
  type LocalRun,
  type LocalRunResult,
  type LocalRunTakers,
  loadInput,
  openInput,
  runQuery,
  runQueryInto,
} from "./run";
export { readTextFile } from "./settings";
export { compareRows, type RowDifference, runTests, type TestOptions, type TestResult } from "./testing";
