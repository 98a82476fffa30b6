/** What the page shows, as `GET /api/state` and each message of `GET /events` carry it. */
export interface PageState {
  readonly clock: {
    readonly nowIso: string;
    readonly speed: number;
    readonly paused: boolean;
    readonly reason: string | null;
  };
  readonly run: {
    readonly mode: "live" | "unattended";
    readonly seed: number | null;
    readonly startedIso: string;
    readonly dataDir: string;
  };
  readonly processes: readonly ProcessState[];
  readonly hops: readonly HopState[];
  /** Newest first. */
  readonly windows: readonly WindowState[];
  readonly devices: readonly DeviceState[];
  /** Newest first. */
  readonly alerts: readonly AlertState[];
  readonly quarantine: { readonly total: number; readonly items: readonly QuarantineState[] };
  readonly late: { readonly total: number; readonly items: readonly LateState[] };
  readonly batch: BatchState;
  /** Newest first. */
  readonly notices: readonly Notice[];
}

/** A process of the platform, as the supervisor sees it. */
export interface ProcessState {
  readonly name: string;
  readonly status: string;
  readonly restarts: number;
  readonly pid: number | null;
  readonly endpoints: Readonly<Record<string, string | number>>;
}

/** One edge of the flow. Rates are per wall second. */
export interface HopState {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly eventsPerSecond: number;
  readonly total: number;
  readonly backlog: number | null;
  /** Whether more waits than the hop leaves waiting by design. */
  readonly waiting: boolean;
  /** How the hop moves when it does not move all the time; null for a steady one. */
  readonly note: string | null;
  readonly errorsPerSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number } | null;
}

/** A closed real-time window on the page; `start` is exclusive, `end` inclusive, ISO 8601 UTC. */
export interface WindowState {
  readonly grain: string;
  readonly key: string;
  readonly window: string;
  readonly start: string;
  readonly end: string;
  readonly count: number;
  readonly temperatureAvg: number;
  readonly source: "realtime";
}

/** Latest reading of a device on the page; temperature in degrees Celsius, vibration in mm/s. */
export interface DeviceState {
  readonly deviceId: string;
  readonly factoryId: string;
  readonly lineId: string;
  readonly eventTime: string;
  readonly temperature: number;
  readonly vibration: number;
  readonly status: string;
}

/** An alert on the page; `eventTime` is the reading's, ISO 8601 UTC. */
export interface AlertState {
  readonly id: string;
  readonly deviceId: string;
  readonly rule: string;
  readonly severity: string;
  readonly value: number;
  readonly eventTime: string;
}

/** A refused message on the page; `body` as it was sent. */
export interface QuarantineState {
  readonly id: string;
  readonly reason: string;
  readonly detail: string;
  readonly body: string;
  readonly enqueuedIso: string;
  readonly replayed: boolean;
}

/** An event that a job dropped, on the page. */
export interface LateState {
  readonly eventId: string | null;
  readonly eventTime: string | null;
  readonly kind: string;
  readonly enqueuedIso: string;
}

/** Where the batch layer stands; times are ISO 8601 UTC of the platform clock, null before the first run. */
export interface BatchState {
  readonly status: "idle" | "starting" | "running" | "failed";
  readonly step: string | null;
  readonly generation: number | string | null;
  readonly batchHighWatermarkIso: string | null;
  readonly lastRunIso: string | null;
  readonly durationSeconds: number | null;
}

/** A line of the page's notices; `wallIso` is wall time. */
export interface Notice {
  readonly wallIso: string;
  readonly text: string;
  readonly level: "info" | "warn" | "error";
}
