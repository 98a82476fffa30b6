import { setTimeout as sleep } from "node:timers/promises";
import type { LogClient } from "../../event-hubs/log-api";
import { abortable } from "../abortable";
import { CheckpointFile } from "../checkpoints";
import type { HostLog } from "../invoker";
import type { EventHubTrigger } from "../triggers/event-hub-trigger";
import type { EventReader } from "./reader";

export interface LogReaderOptions {
  readonly client: LogClient;
  readonly dataFolder: string;
  readonly maxEventBatchSize: number;
  readonly initialOffset: "fromStart" | "fromEnd";
  readonly signal: AbortSignal;
  readonly log: HostLog;
}

const waitMs = 1_000;
const maxBatchBytes = 4 << 20;
const maxPauseMs = 2_000;
const endOfLogSearchRecords = 10_000;

/** Reads through the platform's own log client; positions are files in the data folder. */
export class LogReader implements EventReader {
  readonly #options: LogReaderOptions;
  readonly #loops: Promise<void>[] = [];
  readonly #checkpoints: CheckpointFile[] = [];

  constructor(options: LogReaderOptions) {
    this.#options = options;
  }

  async start(trigger: EventHubTrigger): Promise<void> {
    const { dataFolder, log } = this.#options;
    const { functionName, hub, consumerGroup } = trigger;
    const checkpoints = new CheckpointFile(dataFolder, functionName, hub, consumerGroup, (error) =>
      log("warn", `the checkpoint of ${functionName} is not written; trying again`, { error: String(error) }),
    );
    this.#checkpoints.push(checkpoints);
    const partitions = await this.#untilItAnswers(`count the partitions of ${hub}`, () =>
      this.#options.client.partitionCount(hub),
    );
    for (let partition = 0; partition < partitions; partition++) {
      this.#loops.push(this.#feed(trigger, partition, checkpoints));
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#loops);
    for (const checkpoints of this.#checkpoints) checkpoints.close();
  }

  async #feed(trigger: EventHubTrigger, partition: number, checkpoints: CheckpointFile): Promise<void> {
    const { signal, client, maxEventBatchSize, log } = this.#options;
    const { hub, consumerGroup, functionName } = trigger;
    const place = `${hub}/${partition} for ${functionName}`;
    try {
      let next = checkpoints.get(partition) ?? (await this.#firstPosition(hub, partition));
      while (!signal.aborted) {
        const fromSequence = next;
        const batch = await this.#untilItAnswers(`read ${place} from ${fromSequence}`, () =>
          client.read({
            hub,
            partition,
            fromSequence,
            maxRecords: maxEventBatchSize,
            maxBytes: maxBatchBytes,
            waitMs,
            consumerGroup,
          }),
        );
        if (signal.aborted) break;
        await trigger.handle(partition, batch.records);
        next = batch.nextSequence;
        if (batch.records.length > 0) checkpoints.set(partition, next);
      }
    } catch (error) {
      if (!signal.aborted) log("error", `stopped reading ${place}`, { error: String(error) });
    }
  }

  /** Where a group without a checkpoint begins. */
  async #firstPosition(hub: string, partition: number): Promise<bigint> {
    if (this.#options.initialOffset === "fromStart") return 0n;
    for (let fromSequence = 0n; ; ) {
      const batch = await this.#untilItAnswers(`find the end of ${hub}/${partition}`, () =>
        this.#options.client.read({
          hub,
          partition,
          fromSequence,
          maxRecords: endOfLogSearchRecords,
          waitMs: 0,
        }),
      );
      if (batch.endOfLog) return batch.nextSequence;
      fromSequence = batch.nextSequence;
    }
  }

  /**
   * Repeats a request until the broker answers; the first failure of an outage is logged, and its end.
   * @throws the signal's reason as soon as the host stops, even while a request waits for the broker.
   */
  async #untilItAnswers<T>(what: string, request: () => Promise<T>): Promise<T> {
    const { signal, log } = this.#options;
    for (let failures = 0; ; failures++) {
      try {
        const answer = await abortable(request(), signal);
        if (failures > 0) log("info", `the broker answers again: ${what}`);
        return answer;
      } catch (error) {
        signal.throwIfAborted();
        if (failures === 0) log("warn", `cannot ${what}; trying again`, { error: String(error) });
        await sleep(Math.min(maxPauseMs, 100 * 2 ** Math.min(failures, 6)), undefined, { signal });
      }
    }
  }
}
