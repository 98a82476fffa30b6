export { createFunctionHost, type JavaScriptFunctionHost } from "./host";
export type { FunctionLimits } from "./sandbox";
