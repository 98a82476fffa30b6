import {
  type CheckpointStore,
  EventHubConsumerClient,
  earliestEventPosition,
  latestEventPosition,
  type PartitionContext,
  type ReceivedEventData,
  type Subscription,
} from "@azure/event-hubs";
import type { LogRecord } from "../../event-hubs/log-api";
import type { HostLog } from "../invoker";
import type { EventHubTrigger } from "../triggers/event-hub-trigger";
import type { EventReader } from "./reader";

export interface SdkReaderOptions {
  /** Connection string of a function's hub. */
  readonly connectionString: (functionName: string) => string;
  readonly checkpointStore: CheckpointStore;
  readonly maxEventBatchSize: number;
  readonly initialOffset: "fromStart" | "fromEnd";
  readonly signal: AbortSignal;
  readonly log: HostLog;
}

const maxWaitTimeInSeconds = 1;
const retryDelayInMs = 300;

/** Reads through the service's SDK, with its balancing of partitions and its checkpoint store. */
export class SdkReader implements EventReader {
  readonly #options: SdkReaderOptions;
  readonly #subscriptions: Subscription[] = [];
  readonly #clients: EventHubConsumerClient[] = [];

  constructor(options: SdkReaderOptions) {
    this.#options = options;
  }

  async start(trigger: EventHubTrigger): Promise<void> {
    const { connectionString, checkpointStore, maxEventBatchSize, initialOffset, signal, log } =
      this.#options;
    const client = new EventHubConsumerClient(
      trigger.consumerGroup,
      connectionString(trigger.functionName),
      trigger.hub,
      checkpointStore,
      {
        retryOptions: { retryDelayInMs, maxRetries: 3 },
        loadBalancingOptions: { strategy: "greedy", updateIntervalInMs: 1_000 },
      },
    );
    this.#clients.push(client);
    this.#subscriptions.push(
      client.subscribe(
        {
          processEvents: async (events, context) => {
            if (events.length === 0 || signal.aborted) return;
            try {
              await trigger.handle(Number(context.partitionId), events.map(recordOf));
              await context.updateCheckpoint(events.at(-1) as ReceivedEventData);
            } catch (error) {
              if (!signal.aborted) throw error;
            }
          },
          processError: async (error: Error, context: PartitionContext) => {
            if (signal.aborted) return;
            log("warn", `reading ${trigger.hub}/${context.partitionId} for ${trigger.functionName} failed`, {
              error: error.message,
            });
          },
        },
        {
          maxBatchSize: maxEventBatchSize,
          maxWaitTimeInSeconds,
          skipParsingBodyAsJson: true,
          startPosition: initialOffset === "fromStart" ? earliestEventPosition : latestEventPosition,
        },
      ),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}

/** An event of the SDK as a record of the log; the SDK does not tell the wall time of the append. */
function recordOf(event: ReceivedEventData): LogRecord {
  const { body, correlationId: _, ...rest } = event;
  return {
    sequence: BigInt(rest.sequenceNumber),
    enqueuedMs: rest.enqueuedTimeUtc.getTime(),
    appendedWallMs: Number.NaN,
    offset: String(rest.offset),
    partitionKey: rest.partitionKey,
    messageId: rest.messageId === undefined ? null : String(rest.messageId),
    properties: () => rest.properties ?? {},
    annotations: () => rest.systemProperties ?? {},
    body: bytesOf(body),
  };
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body ?? null));
}
