import { EventHubsError } from "../errors";
import type { PartitionLog, Writer } from "../store";

/** What to do with a batch of a writer that numbers its events. */
export type Admission = "append" | "duplicate";

/**
 * Decides by what the log has of the producer: the next batch is appended, one that is there already is not.
 * @throws {EventHubsError} com.microsoft:producer-epoch-stolen for an epoch below the log's; com.microsoft:out-of-order-sequence
 * for a batch that leaves a gap or repeats a part of another.
 */
export function admitProducer(log: PartitionLog, writer: Writer, count: number): Admission {
  const last = log.lastWriter("producer", writer.id);
  const first = writer.sequence - count + 1;
  if (last === undefined || last.epoch < writer.epoch) return "append";
  if (last.epoch > writer.epoch) throw epochStolen(writer.id, last.epoch, writer.epoch);
  if (first === last.sequence + 1) return "append";
  if (writer.sequence <= last.sequence) return "duplicate";
  throw new EventHubsError(
    "com.microsoft:out-of-order-sequence",
    `The batch of producer '${writer.id}' begins with sequence number ${first}, but the last one published is ${last.sequence}.`,
  );
}

export function epochStolen(id: bigint, current: number, given: number): EventHubsError {
  return new EventHubsError(
    "com.microsoft:producer-epoch-stolen",
    `Producer '${id}' with a higher epoch '${current}' already exists. A producer with epoch ${given} cannot publish.`,
  );
}
