export { captureSchema } from "./avro";
export {
  type CapturedHub,
  type CaptureOptions,
  type CaptureServer,
  type PartitionProgress,
  startCapture,
} from "./capture";
export { captureCoverage } from "./coverage";
export {
  type CapturedFile,
  type CapturedRange,
  capturedRange,
  listCaptured,
  type PartitionPath,
  partitionPrefix,
} from "./lake";
export { capturedHubs } from "./topology";
