export { fileEvents, type ReplayEvent, referenceRows, replayEvents } from "./events";
export { foreignCall } from "./foreign-call";
export {
  type LocalRun,
  type LocalRunResult,
  type LocalRunTakers,
  runQuery,
  runQueryInto,
} from "./run-query";
export { type InputSource, type LoadedInput, loadInput, openInput } from "./source";
