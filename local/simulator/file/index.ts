export { type FileTicksOptions, fileTicks } from "./file-ticks";
export { parseMap, readMap, type TelemetryMap } from "./map";
export { type PreparedFile, type PrepareOptions, prepareFile } from "./prepared-file";
