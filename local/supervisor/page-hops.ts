import type { HopState } from "../dashboard";
import { captureIntervalMs } from "./capture-interval";
import type { Meters } from "./meters";

interface HopPlan {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly process: string;
  /** Counters that add up to what has passed. */
  readonly counters: readonly string[];
  readonly errors?: readonly string[];
  /** Gauge of the same or another process. */
  readonly backlog?: readonly [process: string, gauge: string];
  readonly latency?: string;
  /** Gauge that tells the rate per second of event time, of a hop that moves with each captured file. */
  readonly perFile?: string;
  readonly note?: string;
}

/** Where the platform clock stands, and since when it runs; ms since 1970. */
export interface HopClock {
  readonly nowMs: number;
  readonly sinceMs: number;
  readonly speed: number;
}

/** Backlogs from here on are more than the next moment takes. */
const waitingBacklog = 1000;
const intervalMs = captureIntervalMs("telemetry");
/** What a file may take to be written, in wall time. */
const writingMs = 5000;

/** The edges of the flow on the page and the figures that measure them. */
const plans: readonly HopPlan[] = [
  {
    from: "devices",
    to: "iot-hub",
    label: "MQTT",
    process: "iot-hub",
    counters: ["messages"],
    errors: ["refused"],
    latency: "iot-hub.append",
  },
  {
    from: "devices",
    to: "event-hubs",
    label: "AMQP",
    process: "simulator",
    counters: ["via.amqp"],
    errors: ["retries"],
    latency: "send.amqp",
  },
  {
    from: "iot-hub",
    to: "event-hubs",
    label: "route",
    process: "iot-hub",
    counters: ["messages"],
    latency: "iot-hub.append",
  },
  {
    from: "event-hubs",
    to: "stream-analytics",
    label: "analytics",
    process: "stream-analytics",
    counters: ["read"],
    backlog: ["event-hubs", "backlog.telemetry.analytics"],
    latency: "hub to stream job",
  },
  {
    from: "event-hubs",
    to: "functions",
    label: "quarantine, device-state, alerts",
    process: "functions",
    counters: ["quarantineTelemetry.events", "updateDeviceState.events", "routeAlerts.events"],
    errors: ["quarantineTelemetry.errors", "updateDeviceState.errors", "routeAlerts.errors"],
    backlog: ["event-hubs", "backlog.telemetry.device-state"],
    latency: "updateDeviceState.latency",
  },
  {
    from: "event-hubs",
    to: "capture",
    label: "Capture",
    process: "capture",
    counters: ["events"],
    backlog: ["capture", "backlog"],
    perFile: "eventsPerSecond",
  },
  {
    from: "capture",
    to: "lake",
    label: "Avro files",
    process: "capture",
    counters: ["files"],
    perFile: "filesPerSecond",
  },
  {
    from: "stream-analytics",
    to: "cosmos",
    label: "real-time views",
    process: "stream-analytics",
    counters: ["rows"],
    backlog: ["stream-analytics", "backlog"],
  },
  {
    from: "functions",
    to: "cosmos",
    label: "device state, alerts, quarantine",
    process: "functions",
    counters: ["updateDeviceState.invocations", "quarantineTelemetry.invocations"],
  },
  {
    from: "cosmos",
    to: "functions",
    label: "change feed",
    process: "functions",
    counters: ["fanOutViewChanges.events"],
    errors: ["fanOutViewChanges.errors"],
    latency: "fanOutViewChanges.duration",
  },
  {
    from: "lake",
    to: "spark",
    label: "bronze, silver, gold",
    process: "batch",
    counters: ["events"],
    note: "in batch runs",
  },
  {
    from: "spark",
    to: "cosmos",
    label: "batch views",
    process: "batch",
    counters: ["rows"],
    note: "in batch runs",
  },
  {
    from: "cosmos",
    to: "serving",
    label: "merge",
    process: "functions",
    counters: ["getViews.invocations"],
    errors: ["getViews.errors"],
    latency: "getViews.duration",
  },
];

/** The figures of every hop at this moment. */
export function hopsOf(meters: Meters, clock: HopClock): HopState[] {
  return plans.map((plan) => {
    const rate = (names: readonly string[]) =>
      names.reduce((sum, name) => sum + meters.rate(plan.process, name), 0);
    const backlog = plan.backlog === undefined ? null : meters.gauge(...plan.backlog);
    return {
      from: plan.from,
      to: plan.to,
      label: plan.label,
      eventsPerSecond:
        plan.perFile === undefined
          ? rate(plan.counters)
          : (meters.gauge(plan.process, plan.perFile) ?? 0) * clock.speed,
      total: plan.counters.reduce((sum, name) => sum + meters.total(plan.process, name), 0),
      backlog,
      waiting: plan.perFile === undefined ? (backlog ?? 0) >= waitingBacklog : isBehind(meters, clock),
      note: plan.perFile === undefined ? (plan.note ?? null) : fileNote(clock),
      errorsPerSecond: rate(plan.errors ?? []),
      latencyMs: plan.latency === undefined ? null : meters.latency(plan.latency),
    };
  });
}

/** Capture leaves the events of the interval that is not over yet; more than that waits. */
function isBehind(meters: Meters, { nowMs, sinceMs, speed }: HopClock): boolean {
  const completedMs = meters.gauge("capture", "completedThroughMs") || sinceMs;
  return nowMs - completedMs > intervalMs + writingMs * Math.max(1, speed);
}

function fileNote({ speed }: HopClock): string {
  const seconds = intervalMs / 1000 / speed;
  return `files every ${seconds < 120 ? `${Number(seconds.toPrecision(2))} s` : `${Math.round(seconds / 60)} min`}`;
}
