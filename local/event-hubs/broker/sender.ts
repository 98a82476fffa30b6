import { randomBytes } from "node:crypto";
import {
  type AmqpValue,
  type Encodable,
  encodeValue,
  type IncomingLink,
  type IncomingMessage,
  int,
  long,
  short,
  symbol,
} from "../amqp";
import { EventHubsError } from "../errors";
import { cutMessage, eachBatched, envelopeAnnotations, type MessageParts } from "../message";
import type { Writer } from "../store";
import type { Hub } from "./hub";
import { admitProducer, epochStolen } from "./idempotency";
import type { Intake } from "./intake";

/** Size of a message that the hub takes, batch envelope included; the standard tier's figure. */
export const maxMessageBytes = 1_048_576;
const credit = 300;
const batchFormat = 0x8001_3700;
const idempotentCapability = "com.microsoft:idempotent-producer";
const epochKey = "com.microsoft:producer-epoch";
const idKey = "com.microsoft:producer-id";
const sequenceKey = "com.microsoft:producer-sequence-number";
const partitionKeyKey = "x-opt-partition-key";

interface Producer {
  readonly id: bigint;
  readonly epoch: number;
}

/** Adds the envelope's partition key to an event that does not name it itself. */
function withPartitionKey(parts: MessageParts, key: string | undefined): MessageParts {
  if (key === undefined || parts.partitionKey !== undefined) return parts;
  const pair = Buffer.concat([encodeValue(symbol(partitionKeyKey)), encodeValue(key)]);
  return {
    ...parts,
    annotations: [...parts.annotations, pair],
    annotationCount: parts.annotationCount + 2,
    partitionKey: key,
  };
}

/** Cuts what a publisher sent into its events; all share the partition key. */
function readEvents({ payload, messageFormat }: IncomingMessage): {
  readonly events: MessageParts[];
  readonly partitionKey: string | undefined;
} {
  if (messageFormat !== batchFormat) {
    const parts = cutMessage(payload);
    return { events: [parts], partitionKey: parts.partitionKey };
  }
  const events: MessageParts[] = [];
  eachBatched(payload, (start, end) => events.push(cutMessage(payload, start, end)));
  const key = envelopeAnnotations(payload).get(partitionKeyKey);
  const partitionKey = typeof key === "string" ? key : events[0]?.partitionKey;
  return { events: events.map((event) => withPartitionKey(event, partitionKey)), partitionKey };
}

function openProducer(hub: Hub, partition: number, link: IncomingLink): { producer: Producer; last: number } {
  const { properties } = link.request;
  const givenId = properties.get(idKey) ?? null;
  const givenEpoch = properties.get(epochKey) ?? null;
  const givenSequence = properties.get(sequenceKey) ?? null;
  const id =
    typeof givenId === "number" || typeof givenId === "bigint"
      ? BigInt(givenId)
      : BigInt(randomBytes(4).readUInt32BE(0) >>> 1);
  const known = hub.partition(partition).lastWriter("producer", id);
  const epoch = typeof givenEpoch === "number" ? givenEpoch : (known?.epoch ?? -1) + 1;
  if (known !== undefined && known.epoch > epoch) throw epochStolen(id, known.epoch, epoch);
  const claimed = typeof givenSequence === "number" ? givenSequence : 0;
  const last = known !== undefined && known.epoch === epoch ? known.sequence : claimed;
  return { producer: { id, epoch }, last };
}

/** Sequence number that the publisher gave the first event; clients write it into the envelope, the event, or both. */
function firstSequence(payload: Buffer): AmqpValue {
  const given = envelopeAnnotations(payload).get(sequenceKey) ?? null;
  if (given !== null) return given;
  let inner: AmqpValue | undefined;
  eachBatched(payload, (start, end) => {
    inner ??= envelopeAnnotations(payload.subarray(start, end)).get(sequenceKey) ?? null;
  });
  return inner ?? null;
}

function writerOf(producer: Producer, payload: Buffer, count: number): Writer {
  const first = firstSequence(payload);
  if (typeof first !== "number") {
    throw new EventHubsError(
      "amqp:invalid-field",
      `An idempotent batch must carry the annotation '${sequenceKey}'.`,
    );
  }
  return { kind: "producer", ...producer, sequence: first + count - 1 };
}

/**
 * Serves a publisher's link to a hub or one of its partitions: takes single messages and batches, chooses the partition
 * by key or in turn, and accepts each when it is on disk.
 */
export function serveSender(
  hub: Hub,
  partition: number | undefined,
  link: IncomingLink,
  intake: Intake,
): void {
  if (partition !== undefined) hub.partition(partition);
  const idempotent = link.request.desiredCapabilities.includes(idempotentCapability);
  let producer: Producer | undefined;
  let properties: (readonly [string, Encodable])[] | undefined;
  if (idempotent) {
    if (partition === undefined) {
      throw new EventHubsError("amqp:not-allowed", "An idempotent producer must name its partition.");
    }
    const opened = openProducer(hub, partition, link);
    producer = opened.producer;
    properties = [
      [epochKey, short(producer.epoch)],
      [idKey, long(producer.id)],
      [sequenceKey, int(opened.last)],
    ];
  }

  const take = async (message: IncomingMessage): Promise<void> => {
    const { events, partitionKey } = readEvents(message);
    if (events.length === 0) return;
    const target = partition ?? hub.choose(partitionKey);
    if (producer === undefined) {
      await hub.append(target, events);
      return;
    }
    const writer = writerOf(producer, message.payload, events.length);
    const log = hub.partition(target);
    if (admitProducer(log, writer, events.length) === "append") await hub.append(target, events, writer);
    else await log.flushed();
  };

  link.open(
    {
      maxMessageBytes,
      credit,
      ...(properties && { properties, offeredCapabilities: [idempotentCapability] }),
    },
    (message) => {
      intake.enter(message.payload.length);
      take(message)
        .then(
          () => message.settle(),
          (error) => message.settle(EventHubsError.from(error)),
        )
        .finally(() => intake.leave(message.payload.length));
    },
  );
}
