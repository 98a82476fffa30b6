export type { UnreadablePart } from "./csv-reader";
export { splitJsonEvents } from "./json-reader";
export { type FileEvent, type FileEvents, readEvents } from "./read";
export {
  type Compression,
  type DataFormat,
  delimiterNamed,
  formatNamed,
  formatOfFile,
  jsonLines,
  readSerialization,
  type Serialization,
} from "./serialization";
export { jsonArrayText, jsonLinesText, writeOutput } from "./write";
