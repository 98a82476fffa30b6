import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Container, CosmosClient } from "@azure/cosmos";
import { jobNamed, topology } from "../../contracts";
import { type BatchState, type Dashboard, type PageState, startDashboard } from "../dashboard";
import { connectLog, type LogClient, storedClockMs } from "../event-hubs";
import type { ProcessEvent } from "../process/child";
import { LocalError } from "../process/errors";
import { type StorageServer, startStorage } from "../storage";
import { ClockOwner } from "./clock-owner";
import { ManagedProcess, ProcessEndedError, type ProcessStatus } from "./managed-process";
import { residentBytes } from "./memory";
import { Meters } from "./meters";
import { PageFeed } from "./page-feed";
import { hopsOf } from "./page-hops";
import { type Room, type RoomName, roomsOf } from "./rooms";
import type { PlatformSettings } from "./settings";

export interface PlatformOptions {
  readonly settings: PlatformSettings;
  /** Start of the clock, ms since 1970. */
  readonly startMs: number;
  readonly speed: number;
  /** The clock waits for the sender and for restarting servers. */
  readonly unattended: boolean;
  /** Wall seconds of a simulated run, to tell how far the sender is; null when there is no end. */
  readonly sendSeconds: number | null;
  readonly seed: number | null;
  readonly dashboard: boolean;
  /** Starts the batch layer's process at once; without it the first run does. */
  readonly batch: boolean;
  /** The sender stops when the data folder grows beyond this; null: no limit. */
  readonly maxDataBytes: number | null;
  readonly onNotice: (level: "info" | "warn" | "error", text: string) => void;
}

/** A finished batch run. */
export interface BatchOutcome {
  readonly generation: number;
  readonly batchHighWatermarkMs: number;
  /** The run saw exactly the messages that were enqueued at or before this moment. */
  readonly capturedThroughMs: number;
  /** Distinct valid events in the silver table. */
  readonly stored: number;
  /** Where each captured message ended, by message id. */
  fates(): AsyncIterable<{
    readonly messageId: string;
    readonly fate: "stored" | "duplicate" | "quarantined";
  }>;
}

/** What the sender did; times are event time. */
export interface SentSummary {
  /** Messages acknowledged. */
  readonly sent: number;
  readonly redelivered: number;
  /** Event time of the last tick. */
  readonly endMs: number;
}

/** The members of the events that the processes emit; each kind carries those it needs. */
interface SenderAndJobEvent extends SentSummary {
  readonly untilMs: number;
  readonly toMs: number;
  readonly share: number;
  readonly message: string;
  readonly title: string;
  readonly level: "info" | "warn" | "error";
  readonly text: string;
  readonly job: string;
  readonly kind: string;
  readonly eventId: string | null;
  readonly eventTime: string | null;
  readonly enqueuedMs: number;
}

/** What the notebook exits with; all null while nothing is captured. */
type BatchAnswer =
  | { readonly generation: null }
  | {
      readonly generation: number;
      readonly batchHighWatermark: string;
      readonly inputThrough: string;
      readonly counts: { readonly stored: number };
    };

const sizeCheckIntervalMs = 10_000;
const clockSaveIntervalMs = 500;
const captureLookIntervalMs = 2000;
const memorySampleIntervalMs = 1000;
const job = jobNamed("factory-aggregates", "v1");

/** The platform on one machine: its processes, its clock, its page. */
export class Platform {
  readonly #options: PlatformOptions;
  readonly #rooms: readonly Room[];
  readonly #processes = new Map<RoomName, ManagedProcess>();
  readonly #feed = new PageFeed();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #startedIso = new Date().toISOString();
  readonly #progressWaiters: { readonly share: number; readonly wake: () => void }[] = [];
  readonly meters = new Meters();
  readonly clock: ClockOwner;
  readonly log: LogClient;
  readonly #cosmos: CosmosClient;
  #storage: StorageServer | undefined;
  #storageStart: Promise<void> = Promise.resolve();
  #storageStatus: ProcessStatus = "stopped";
  #storageRestarts = 0;
  #dashboard: Dashboard | undefined;
  #stopping = false;
  #progress = 0;
  #sent: { resolve: (sent: SentSummary) => void; reject: (error: Error) => void } | undefined;
  #batch: BatchState = {
    status: "idle",
    step: null,
    generation: null,
    batchHighWatermarkIso: null,
    lastRunIso: null,
    durationSeconds: null,
  };
  #batchRun: Promise<BatchOutcome> | undefined;
  #failed: ((error: Error) => void) | undefined;
  peakMemoryMb = 0;
  /** Rejects when a part of the platform fails for good. */
  readonly failed = new Promise<never>((_, reject) => {
    this.#failed = reject;
  });

  constructor(options: PlatformOptions) {
    this.#options = options;
    const { settings } = options;
    this.failed.catch(() => {});
    this.clock = new ClockOwner({
      startMs: this.#resumeClock(),
      speed: options.speed,
      limitMs: options.unattended ? this.#resumeClock() : null,
      publish: (state) => {
        for (const process of this.#processes.values()) process.follow(state);
      },
    });
    this.#rooms = roomsOf(settings);
    this.log = connectLog({ port: settings.ports.eventHubsInternal, token: settings.secrets.internalToken });
    this.#cosmos = new CosmosClient({
      endpoint: `http://127.0.0.1:${settings.ports.cosmos}/`,
      key: settings.secrets.cosmosKey,
      connectionPolicy: { enableEndpointDiscovery: false },
    });
  }

  get startMs(): number {
    return this.#options.startMs;
  }

  get servingOrigin(): string {
    return `http://127.0.0.1:${this.#options.settings.ports.functions}`;
  }

  get dashboardPort(): number | undefined {
    return this.#dashboard?.port;
  }

  /** Folder for what does not fit in memory. */
  get workFolder(): string {
    return this.#options.settings.data.room("work");
  }

  get diagnosticsPaths(): readonly string[] {
    const folder = this.#options.settings.data.room("stream-analytics");
    return topology.jobs.map(({ name, version }) => join(folder, `${name}-${version}`, "diagnostics.ndjson"));
  }

  /** Messages refused by authentication or size. */
  get refused(): number {
    return this.meters.total("iot-hub", "refused") + this.meters.total("event-hubs", "in.refused.telemetry");
  }

  container(name: string): Container {
    return this.#cosmos.database(topology.cosmos.database).container(name);
  }

  restarts(): Record<string, number> {
    const counts: Record<string, number> = { storage: this.#storageRestarts };
    for (const [name, { restarts }] of this.#processes) counts[name] = restarts;
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  }

  /** Process ids by name, Azurite as `storage`; for those who want to kill one. */
  pids(): Record<string, number> {
    const pids: Record<string, number> = {};
    if (this.#storage !== undefined) pids["storage"] = this.#storage.pid;
    for (const [name, { pid }] of this.#processes) if (pid !== undefined) pids[name] = pid;
    return pids;
  }

  /** Starts all servers, in order; the sender stays off until `startSender`. */
  async start(): Promise<void> {
    const { settings } = this.#options;
    settings.data.lock();
    if (this.#options.dashboard) {
      this.#dashboard = await startDashboard({
        port: settings.ports.dashboard,
        pageDir: join(settings.repositoryDir, "local/dashboard/page"),
        state: () => this.pageState(),
        functionsPort: () => settings.ports.functions,
        runBatch: async () => {
          const { generation, batchHighWatermarkMs } = await this.runBatch();
          return { generation, batchHighWatermark: new Date(batchHighWatermarkMs).toISOString() };
        },
      });
      settings.data.announce(this.#dashboard.port);
    }
    const ranks = [...new Set(this.#rooms.map(({ rank }) => rank))].sort((a, b) => a - b);
    const storage = this.#startStorage();
    for (const rank of ranks) {
      if (this.#stopping) return;
      const rooms = this.#rooms.filter(
        (room) =>
          room.rank === rank && room.name !== "simulator" && (room.name !== "batch" || this.#options.batch),
      );
      const started = rooms.map((room) => this.#startRoom(room));
      await Promise.all(rank === ranks[0] ? [storage, ...started] : started);
    }
    if (this.#stopping) return;
    this.#feed.follow(this.log, (name) => this.container(name));
    this.#timers.push(
      setInterval(() => this.#saveClock(), clockSaveIntervalMs),
      setInterval(() => this.#sampleMemory(), memorySampleIntervalMs),
      setInterval(() => void this.#checkSize(), sizeCheckIntervalMs),
    );
  }

  /** Starts the sender; resolves when everything is sent and acknowledged. Never resolves without an end. */
  async startSender(): Promise<SentSummary> {
    const sent = new Promise<SentSummary>((resolve, reject) => {
      this.#sent = { resolve, reject };
    });
    const room = this.#rooms.find(({ name }) => name === "simulator")!;
    await this.#startRoom(room);
    return Promise.race([sent, this.failed]);
  }

  /** Resolves once that share of what is to be sent is sent. */
  senderAt(share: number): Promise<void> {
    if (this.#progress >= share) return Promise.resolve();
    return Promise.race([
      new Promise<void>((wake) => this.#progressWaiters.push({ share, wake })),
      this.failed,
    ]);
  }

  /** Windows that end at or before this moment are computed and stored; 0 before anything is known. */
  async realtimeThroughMs(): Promise<number> {
    const answer = await this.#persistentCall(
      "stream-analytics",
      "storedThroughMs",
      `${job.name}/${job.version}`,
    );
    return (answer as number | null) ?? 0;
  }

  /** Every event of the hub that was enqueued at or before this moment is in the lake; 0 before the first file. */
  async capturedThroughMs(hub: string): Promise<number> {
    const progress = (await this.#persistentCall("capture", "progress")) as readonly {
      hub: string;
      completedThroughMs: number | null;
    }[];
    return Math.min(
      ...progress.filter((each) => each.hub === hub).map((each) => each.completedThroughMs ?? 0),
    );
  }

  /** Runs the batch layer over what Capture has completed and moves its watermark. One run at a time. */
  runBatch(): Promise<BatchOutcome> {
    if (this.#batchRun !== undefined) return Promise.reject(new Error("a batch run is under way"));
    this.#batchRun = this.#runBatch().finally(() => {
      this.#batchRun = undefined;
    });
    return this.#batchRun;
  }

  /** Live mode: a batch run whenever Capture has completed more, at most one in `pauseMs` of wall time. */
  async runBatchRepeatedly(pauseMs = 60_000): Promise<void> {
    let seenMs = 0;
    let lastRunMs = Number.NEGATIVE_INFINITY;
    while (!this.#stopping) {
      await new Promise((resolve) => setTimeout(resolve, captureLookIntervalMs).unref());
      if (this.#stopping || this.#batchRun !== undefined || Date.now() - lastRunMs < pauseMs) continue;
      try {
        const capturedMs = await this.capturedThroughMs("telemetry");
        if (capturedMs <= seenMs) continue;
        lastRunMs = Date.now();
        await this.runBatch();
        seenMs = capturedMs;
      } catch {
        // The notice of the failure is on the page; a later round tries again.
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#feed.stop();
    await this.#dashboard?.close();
    for (const name of [
      "simulator",
      "batch",
      "stream-analytics",
      "functions",
      "capture",
      "iot-hub",
    ] as const) {
      await this.#processes.get(name)?.stop();
    }
    await this.log.close();
    await this.#storageStart.catch(() => {});
    await Promise.all([
      this.#processes.get("event-hubs")?.stop(),
      this.#processes.get("cosmos")?.stop(),
      this.#storage?.close(),
    ]);
    this.#cosmos.dispose();
    this.#saveClock();
    this.#options.settings.data.unlock();
  }

  pageState(): PageState {
    const { clock } = this.clock;
    const holds = this.clock.holds;
    const waiting = this.clock.state.limitMs !== null && clock.now() >= this.clock.state.limitMs;
    return {
      clock: {
        nowIso: new Date(clock.now()).toISOString(),
        speed: this.clock.speed,
        paused: holds.length > 0 || waiting,
        reason:
          holds.length > 0 ? `waiting for ${holds.join(", ")}` : waiting ? "waiting for the sender" : null,
      },
      run: {
        mode: this.#options.unattended ? "unattended" : "live",
        seed: this.#options.seed,
        startedIso: this.#startedIso,
        dataDir: this.#options.settings.data.path,
      },
      processes: [
        {
          name: "storage",
          status: this.#storageStatus,
          restarts: this.#storageRestarts,
          pid: this.#storage?.pid ?? null,
          endpoints:
            this.#storage === undefined
              ? {}
              : { port: this.#storage.port, connectionString: this.#storage.connectionString },
        },
        ...[...this.#processes.values()].map((process) => ({
          name: process.name,
          status: process.status,
          restarts: process.restarts,
          pid: process.pid ?? null,
          endpoints: publicEndpoints(process.endpoints),
        })),
      ],
      hops: hopsOf(this.meters),
      windows: this.#feed.windows,
      devices: this.#feed.devices,
      alerts: this.#feed.alerts,
      quarantine: this.#feed.quarantine,
      late: { total: this.meters.gauge("stream-analytics", "dropped") ?? 0, items: this.#feed.late },
      batch: this.#batch,
      notices: this.#feed.notices,
    };
  }

  notice(level: "info" | "warn" | "error", text: string): void {
    // A part that tries again says so many times.
    if (this.#feed.notice(level, text)) this.#options.onNotice(level, text);
  }

  #process(name: RoomName): ManagedProcess {
    const process = this.#processes.get(name);
    if (process === undefined) throw new Error(`process "${name}" is not part of this run`);
    return process;
  }

  /** Asks a process until it answers: it may be killed during the call, and its successor knows. */
  async #persistentCall(name: RoomName, verb: string, argument?: unknown): Promise<unknown> {
    for (;;) {
      try {
        return await this.#process(name).call(verb, argument);
      } catch (error) {
        if (this.#stopping || !(error instanceof ProcessEndedError)) throw error;
      }
    }
  }

  async #runBatch(): Promise<BatchOutcome> {
    const startedMs = Date.now();
    const { clock } = this.clock;
    this.#batch = { ...this.#batch, status: "running", step: null };
    try {
      if (!this.#processes.has("batch")) await this.#startBatchRoom();
      const result = (await this.#persistentCall("batch", "run", { asOfMs: clock.now() })) as BatchAnswer;
      if (result.generation === null) {
        throw new LocalError("LOCAL_RUN_INCOMPLETE", "nothing is captured yet", {
          hint: "Capture writes its first file when its first interval ends; ask again then",
        });
      }
      this.#batch = {
        status: "idle",
        step: null,
        generation: result.generation,
        batchHighWatermarkIso: result.batchHighWatermark,
        lastRunIso: new Date(clock.now()).toISOString(),
        durationSeconds: (Date.now() - startedMs) / 1000,
      };
      this.notice("info", `batch generation ${result.generation} answers up to ${result.batchHighWatermark}`);
      return {
        generation: result.generation,
        batchHighWatermarkMs: Date.parse(result.batchHighWatermark),
        capturedThroughMs: Date.parse(result.inputThrough),
        stored: result.counts.stored,
        fates: () => this.#messageFates(),
      };
    } catch (error) {
      this.#batch = { ...this.#batch, status: "failed", step: null };
      this.notice("error", `the batch run failed: ${(error as Error).message}`);
      throw error;
    }
  }

  /** A platform without automatic batch runs starts their process with the first one. */
  async #startBatchRoom(): Promise<void> {
    try {
      await this.#startRoom(this.#rooms.find(({ name }) => name === "batch")!);
    } catch (error) {
      this.#processes.delete("batch");
      throw error;
    }
  }

  /** Where each captured message ended, as the silver layer says. */
  async *#messageFates(): ReturnType<BatchOutcome["fates"]> {
    const path = join(this.#options.settings.data.room("batch"), "message-fates.ndjson");
    await this.#persistentCall("batch", "run", {
      run: "message_fates",
      asOfMs: this.clock.clock.now(),
      outputPath: path,
    });
    yield* readLines<{ messageId: string; fate: "stored" | "duplicate" | "quarantined" }>(path);
  }

  async #startRoom(room: Room): Promise<void> {
    const hold = `the restart of ${room.name}`;
    const process = new ManagedProcess({
      name: room.name,
      module: room.module,
      config: () => room.config,
      clock: () => this.clock.state,
      ...(room.execArgv && { execArgv: room.execArgv }),
      onStatus: (status, detail) => {
        if (status === "down") {
          this.meters.restarted(room.name);
          if (this.#options.unattended && room.name !== "batch") this.clock.hold(hold);
          this.notice("warn", `${room.name} ended (${detail}); starting it again`);
        } else if (status === "failed") {
          // Without the batch layer a live platform still answers from real time.
          if (room.name === "batch" && !this.#options.unattended) return;
          this.#failed?.(
            new LocalError(
              "LOCAL_CHILD_FAILED",
              `${room.name} does not start any more: ${detail ?? "no reason known"}`,
            ),
          );
        } else if (status === "running") {
          this.clock.unhold(hold);
          if (process.restarts > 0) this.notice("info", `${room.name} is back`);
        }
      },
      onStats: (stats) => this.meters.record(room.name, stats),
      onEvent: (event) => this.#event(room.name, event),
      onLog: (level, text) => {
        if (level === "error" || level === "warn") this.notice(level, `${room.name}: ${text.slice(0, 2000)}`);
      },
    });
    this.#processes.set(room.name, process);
    await process.start();
  }

  #event(from: RoomName, { kind, data }: ProcessEvent): void {
    const value = data as SenderAndJobEvent;
    switch (kind) {
      case "clock.release":
        this.clock.release(value.untilMs);
        this.#progressed(value.untilMs);
        break;
      case "clock.jump":
        this.clock.jump(value.toMs);
        break;
      case "sender.progress":
        this.#setProgress(value.share);
        break;
      case "sender.done":
        this.#setProgress(1);
        this.#sent?.resolve(value);
        break;
      case "sender.failed":
        this.#sent?.reject(new LocalError("LOCAL_RUN_INCOMPLETE", value.message));
        break;
      case "job.dropped": {
        const dropped = value as unknown as {
          eventId: string | null;
          eventTime: string | null;
          kind: string;
          enqueuedMs: number;
        };
        this.#feed.addLate({
          eventId: dropped.eventId,
          eventTime: dropped.eventTime,
          kind: dropped.kind,
          enqueuedIso: new Date(dropped.enqueuedMs).toISOString(),
        });
        break;
      }
      case "job.failed":
        this.notice("error", `job ${value.job} stopped: ${value.message}`);
        this.#failed?.(new LocalError("LOCAL_RUN_INCOMPLETE", `job ${value.job} stopped: ${value.message}`));
        break;
      case "batch-progress":
        this.#batch = { ...this.#batch, step: value.title };
        break;
      case "notice":
        this.notice(value.level, `${from}: ${value.text}`);
        break;
    }
  }

  #progressed(untilMs: number): void {
    const { sendSeconds, speed, startMs } = this.#options;
    if (sendSeconds !== null) this.#setProgress((untilMs - startMs) / (sendSeconds * speed * 1000));
  }

  #setProgress(share: number): void {
    this.#progress = Math.max(this.#progress, share);
    const due = this.#progressWaiters.filter((waiter) => waiter.share <= this.#progress);
    for (const waiter of due) {
      this.#progressWaiters.splice(this.#progressWaiters.indexOf(waiter), 1);
      waiter.wake();
    }
  }

  #startStorage(): Promise<void> {
    this.#storageStart = this.#tryStorage();
    return this.#storageStart;
  }

  async #tryStorage(): Promise<void> {
    const { settings } = this.#options;
    const hold = "the restart of storage";
    this.#storageStatus = "starting";
    const storage = await startStorage({
      port: settings.ports.blob,
      dataFolder: settings.data.room("storage"),
    });
    this.#storage = storage;
    this.#storageStatus = "running";
    this.clock.unhold(hold);
    void storage.exited.then(async ({ code, signal }) => {
      if (this.#stopping) return;
      this.#storageStatus = "down";
      this.#storageRestarts += 1;
      if (this.#options.unattended) this.clock.hold(hold);
      this.notice("warn", `storage ended (${signal ?? `code ${code}`}); starting it again`);
      for (let attempt = 0; !this.#stopping; attempt++) {
        try {
          await this.#startStorage();
          this.notice("info", "storage is back");
          return;
        } catch (error) {
          if (attempt >= 10) return this.#failed?.(error as Error);
          await new Promise((resolve) => setTimeout(resolve, 250));
        }
      }
    });
  }

  /** After a restart over a data folder the clock never stands before where it was. */
  #resumeClock(): number {
    const { data } = this.#options.settings;
    const saved = data.readJson<{ readonly nowMs: number }>("clock.json")?.nowMs ?? Number.NEGATIVE_INFINITY;
    const stored = storedClockMs(data.room("event-hubs")) ?? Number.NEGATIVE_INFINITY;
    return Math.max(this.#options.startMs, saved + 1, stored + 1);
  }

  #saveClock(): void {
    // Ahead by one interval, so that a kill cannot bring the clock back before what was enqueued meanwhile.
    const aheadMs = this.#stopping ? 0 : clockSaveIntervalMs * 2 * this.clock.speed;
    this.#options.settings.data.writeJson("clock.json", {
      nowMs: Math.ceil(this.clock.clock.now() + aheadMs),
    });
  }

  /** The master dataset is never deleted, so what keeps the folder within its size is to send no more. */
  async #checkSize(): Promise<void> {
    const { maxDataBytes, settings } = this.#options;
    const simulator = this.#processes.get("simulator");
    if (maxDataBytes === null || simulator === undefined || simulator.status === "stopped") return;
    if ((await settings.data.sizeBytes()) <= maxDataBytes) return;
    this.notice(
      "warn",
      `the data folder has reached its limit of ${maxDataBytes / 2 ** 30} GiB: sending has stopped; \`npm run local -- reset\` starts anew, --max-data N raises it`,
    );
    await simulator.stop();
  }

  #sampleMemory(): void {
    // Spark runs in a process below that of the batch layer and does not count.
    const pids = [process.pid, ...Object.values(this.pids())];
    const bytes = pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
    this.peakMemoryMb = Math.max(this.peakMemoryMb, Math.round(bytes / 2 ** 20));
  }
}

function publicEndpoints(
  endpoints: Readonly<Record<string, string | number>>,
): Record<string, string | number> {
  const { internalToken: _token, ...rest } = endpoints;
  return rest;
}

async function* readLines<T>(path: string): AsyncGenerator<T> {
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    if (line !== "") yield JSON.parse(line) as T;
  }
}
