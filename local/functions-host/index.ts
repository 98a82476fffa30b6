export { functionsHostCoverage } from "./coverage";
export { type FunctionApp, startFunctionApp } from "./function-app";
export { FunctionsCore } from "./functions-core";
export {
  type FunctionsHost,
  type FunctionsHostOptions,
  type ReaderChoice,
  startFunctionsHost,
} from "./host";
export { type HostConfig, readHostConfig } from "./host-config";
export { loadFunctionApp } from "./load-app";
export type { FunctionsHostConfig } from "./main-config";
