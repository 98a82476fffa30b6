export {
  fileEvents,
  type LoadedInput,
  loadInput,
  type ReplayEvent,
  referenceRows,
  replayEvents,
} from "./events";
export { foreignCall } from "./foreign-call";
export { type LocalRun, type LocalRunResult, runQuery } from "./run-query";
