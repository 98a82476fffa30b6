import { AmqpWriter, codes, described, long, map, OutgoingLink, symbol } from "../amqp";
import { EventHubsError } from "../errors";
import type { LogRun, PartitionLog } from "../store";
import type { Hub } from "./hub";
import { readPosition, resolvePosition, type StartPosition } from "./position";

const epochKey = "com.microsoft:epoch";
const receiverNameKey = "com.microsoft:receiver-name";
const metricsCapability = "com.microsoft:enable-receiver-runtime-metric";
/** Bytes and events that one reader gets before the others have their turn. */
const quantumBytes = 256 * 1024;
const quantumEvents = 1000;

export interface ReceiverHost {
  /** True while the connection does not take more. */
  full(): boolean;
  log(level: "error" | "warn", text: string, fields: Readonly<Record<string, unknown>>): void;
}

function epochOf(link: OutgoingLink): number | undefined {
  const value = link.request.properties.get(epochKey) ?? null;
  if (value === null) return undefined;
  if (typeof value !== "number" && typeof value !== "bigint") {
    throw new EventHubsError("amqp:invalid-field", `The property '${epochKey}' must be a number.`);
  }
  return Number(value);
}

/** What the log's end looks like now, as annotations of a delivery. */
function runtimeMetrics(log: PartitionLog, nowMs: number): Buffer {
  const { last } = log.state;
  return new AmqpWriter()
    .write(
      described(
        codes.deliveryAnnotations,
        map([
          [symbol("last_enqueued_sequence_number"), long(last?.sequence ?? -1)],
          [symbol("last_enqueued_offset"), last?.offset ?? "-1"],
          [symbol("last_enqueued_time_utc"), new Date(last?.enqueuedMs ?? 0)],
          [symbol("runtime_info_retrieval_time_utc"), new Date(nowMs)],
        ]),
      ),
    )
    .bytes();
}

/** One reader's link: follows the log from its position as far as credit, window and socket allow. */
class ReceiverPump {
  readonly #hub: Hub;
  readonly #group: string;
  readonly #partition: number;
  readonly #log: PartitionLog;
  readonly #link: OutgoingLink;
  readonly #host: ReceiverHost;
  readonly #metrics: boolean;
  readonly #settled: boolean;
  /** Undefined while the position is being looked up, or lies in a future that no event has reached. */
  #next: number | undefined;
  #future: StartPosition | undefined;
  #scheduled = false;
  #reading = false;

  constructor(hub: Hub, group: string, partition: number, link: OutgoingLink, host: ReceiverHost) {
    this.#hub = hub;
    this.#group = group;
    this.#partition = partition;
    this.#log = hub.partition(partition);
    this.#link = link;
    this.#host = host;
    this.#metrics = link.request.desiredCapabilities.includes(metricsCapability);
    this.#settled = link.request.sendSettleMode !== 0;
  }

  async start(position: StartPosition): Promise<void> {
    const found = await resolvePosition(this.#log, position);
    if (position.kind === "enqueuedTime" && found === this.#log.endSequence) this.#future = position;
    this.#next = found;
    this.#hub.figures.delivered(this.#group, this.#partition, 0, 0, found);
    this.schedule();
  }

  schedule = (): void => {
    if (this.#scheduled || this.#link.closed) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  };

  #pump(): void {
    if (this.#next === undefined || this.#reading || this.#link.closed) return;
    let bytes = 0;
    let events = 0;
    while (this.#link.capacity > 0 && !this.#host.full()) {
      if (bytes >= quantumBytes || events >= quantumEvents) {
        this.schedule();
        return;
      }
      const limit = Math.min(this.#link.capacity, quantumEvents);
      const run = this.#log.read(this.#next, limit, quantumBytes);
      if (run instanceof Promise) {
        this.#wait(run);
        return;
      }
      if (run === undefined) {
        this.#link.endDrain();
        return;
      }
      this.#take(run);
      bytes += run.end - run.start;
      events += run.count;
    }
    if (this.#link.credit === 0) this.#link.endDrain();
  }

  /** Waits for a segment that is read from disk. */
  #wait(run: Promise<LogRun | undefined>): void {
    this.#reading = true;
    run.then(
      () => {
        this.#reading = false;
        this.schedule();
      },
      (error) => {
        this.#host.log("error", "log cannot be read", { error: (error as Error).message });
        this.#link.detach(EventHubsError.from(error));
      },
    );
  }

  #take(run: LogRun): void {
    this.#next = run.firstSequence + run.count;
    if (this.#future?.kind === "enqueuedTime") {
      const { enqueuedMs, inclusive } = this.#future;
      if (inclusive ? run.enqueuedMs < enqueuedMs : run.enqueuedMs <= enqueuedMs) return;
      this.#future = undefined;
    }
    this.#hub.figures.delivered(this.#group, this.#partition, run.count, run.end - run.start, this.#next);
    const { maxFrameBytes } = this.#link.session;
    if (!this.#metrics && (maxFrameBytes >= run.end - run.start || fits(run, maxFrameBytes))) {
      this.#link.sendRun(run, this.#settled);
      return;
    }
    const metrics = this.#metrics ? runtimeMetrics(this.#log, this.#hub.lastEnqueuedMs) : undefined;
    for (const payload of OutgoingLink.payloads(run)) {
      this.#link.sendMessage(
        metrics === undefined ? payload : Buffer.concat([metrics, payload]),
        this.#settled,
      );
    }
  }
}

function fits(run: LogRun, maxFrameBytes: number): boolean {
  for (let at = run.start; at < run.end; ) {
    const size = run.buffer.readUInt32BE(at);
    if (size > maxFrameBytes) return false;
    at += size;
  }
  return true;
}

/** Serves a reader's link: consumer group, owner level, position, and then events in order. */
export function serveReceiver(
  hub: Hub,
  group: string,
  partition: number,
  link: OutgoingLink,
  host: ReceiverHost,
): void {
  const log = hub.partition(partition);
  const position = readPosition(link.request.filters);
  const epoch = epochOf(link);
  const name = link.request.properties.get(receiverNameKey);
  const pump = new ReceiverPump(hub, group, partition, link, host);
  const leave = hub.readers.enter(group, partition, {
    name: typeof name === "string" ? name : "nil",
    epoch,
    close: (error) => link.detach(error),
  });
  const unsubscribe = log.subscribe(pump.schedule);
  link.onClosed(() => {
    leave();
    unsubscribe();
  });
  link.open(
    link.request.desiredCapabilities.includes(metricsCapability)
      ? { offeredCapabilities: [metricsCapability] }
      : {},
    pump.schedule,
  );
  pump.start(position).catch((error) => link.detach(EventHubsError.from(error)));
}
