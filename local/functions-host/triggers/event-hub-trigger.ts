import type { LogRecord } from "../../event-hubs/log-api";
import type { DeadLetterFile } from "../dead-letters";
import type { Invoker } from "../invoker";
import { textProperty, triggerOf } from "../settings";
import { type BatchSource, batchInput, eventInput } from "./event-batch";

/** One function on a hub: takes batches of one partition, and returns once they are handled for good. */
export class EventHubTrigger {
  readonly functionName: string;
  readonly hub: string;
  readonly consumerGroup: string;
  readonly #invoker: Invoker;
  readonly #deadLetters: DeadLetterFile;
  readonly #signal: AbortSignal;
  readonly #trigger: ReturnType<typeof triggerOf>;

  constructor(invoker: Invoker, deadLetters: DeadLetterFile, signal: AbortSignal) {
    const { metadata } = invoker;
    this.#invoker = invoker;
    this.#deadLetters = deadLetters;
    this.#signal = signal;
    this.#trigger = triggerOf(metadata);
    this.functionName = metadata.name;
    this.hub = textProperty(this.#trigger.binding, "eventHubName", metadata.name);
    this.consumerGroup = String(this.#trigger.binding["consumerGroup"] ?? "$Default");
  }

  /**
   * Handles a batch: afterwards each of its events went through the function, outputs included, or is a dead letter.
   * @throws the signal's reason when the host stops before that.
   */
  async handle(partition: number, records: readonly LogRecord[]): Promise<void> {
    if (records.length === 0) return;
    if (this.#trigger.binding["cardinality"] === "many") {
      await this.#deliver(partition, records);
    } else {
      for (const record of records) await this.#deliver(partition, [record]);
    }
    const { figures } = this.#invoker;
    figures.events += records.length;
    const now = Date.now();
    for (const { appendedWallMs } of records) {
      if (Number.isFinite(appendedWallMs)) figures.latenciesMs.add(now - appendedWallMs);
    }
  }

  async #deliver(partition: number, records: readonly LogRecord[]): Promise<void> {
    try {
      await this.#invoker.withPolicy(this.#input(partition, records), this.#signal);
    } catch (error) {
      this.#signal.throwIfAborted();
      await this.#isolate(partition, records, error);
    }
  }

  /** Halves a batch that failed for good, so that only the events which fail alone become dead letters. */
  async #isolate(partition: number, records: readonly LogRecord[], error: unknown): Promise<void> {
    if (records.length === 1) {
      await this.#bury(partition, records[0] as LogRecord, error);
      return;
    }
    const middle = Math.ceil(records.length / 2);
    for (const half of [records.slice(0, middle), records.slice(middle)]) {
      this.#signal.throwIfAborted();
      try {
        await this.#invoker.once(this.#input(partition, half));
      } catch (halfError) {
        await this.#isolate(partition, half, halfError);
      }
    }
  }

  #input(partition: number, records: readonly LogRecord[]) {
    const { name, binding } = this.#trigger;
    const source: BatchSource = { hub: this.hub, consumerGroup: this.consumerGroup, partition };
    return binding["cardinality"] === "many"
      ? batchInput(name, binding, source, records)
      : eventInput(name, binding, source, records[0] as LogRecord);
  }

  async #bury(partition: number, record: LogRecord, error: unknown): Promise<void> {
    const body = Buffer.from(record.body);
    const text = body.toString("utf8");
    const isText = Buffer.from(text, "utf8").equals(body);
    await this.#deadLetters.add({
      function: this.functionName,
      source: `${this.hub}/${partition}`,
      sequence: String(record.sequence),
      body: isText ? text : body.toString("base64"),
      bodyEncoding: isText ? "utf8" : "base64",
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      at: new Date().toISOString(),
    });
    this.#invoker.figures.deadLetters++;
  }
}
