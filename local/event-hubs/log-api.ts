/** One event as the broker's log keeps it. */
export interface LogRecord {
  readonly sequence: bigint;
  /** Platform clock, ms since 1970. */
  readonly enqueuedMs: number;
  /** Wall time of the append, for latency figures only. */
  readonly appendedWallMs: number;
  readonly offset: string;
  readonly partitionKey: string | null;
  readonly messageId: string | null;
  /** Application properties and the service's own annotations (`iothub-...`), decoded on demand. */
  properties(): Readonly<Record<string, unknown>>;
  annotations(): Readonly<Record<string, unknown>>;
  /** The AMQP body: the bytes of a data section. */
  readonly body: Uint8Array;
}

/** What one read of a partition gave. */
export interface LogBatch {
  readonly records: readonly LogRecord[];
  /** Where to read next. */
  readonly nextSequence: bigint;
  /** True when nothing follows `nextSequence - 1` at `serverClockMs`. */
  readonly endOfLog: boolean;
  /** The server's platform clock at the moment it looked. No later append has an enqueued time before it. */
  readonly serverClockMs: number;
}

/** An event to append; without `partitionKey` the broker chooses the partition. */
export interface LogAppend {
  readonly body: Uint8Array;
  readonly partitionKey?: string;
  readonly messageId?: string;
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
  readonly annotations?: Readonly<Record<string, string | number | boolean>>;
}

/** The platform's own connection to the broker: no SDK, same log, same rules of order and durability. */
export interface LogClient {
  partitionCount(hub: string): Promise<number>;
  /**
   * Reads from `fromSequence` (0n is the first ever) on; waits up to `waitMs` (wall) for something to read.
   * Reading before the oldest kept event starts at the oldest; beyond the end is an error.
   */
  read(request: {
    readonly hub: string;
    readonly partition: number;
    readonly fromSequence: bigint;
    readonly maxRecords: number;
    readonly maxBytes?: number;
    readonly waitMs: number;
    /** Counts what is read as this group's progress, for backlog figures. */
    readonly consumerGroup?: string;
  }): Promise<LogBatch>;
  /** Appends by partition key (the service's hash) or to `partition`; resolves when the events are durable in the log. */
  append(hub: string, events: readonly LogAppend[], partition?: number): Promise<void>;
  close(): Promise<void>;
}
