/** What a window adds up to; every value combines with that of another window, so no averages (law L6). */
export interface ViewValues {
  readonly count: number;
  readonly temperatureSum: number;
  readonly temperatureMin: number;
  readonly temperatureMax: number;
  readonly vibrationSum: number;
  readonly vibrationMax: number;
  readonly pressureSum: number;
  readonly powerKwSum: number;
  readonly unitsSum: number;
  readonly defectsSum: number;
}

/** A closed window as the stream job writes it to `realtime-views`. */
export interface ViewRow extends ViewValues {
  /** `grain~key~window~endEpochSeconds`; a batch row appends `~generation`. */
  readonly id: string;
  /** `job~version~key` */
  readonly partitionKey: string;
  readonly job: string;
  readonly version: string;
  readonly grain: string;
  readonly key: string;
  readonly window: string;
  /** Exclusive start, ISO 8601 UTC with seven digits. */
  readonly windowStart: string;
  /** Inclusive end, ISO 8601 UTC with seven digits. */
  readonly windowEnd: string;
  /** Platform time of the write; absent where the writer cannot tell, as Stream Analytics cannot. */
  readonly asOf?: string;
}

/** A row of the batch layer; rows of a generation count only while the pointer names it. */
export interface BatchViewRow extends ViewRow {
  readonly generation: number | string;
}

/** One document per job version: up to where the batch layer answers, and with which generation. */
export interface ViewPointer {
  /** `job~version` */
  readonly id: string;
  readonly job: string;
  readonly version: string;
  readonly batchHighWatermark: string;
  readonly generation: number | string;
  readonly asOf: string;
}

/** Names a view's partition. */
export function viewPartitionKey(job: string, version: string, key: string): string {
  return `${job}~${version}~${key}`;
}

/** Picks the mergeable values out of a row. */
export function valuesOf(row: ViewValues): ViewValues {
  return {
    count: row.count,
    temperatureSum: row.temperatureSum,
    temperatureMin: row.temperatureMin,
    temperatureMax: row.temperatureMax,
    vibrationSum: row.vibrationSum,
    vibrationMax: row.vibrationMax,
    pressureSum: row.pressureSum,
    powerKwSum: row.powerKwSum,
    unitsSum: row.unitsSum,
    defectsSum: row.defectsSum,
  };
}

/** Adds two disjoint windows up. */
export function combineValues(a: ViewValues, b: ViewValues): ViewValues {
  return {
    count: a.count + b.count,
    temperatureSum: a.temperatureSum + b.temperatureSum,
    temperatureMin: Math.min(a.temperatureMin, b.temperatureMin),
    temperatureMax: Math.max(a.temperatureMax, b.temperatureMax),
    vibrationSum: a.vibrationSum + b.vibrationSum,
    vibrationMax: Math.max(a.vibrationMax, b.vibrationMax),
    pressureSum: a.pressureSum + b.pressureSum,
    powerKwSum: a.powerKwSum + b.powerKwSum,
    unitsSum: a.unitsSum + b.unitsSum,
    defectsSum: a.defectsSum + b.defectsSum,
  };
}

/** Averages derived on read; a window without events has none. */
export interface ViewAverages {
  readonly temperature: number | null;
  readonly vibration: number | null;
  readonly pressure: number | null;
  readonly powerKw: number | null;
}

/** Divides the sums by the count. */
export function averagesOf(values: ViewValues): ViewAverages {
  const mean = (sum: number) => (values.count === 0 ? null : sum / values.count);
  return {
    temperature: mean(values.temperatureSum),
    vibration: mean(values.vibrationSum),
    pressure: mean(values.pressureSum),
    powerKw: mean(values.powerKwSum),
  };
}
