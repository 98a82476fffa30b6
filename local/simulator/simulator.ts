import { readFileSync } from "node:fs";
import { deriveDeviceKey } from "../iot-hub";
import type { Clock } from "../process/clock";
import { AmqpTransport } from "./amqp-transport";
import { type ClockGate, followingGate, holdingGate, jumpingGate } from "./clock-gate";
import { fileTicks, type PreparedFile, prepareFile } from "./file";
import { countingLedger, type Ledger, openLedger } from "./ledger";
import type { Tick, Via } from "./message";
import { MqttTransport } from "./mqtt-transport";
import { wallPace } from "./pace";
import { createSchedule, type ScheduleOptions, sendSlackMs } from "./schedule";
import { Sender } from "./sender";
import { ServerClock } from "./server-clock";
import type { Transport } from "./transport";

/** Real data instead of the schedule. */
export interface FileOptions {
  readonly dataFile: string;
  readonly mapFile: string;
  /** Folder for sorted runs; reused by a restart. */
  readonly workFolder: string;
  /** Rows per wall second. */
  readonly rate: number;
  /** Send rows as they stand instead of by event time. @default false */
  readonly keepOrder?: boolean;
  /** @default 10000 */
  readonly lateToleranceMs?: number;
}

/** What the sender is told at its start. */
export interface SimulatorOptions {
  readonly eventHubsConnectionString: string;
  /** The hub that producers send to. */
  readonly hub: string;
  readonly iotHub: {
    /** `localhost:port` */
    readonly hostName: string;
    readonly caFile: string;
    /** Base64 key from which devices' keys are derived. */
    readonly groupKey: string;
  };
  readonly source:
    | { readonly kind: "schedule"; readonly schedule: ScheduleOptions }
    | { readonly kind: "file"; readonly file: FileOptions };
  /** Internal port and token of the broker; a file's run waits through it until the broker's clock has jumped too. */
  readonly log?: { readonly port: number; readonly token: string };
  /** sent.ndjson; null counts only. */
  readonly ledgerPath: string | null;
  /** The clock waits for the sender. */
  readonly unattended: boolean;
}

export interface SimulatorEvents {
  readonly release: (untilMs: number) => void;
  readonly jump: (toMs: number) => void;
  readonly retry: (via: Via, messages: number, error: unknown) => void;
  /** Share of the source that has been handed over, 0 to 1; not called for a source without end. */
  readonly progress: (share: number) => void;
}

/** What was sent, by distinct message id, once everything is acknowledged. */
export interface SimulatorResult {
  readonly sent: number;
  readonly redelivered: number;
  /** Event time of the last tick, ms. */
  readonly endMs: number;
}

const latencySamplesKept = 2_000;
const progressStep = 0.005;

/** One run of the simulator: a source of messages, the SDKs that carry them, a ledger of what was acknowledged. */
export class Simulator {
  readonly #options: SimulatorOptions;
  readonly #clock: Clock;
  readonly #events: SimulatorEvents;
  readonly #stop = new AbortController();
  #ledger: Ledger | undefined;
  #latenciesMs: Record<Via, number[]> = { mqtt: [], amqp: [] };
  #redelivered = 0;
  #endMs = 0;
  #running: Promise<SimulatorResult> | undefined;

  constructor(options: SimulatorOptions, clock: Clock, events: SimulatorEvents) {
    this.#options = options;
    this.#clock = clock;
    this.#events = events;
  }

  get redelivered(): number {
    return this.#redelivered;
  }

  get ledger(): Ledger | undefined {
    return this.#ledger;
  }

  takeLatenciesMs(): Readonly<Record<Via, readonly number[]>> {
    const taken = this.#latenciesMs;
    this.#latenciesMs = { mqtt: [], amqp: [] };
    return taken;
  }

  /** Sends everything; resolves when the source is empty and all is acknowledged and noted. */
  run(): Promise<SimulatorResult> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Ends the run where it stands; what is not noted is sent again by the next run over the same ledger. */
  async close(): Promise<void> {
    this.#stop.abort(new Error("the simulator stops"));
    await this.#running?.catch(() => {});
  }

  async #run(): Promise<SimulatorResult> {
    const { source, ledgerPath } = this.#options;
    const ledger = ledgerPath === null ? countingLedger() : await openLedger(ledgerPath);
    this.#ledger = ledger;
    const transports = this.#transports();
    const { log, hub } = this.#options;
    const serverClock = log === undefined ? undefined : new ServerClock(log, hub);
    try {
      const prepared = source.kind === "file" ? await prepareFile(source.file) : undefined;
      const sender = new Sender({
        ticks: this.#ticks(prepared),
        transports,
        gate: this.#gate(serverClock),
        ledger,
        slackMs: sendSlackMs,
        // Jumps must not overtake what is still on its way.
        ...(source.kind === "file" && { pace: wallPace(source.file.rate), ticksInFlight: 1 }),
      });
      await sender.run(this.#stop.signal);
      return { sent: ledger.counts.sent, redelivered: this.#redelivered, endMs: this.#endMs };
    } finally {
      ledger.close();
      await serverClock?.close();
      await Promise.all(Object.values(transports).map((transport) => transport.close()));
    }
  }

  async *#ticks(prepared: PreparedFile | undefined): AsyncGenerator<Tick> {
    const { source } = this.#options;
    if (source.kind === "file") {
      yield* this.#followed(fileTicks(prepared!, source.file), prepared!.rows);
      return;
    }
    const schedule = createSchedule(source.schedule);
    // A live run shows the present; what was due while nobody ran is not made up for.
    const fromMs = this.#options.unattended ? undefined : Math.max(schedule.startMs, this.#clock.now());
    yield* this.#followed(schedule.ticks(fromMs), schedule.originals);
  }

  *#followed(ticks: Iterable<Tick>, expected: number): Generator<Tick> {
    let handedOver = 0;
    let reported = 0;
    for (const tick of ticks) {
      this.#endMs = tick.atMs;
      yield tick;
      handedOver += tick.messages.length;
      const share = Math.min(1, handedOver / expected);
      if (share - reported >= progressStep) {
        reported = share;
        this.#events.progress(share);
      }
    }
  }

  #gate(serverClock: ServerClock | undefined): ClockGate {
    if (this.#options.source.kind === "file") {
      return jumpingGate(
        this.#clock,
        this.#events.jump,
        async (atMs, signal) => await serverClock?.reached(atMs, signal),
      );
    }
    return this.#options.unattended
      ? holdingGate(this.#clock, this.#events.release)
      : followingGate(this.#clock);
  }

  #transports(): Record<Via, Transport> {
    const { eventHubsConnectionString, hub, iotHub } = this.#options;
    const events = (via: Via) => ({
      onRetry: (messages: number, error: unknown) => {
        this.#redelivered += messages;
        this.#events.retry(via, messages, error);
      },
      onAcknowledged: (latencyMs: number) => {
        const samples = this.#latenciesMs[via];
        if (samples.length < latencySamplesKept) samples.push(latencyMs);
      },
    });
    return {
      amqp: new AmqpTransport({ connectionString: eventHubsConnectionString, hub, ...events("amqp") }),
      mqtt: new MqttTransport({
        hostName: iotHub.hostName,
        caPem: readFileSync(iotHub.caFile, "utf8"),
        keyOf: (deviceId) => deriveDeviceKey(iotHub.groupKey, deviceId),
        ...events("mqtt"),
      }),
    };
  }
}
