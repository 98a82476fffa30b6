export {
  cutMessage,
  type DecodedMessage,
  decodeMessage,
  eachBatched,
  envelopeAnnotations,
  type MessageParts,
  plainValue,
} from "./sections";
export { minStoredBytes, storedBytesAtMost, storedLength, storedOffset, writeStored } from "./stored";
