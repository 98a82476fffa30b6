import type { TelemetryMessage } from "./telemetry-message";

/** Latencies between two bounds. */
export interface LatencyBucket {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/** Where latencies are counted. */
export interface LatencyRecorder {
  record(milliseconds: number): void;
}

/** Upper bounds, each at most half as much again as the one before, so that a percentile is right within that. */
const upperBounds = bounds(1, 3_600_000, 1.25);

function bounds(first: number, last: number, factor: number): number[] {
  const found = [first];
  while (found.at(-1)! < last) found.push(Math.ceil(found.at(-1)! * factor));
  return found;
}

/** Counts latencies by size; memory and rows do not grow with their number. */
export class LatencyHistogram implements LatencyRecorder {
  #buckets = new Map<number, LatencyBucket>();

  record(milliseconds: number): void {
    this.#add({ count: 1, sum: milliseconds, min: milliseconds, max: milliseconds });
  }

  /** Takes every bucket out; the histogram is empty afterwards. */
  take(): LatencyBucket[] {
    const taken = [...this.#buckets].sort(([a], [b]) => a - b).map(([, bucket]) => bucket);
    this.#buckets = new Map();
    return taken;
  }

  /** Puts buckets back that were taken and could not be delivered. */
  putBack(buckets: readonly LatencyBucket[]): void {
    for (const bucket of buckets) this.#add(bucket);
  }

  #add({ count, sum, min, max }: LatencyBucket): void {
    const at = upperBounds.findIndex((bound) => max <= bound);
    const known = this.#buckets.get(at);
    this.#buckets.set(at, {
      count: count + (known?.count ?? 0),
      sum: sum + (known?.sum ?? 0),
      min: Math.min(min, known?.min ?? min),
      max: Math.max(max, known?.max ?? max),
    });
  }
}

/**
 * Counts, for every message of a batch, the time from the hub's taking it until the use case has answered. A batch that
 * fails is counted when its repetition succeeds, with the time that it lost.
 */
export function measured(
  useCase: (messages: readonly TelemetryMessage[]) => Promise<number>,
  latencies: LatencyRecorder,
  now: () => number,
): (messages: readonly TelemetryMessage[]) => Promise<number> {
  return async (messages) => {
    const answer = await useCase(messages);
    const end = now();
    // Clocks of two machines may differ by some milliseconds.
    for (const { enqueuedTime } of messages) latencies.record(Math.max(0, end - Date.parse(enqueuedTime)));
    return answer;
  };
}
