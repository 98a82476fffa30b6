export { Broker } from "./broker";
export { Hub, type HubOptions } from "./hub";
export { admitProducer } from "./idempotency";
export { hashPartitionKey, partitionOfKey } from "./partition-key";
export type { AccessKey, AccessRight } from "./tokens";
