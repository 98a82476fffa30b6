export type { UnreadablePart } from "./csv-reader";
export { type DataBytes, inMemory, onDisk } from "./data-bytes";
export { JsonSplitter, splitJsonEvents } from "./json-splitter";
export { allEvents, type FileEvent, type FileEvents, type FilePiece, filePieces, readEvents } from "./read";
export { RowSpool } from "./row-spool";
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
export {
  jsonArrayText,
  jsonLinesText,
  type OutputPlace,
  type OutputWriter,
  openOutput,
  writeOutput,
} from "./write";
