import { join } from "node:path";
import { type Container, CosmosClient } from "@azure/cosmos";
import { jobNamed, topology } from "../../contracts";
import { type Dashboard, type LateState, type Notice, type PageState, startDashboard } from "../dashboard";
import { connectLog, type LogClient } from "../event-hubs";
import type { ProcessEvent } from "../process/child";
import { LocalError } from "../process/errors";
import { type BatchOutcome, BatchRuns } from "./batch-runs";
import { ClockOwner } from "./clock-owner";
import type { ProcessStatus } from "./managed-process";
import { PeakMemory } from "./memory";
import { Meters } from "./meters";
import { PageFeed } from "./page-feed";
import { pageStateOf } from "./page-state";
import { ProcessGroup } from "./process-group";
import { type Room, type RoomName, roomsOf } from "./rooms";
import { resumedClockMs, saveClock } from "./saved-clock";
import { Sending, type SentSummary } from "./sending";
import type { PlatformSettings } from "./settings";
import { watchSize } from "./size-limit";
import { StorageProcess } from "./storage-process";

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

/** The members of the events that jobs, the batch layer and servers emit; each kind carries those it needs. */
interface RoomEvent {
  readonly message: string;
  readonly title: string;
  readonly level: Notice["level"];
  readonly text: string;
  readonly job: string;
  readonly kind: string;
  readonly eventId: string | null;
  readonly eventTime: string | null;
  readonly enqueuedMs: number;
}

/** How servers and clients say that nothing can be written any more. */
const diskFull = /ENOSPC|EDQUOT|LOCAL_DISK_FULL|resource-limit-exceeded/;
const job = jobNamed("factory-aggregates", "v1");

/** The platform on one machine: its processes, its clock, its page. */
export class Platform {
  readonly #options: PlatformOptions;
  readonly #rooms: readonly Room[];
  readonly #feed = new PageFeed();
  readonly #beginMs: number;
  readonly #startedIso = new Date().toISOString();
  readonly #processes: ProcessGroup;
  readonly #storage: StorageProcess;
  readonly #sending: Sending;
  readonly #batch: BatchRuns;
  readonly #memory = new PeakMemory(() => [process.pid, ...Object.values(this.pids())]);
  readonly #cosmos: CosmosClient;
  /** What ends what `start` began, in the order of ending. */
  readonly #ends: (() => void)[] = [];
  #dashboard: Dashboard | undefined;
  #stopping = false;
  #failed: ((error: Error) => void) | undefined;
  readonly meters = new Meters();
  readonly clock: ClockOwner;
  readonly log: LogClient;
  /** Rejects when a part of the platform fails for good. */
  readonly failed = new Promise<never>((_, reject) => {
    this.#failed = reject;
  });

  constructor(options: PlatformOptions) {
    this.#options = options;
    const { settings, speed, startMs, sendSeconds } = options;
    const { data, ports, secrets } = settings;
    this.failed.catch(() => {});
    const beginMs = resumedClockMs(data, startMs);
    this.#beginMs = beginMs;
    this.clock = new ClockOwner({
      startMs: beginMs,
      speed,
      limitMs: options.unattended ? beginMs : null,
      publish: (state) => this.#processes?.follow(state),
    });
    this.#rooms = roomsOf(settings);
    this.#processes = new ProcessGroup({
      rooms: this.#rooms,
      clock: () => this.clock.state,
      onStatus: (name, status, restarts, detail) => this.#statusChanged(name, status, restarts, detail),
      onStats: (name, stats) => this.meters.record(name, stats),
      onEvent: (name, event) => this.#event(name, event),
      onLog: (name, level, text) => {
        if (level === "error" || level === "warn") this.#problem(name, level, text);
      },
    });
    this.#storage = new StorageProcess({
      port: ports.blob,
      dataFolder: data.room("storage"),
      onStatus: (status, detail) => this.#storageChanged(status, detail),
      onFailed: (error) => this.#failed?.(error),
    });
    this.#sending = new Sending({ clock: this.clock, startMs, sendSeconds });
    this.#batch = new BatchRuns({
      clock: this.clock.clock,
      folder: data.room("batch"),
      ask: async (verb, argument) => {
        // A platform without automatic batch runs starts their process with the first one.
        await this.#processes.ensure("batch");
        return await this.#processes.ask("batch", verb, argument);
      },
      lakeComplete: () => this.#processes.ask("capture", "present"),
      onNotice: (level, text) => this.notice(level, text),
    });
    this.log = connectLog({ port: ports.eventHubsInternal, token: secrets.internalToken });
    this.#cosmos = new CosmosClient({
      endpoint: `http://127.0.0.1:${ports.cosmos}/`,
      key: secrets.cosmosKey,
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

  /** Largest resident memory of all processes together, Spark's apart, which runs below that of the batch layer. */
  get peakMemoryMb(): number {
    return this.#memory.mebibytes;
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
    const counts = [this.#storage.state, ...this.#processes.states]
      .filter(({ restarts }) => restarts > 0)
      .map(({ name, restarts }) => [name, restarts] as const);
    return Object.fromEntries(counts);
  }

  /** Process ids by name, Azurite as `storage`; for those who want to kill one. */
  pids(): Record<string, number> {
    const pids: Record<string, number> = {};
    for (const { name, pid } of [this.#storage.state, ...this.#processes.states])
      if (pid !== null) pids[name] = pid;
    return pids;
  }

  /** Starts all servers, in order; the sender stays off until `startSender`. */
  async start(): Promise<void> {
    const { settings, maxDataBytes } = this.#options;
    settings.data.lock();
    if (this.#options.dashboard) await this.#startDashboard();
    const ranks = [...new Set(this.#rooms.map(({ rank }) => rank))].sort((a, b) => a - b);
    const storage = this.#storage.start();
    for (const rank of ranks) {
      if (this.#stopping) return;
      const started = this.#rooms
        .filter((room) => room.rank === rank && room.name !== "simulator")
        .filter((room) => room.name !== "batch" || this.#options.batch)
        .map(({ name }) => this.#processes.start(name));
      await Promise.all(rank === ranks[0] ? [storage, ...started] : started);
    }
    if (this.#stopping) return;
    this.#feed.follow(this.log, (name) => this.container(name));
    this.#memory.start();
    this.#ends.push(
      () => this.#feed.stop(),
      () => this.#memory.stop(),
      saveClock(settings.data, this.clock, ({ code, message }) =>
        this.notice(
          "warn",
          `${code === "ENOSPC" ? "LOCAL_DISK_FULL: " : ""}the clock is not noted: ${message}`,
        ),
      ),
    );
    if (maxDataBytes !== null)
      this.#ends.push(watchSize(settings.data, maxDataBytes, () => this.#dataFull(maxDataBytes)));
  }

  /** Starts the sender; resolves when everything is sent and acknowledged. Never resolves without an end. */
  async startSender(): Promise<SentSummary> {
    const ended = this.#sending.ended();
    await this.#processes.start("simulator");
    return Promise.race([ended, this.failed]);
  }

  /** Ends the sender's process, which has nothing more to do once all is sent. */
  async stopSender(): Promise<void> {
    await this.#processes.get("simulator")?.stop();
  }

  /** Resolves once that share of what is to be sent is sent. */
  senderAt(share: number): Promise<void> {
    return Promise.race([this.#sending.reached(share), this.failed]);
  }

  /** Windows that end at or before this moment are computed and stored; 0 before anything is known. */
  async realtimeThroughMs(): Promise<number> {
    const answer = await this.#processes.ask(
      "stream-analytics",
      "storedThroughMs",
      `${job.name}/${job.version}`,
    );
    return (answer as number | null) ?? 0;
  }

  /** Every event of the hub that was enqueued at or before this moment is in the lake; 0 before the first file. */
  async capturedThroughMs(hub: string): Promise<number> {
    const progress = (await this.#processes.ask("capture", "progress")) as readonly {
      hub: string;
      completedThroughMs: number | null;
    }[];
    return Math.min(
      ...progress.filter((each) => each.hub === hub).map((each) => each.completedThroughMs ?? 0),
    );
  }

  /** Runs the batch layer over what Capture has completed and moves its watermark, after the run that is under way. */
  runBatch(): Promise<BatchOutcome> {
    return this.#batch.run();
  }

  /** Live mode: a batch run whenever Capture has completed more, at most one in `pauseMs` of wall time. */
  runBatchRepeatedly(pauseMs = 60_000): Promise<void> {
    return this.#batch.repeat(
      () => this.capturedThroughMs("telemetry"),
      () => this.#stopping,
      pauseMs,
    );
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#dashboard?.close();
    await this.#processes.stop([
      ["simulator"],
      ["batch"],
      ["stream-analytics"],
      ["functions"],
      ["capture"],
      ["iot-hub"],
    ]);
    await this.log.close();
    await Promise.all([this.#processes.stop([["event-hubs", "cosmos"]]), this.#storage.stop()]);
    this.#cosmos.dispose();
    for (const end of this.#ends) end();
    this.#options.settings.data.unlock();
  }

  pageState(): PageState {
    const { unattended, seed, settings } = this.#options;
    return pageStateOf({
      clock: this.clock,
      sinceMs: this.#beginMs,
      run: {
        mode: unattended ? "unattended" : "live",
        seed,
        startedIso: this.#startedIso,
        dataDir: settings.data.path,
      },
      processes: [this.#storage.state, ...this.#processes.states],
      meters: this.meters,
      feed: this.#feed,
      batch: this.#batch.state,
    });
  }

  notice(level: Notice["level"], text: string): void {
    // A part that tries again says so many times.
    if (this.#feed.notice(level, text)) this.#options.onNotice(level, text);
  }

  async #startDashboard(): Promise<void> {
    const { settings } = this.#options;
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

  #problem(name: RoomName, level: "warn" | "error", text: string): void {
    // An id of its own would make each of the same problems a new one.
    const [said = ""] = text.slice(0, 2000).split(/\s*ActivityId: /, 1);
    this.notice(level, `${name}: ${said}`);
    if (diskFull.test(text)) {
      this.notice(
        "error",
        `LOCAL_DISK_FULL: no room is left for ${this.#options.settings.data.path}: make room, and everything goes on by itself`,
      );
    }
  }

  #statusChanged(name: RoomName, status: ProcessStatus, restarts: number, detail = "no reason known"): void {
    const { unattended } = this.#options;
    const hold = `the restart of ${name}`;
    if (status === "down") {
      this.meters.restarted(name);
      if (unattended && name !== "batch") this.clock.hold(hold);
      this.notice("warn", `${name} ended (${detail}); starting it again`);
    } else if (status === "failed") {
      // Without the batch layer a live platform still answers from real time.
      if (name === "batch" && !unattended) return;
      this.#failed?.(new LocalError("LOCAL_CHILD_FAILED", `${name} does not start any more: ${detail}`));
    } else if (status === "running") {
      this.clock.unhold(hold);
      if (restarts > 0) this.notice("info", `${name} is back`);
    }
  }

  #storageChanged(status: ProcessStatus, detail?: string): void {
    const hold = "the restart of storage";
    if (status === "down") {
      if (this.#options.unattended) this.clock.hold(hold);
      this.notice("warn", `storage ended (${detail}); starting it again`);
    } else if (status === "running") {
      this.clock.unhold(hold);
      if (this.#storage.restarts > 0) this.notice("info", "storage is back");
    }
  }

  #event(from: RoomName, event: ProcessEvent): void {
    if (this.#sending.take(event)) return;
    const value = event.data as RoomEvent;
    switch (event.kind) {
      case "job.dropped":
        this.#feed.addLate(lateStateOf(value));
        break;
      case "job.failed":
        this.notice("error", `job ${value.job} stopped: ${value.message}`);
        this.#failed?.(new LocalError("LOCAL_RUN_INCOMPLETE", `job ${value.job} stopped: ${value.message}`));
        break;
      case "batch-progress":
        this.#batch.step(value.title);
        break;
      case "notice":
        this.notice(value.level, `${from}: ${value.text}`);
        break;
    }
  }

  /** The master dataset is never deleted, so what keeps the folder within its size is to send no more. */
  #dataFull(maxBytes: number): void {
    const simulator = this.#processes.get("simulator");
    if (simulator === undefined || simulator.status === "stopped") return;
    this.notice(
      "warn",
      `the data folder has reached its limit of ${maxBytes / 2 ** 30} GiB: sending has stopped; \`npm run local -- reset\` starts anew, --max-data N raises it`,
    );
    void simulator.stop();
  }
}

function lateStateOf({ eventId, eventTime, kind, enqueuedMs }: RoomEvent): LateState {
  return { eventId, eventTime, kind, enqueuedIso: new Date(enqueuedMs).toISOString() };
}
