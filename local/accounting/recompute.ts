import type { FactoryTelemetry, ViewWindow } from "../../contracts";

/** Names of the values of a factory-aggregates row, in its order. */
export const aggregateValueNames = [
  "count",
  "temperatureSum",
  "temperatureMin",
  "temperatureMax",
  "vibrationSum",
  "vibrationMax",
  "pressureSum",
  "powerKwSum",
  "unitsSum",
  "defectsSum",
] as const;

type Values = Record<(typeof aggregateValueNames)[number], number>;

const minuteMs = 60_000;

function valuesOf(event: FactoryTelemetry): Values {
  return {
    count: 1,
    temperatureSum: event.temperature,
    temperatureMin: event.temperature,
    temperatureMax: event.temperature,
    vibrationSum: event.vibration,
    vibrationMax: event.vibration,
    pressureSum: event.pressure,
    powerKwSum: event.powerKw,
    unitsSum: event.units,
    defectsSum: event.defects,
  };
}

function merge(into: Values, from: Values): void {
  for (const name of aggregateValueNames) {
    if (name.endsWith("Min")) into[name] = Math.min(into[name], from[name]);
    else if (name.endsWith("Max")) into[name] = Math.max(into[name], from[name]);
    else into[name] += from[name];
  }
}

/**
 * Sums events into every window of factory-aggregates v1, in plain loops: the slow reference that the layers are compared
 * with. Takes distinct valid events. Windows are (start, end]; five-minute windows hop by one minute.
 */
export class WindowSums {
  readonly #windows = new Map<string, { row: Omit<ViewWindow, "values">; values: Values }>();

  add(event: FactoryTelemetry): void {
    const lastEnd = Math.ceil(Date.parse(event.eventTime) / minuteMs) * minuteMs;
    const values = valuesOf(event);
    const keys = [
      ["device", event.deviceId],
      ["line", `${event.factoryId}~${event.lineId}`],
      ["factory", event.factoryId],
    ] as const;
    for (const [grain, key] of keys) {
      this.#merge(grain, key, lastEnd, 1, values);
      for (let hop = 0; hop < 5; hop++) this.#merge(grain, key, lastEnd + hop * minuteMs, 5, values);
    }
  }

  *windows(): Generator<ViewWindow> {
    for (const { row, values } of this.#windows.values()) yield { ...row, values };
  }

  #merge(grain: string, key: string, endMs: number, minutes: number, values: Values): void {
    const identity = `${grain}~${key}~${minutes}~${endMs}`;
    const known = this.#windows.get(identity);
    if (known !== undefined) {
      merge(known.values, values);
      return;
    }
    this.#windows.set(identity, {
      row: {
        grain,
        key,
        window: `${minutes}m`,
        start: new Date(endMs - minutes * minuteMs).toISOString(),
        end: new Date(endMs).toISOString(),
      },
      values: { ...values },
    });
  }
}

/** Computes every window of factory-aggregates v1 from distinct valid events. */
export function recomputeFactoryAggregates(events: Iterable<FactoryTelemetry>): ViewWindow[] {
  const sums = new WindowSums();
  for (const event of events) sums.add(event);
  return [...sums.windows()];
}
