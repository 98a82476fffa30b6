export { Connection, type ConnectionBroker } from "./connection";
export { AmqpReader, type AmqpValue, Described, decodeValue } from "./decode";
export {
  AmqpWriter,
  described,
  double,
  type Encodable,
  encodeValue,
  int,
  list,
  long,
  map,
  short,
  symbol,
  type Typed,
  uint,
  ulong,
} from "./encode";
export { codes } from "./frames";
export { IncomingLink, type IncomingMessage } from "./link";
export { OutgoingLink } from "./outgoing-link";
export type { SaslChoice } from "./sasl";
export { transferHeaderBytes, writeTransferHeader } from "./transfer";
