export {
  findProjectFile,
  type ProjectItem,
  type ProjectItemKind,
  type ProjectList,
  readProjectList,
} from "./asaproj";
export type { ForeignFunction, FunctionDefinition } from "./functions";
export { type InputDefinition, inputOf, type LocalData } from "./inputs";
export { defaultJobSettings, type JobSettings, readJobConfig } from "./job-config";
export type { OutputDefinition } from "./outputs";
export { isWindowsAbsolute, resolveProjectPath } from "./paths";
export {
  functionDeclarations,
  inputDeclarations,
  loadNearestProject,
  loadProject,
  localInputs,
  type Project,
  queryFileOf,
} from "./project";
