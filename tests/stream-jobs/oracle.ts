import { checkFactoryTelemetry, type FactoryTelemetry } from "../../contracts";

/** A message as the hub stores it. */
export interface StoredMessage {
  readonly body: string;
  /** Enqueued time, milliseconds since 1970. */
  readonly arrival: number;
  readonly partition: number;
}

export interface ViewRow {
  readonly id: string;
  readonly partitionKey: string;
  readonly job: string;
  readonly version: string;
  readonly grain: string;
  readonly key: string;
  readonly window: string;
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly [value: string]: string | number;
}

const minute = 60_000;
const lateTolerance = 10_000;
const earlyTolerance = 300_000;

/** What a message is in the eyes of the job: an event that counts, or why it does not. */
export function verdict(message: StoredMessage): "counts" | "invalid" | "late" | "early" {
  const validity = checkFactoryTelemetry(message.body);
  if (!validity.valid) return "invalid";
  const lag = message.arrival - Date.parse(validity.event.eventTime);
  if (lag > lateTolerance) return "late";
  return lag < -earlyTolerance ? "early" : "counts";
}

/**
 * The rows of factory-aggregates, computed the slow way from all messages at once: for every grain, key and window that
 * a counted event falls into. With `policies` false nothing is late, as in a file run.
 */
export function expectedViews(
  messages: readonly StoredMessage[],
  options: {
    readonly policies: boolean;
    readonly windows: Readonly<Record<string, number>>;
    readonly version: string;
  },
): ViewRow[] {
  const counted = new Map<string, FactoryTelemetry>();
  const inOrder = [...messages].sort((a, b) => a.arrival - b.arrival);
  for (const message of inOrder) {
    const validity = checkFactoryTelemetry(message.body);
    if (!validity.valid) continue;
    if (options.policies && verdict(message) !== "counts") continue;
    const { event } = validity;
    const identity = `${event.eventId}|${Date.parse(event.eventTime)}|${message.partition}`;
    if (!counted.has(identity)) counted.set(identity, event);
  }
  const groups = new Map<
    string,
    { grain: string; key: string; window: string; end: number; events: FactoryTelemetry[] }
  >();
  for (const event of counted.values()) {
    const time = Date.parse(event.eventTime);
    const keys = {
      device: event.deviceId,
      line: `${event.factoryId}~${event.lineId}`,
      factory: event.factoryId,
    };
    for (const [window, minutes] of Object.entries(options.windows)) {
      const first = Math.ceil(time / minute) * minute;
      const hop = minutes > 5 ? minutes * minute : minute;
      for (let end = Math.ceil(first / hop) * hop; end < time + minutes * minute; end += hop) {
        for (const [grain, key] of Object.entries(keys)) {
          const id = `${grain}~${key}~${window}~${end / 1000}`;
          const group = groups.get(id) ?? { grain, key, window, end, events: [] };
          group.events.push(event);
          groups.set(id, group);
        }
      }
    }
  }
  return [...groups].map(([id, { grain, key, window, end, events }]) => {
    const all = (name: keyof FactoryTelemetry): number[] => events.map((event) => event[name] as number);
    const sum = (name: keyof FactoryTelemetry): number => all(name).reduce((a, b) => a + b, 0);
    const minutes = options.windows[window] as number;
    return {
      id,
      partitionKey: `factory-aggregates~${options.version}~${key}`,
      job: "factory-aggregates",
      version: options.version,
      grain,
      key,
      window,
      windowStart: sevenDigits(end - minutes * minute),
      windowEnd: sevenDigits(end),
      count: events.length,
      temperatureSum: sum("temperature"),
      temperatureMin: Math.min(...all("temperature")),
      temperatureMax: Math.max(...all("temperature")),
      vibrationSum: sum("vibration"),
      vibrationMax: Math.max(...all("vibration")),
      pressureSum: sum("pressure"),
      powerKwSum: sum("powerKw"),
      unitsSum: sum("units"),
      defectsSum: sum("defects"),
    };
  });
}

function sevenDigits(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "0000Z");
}
