import type { LoggedMessage } from "../accounting/fates";
import type { LogClient } from "../event-hubs/log-api";

const decoder = new TextDecoder("utf-8");

/** Reads a hub's whole log, partition by partition, as far as it goes at the moment of the call. */
export async function* readHubLog(log: LogClient, hub: string): AsyncGenerator<LoggedMessage> {
  const partitions = await log.partitionCount(hub);
  for (let partition = 0; partition < partitions; partition++) {
    let fromSequence = 0n;
    for (;;) {
      const batch = await log.read({ hub, partition, fromSequence, maxRecords: 5000, waitMs: 0 });
      for (const record of batch.records) {
        yield {
          messageId: record.messageId ?? `${partition}-${record.sequence}`,
          body: decoder.decode(record.body),
          enqueuedMs: record.enqueuedMs,
          partition,
          sequence: record.sequence,
        };
      }
      fromSequence = batch.nextSequence;
      if (batch.endOfLog || batch.records.length === 0) break;
    }
  }
}
