import type { LogBatch, LogClient, LogRecord } from "../../../../local/event-hubs";

/** A broker's log in memory, as its internal clients see it, with a clock that the test moves. */
export class MemoryLog implements LogClient {
  readonly #partitions: LogRecord[][];
  /** What the server says at the end of a partition. */
  nowMs: number;

  constructor(partitions: number, nowMs: number) {
    this.#partitions = Array.from({ length: partitions }, () => []);
    this.nowMs = nowMs;
  }

  add(partition: number, messageId: string, body: string, enqueuedMs: number): void {
    const records = this.#partitions[partition]!;
    const sequence = BigInt(records.length);
    records.push({
      sequence,
      enqueuedMs,
      appendedWallMs: Date.now(),
      offset: String(sequence),
      partitionKey: null,
      messageId,
      properties: () => ({}),
      annotations: () => ({}),
      body: Buffer.from(body),
    });
    this.nowMs = Math.max(this.nowMs, enqueuedMs);
  }

  async partitionCount(): Promise<number> {
    return this.#partitions.length;
  }

  async read({ partition, fromSequence, maxRecords }: Parameters<LogClient["read"]>[0]): Promise<LogBatch> {
    // A turn of the event loop, so that readers of an idle log do not keep everybody else from running.
    await new Promise((resolve) => setImmediate(resolve));
    const all = this.#partitions[partition]!;
    if (fromSequence > BigInt(all.length)) throw new Error(`${fromSequence} lies beyond the end of the log`);
    const records = all.slice(Number(fromSequence), Number(fromSequence) + Math.min(maxRecords, 7));
    const nextSequence = fromSequence + BigInt(records.length);
    return {
      records,
      nextSequence,
      endOfLog: nextSequence === BigInt(all.length),
      serverClockMs: this.nowMs,
    };
  }

  append(): Promise<void> {
    return Promise.reject(new Error("only tests write to this log"));
  }

  async close(): Promise<void> {}
}
