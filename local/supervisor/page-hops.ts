import type { HopState } from "../dashboard";
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
}

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
  },
  { from: "capture", to: "lake", label: "Avro", process: "capture", counters: ["files"] },
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
  { from: "lake", to: "spark", label: "bronze, silver, gold", process: "batch", counters: ["events"] },
  { from: "spark", to: "cosmos", label: "batch views", process: "batch", counters: ["rows"] },
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

export function hopsOf(meters: Meters): HopState[] {
  return plans.map((plan) => {
    const rate = (names: readonly string[]) =>
      names.reduce((sum, name) => sum + meters.rate(plan.process, name), 0);
    return {
      from: plan.from,
      to: plan.to,
      label: plan.label,
      eventsPerSecond: rate(plan.counters),
      total: plan.counters.reduce((sum, name) => sum + meters.total(plan.process, name), 0),
      backlog: plan.backlog === undefined ? null : meters.gauge(...plan.backlog),
      errorsPerSecond: rate(plan.errors ?? []),
      latencyMs: plan.latency === undefined ? null : meters.latency(plan.latency),
    };
  });
}
