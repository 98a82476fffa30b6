import type { ProcessStats } from "../process/child";

interface Sample {
  readonly wallMs: number;
  readonly counters: Readonly<Record<string, number>>;
}

const rateWindowMs = 3000;
const keptLatencies = 4096;
const histogramBase = 1.05;

/** Latencies in a log-scaled histogram: 5 % resolution, constant memory over any run. */
export class LatencyHistogram {
  readonly #buckets = new Map<number, number>();
  count = 0;

  add(ms: number): void {
    const bucket = ms <= 0.01 ? 0 : Math.max(0, Math.ceil(Math.log(ms / 0.01) / Math.log(histogramBase)));
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.count += 1;
  }

  /** Upper edge of the bucket that holds the quantile, in ms; 0 when nothing was measured. */
  quantile(q: number): number {
    let left = Math.ceil(this.count * q);
    for (const bucket of [...this.#buckets.keys()].sort((a, b) => a - b)) {
      left -= this.#buckets.get(bucket)!;
      if (left <= 0) return Number((0.01 * histogramBase ** bucket).toPrecision(3));
    }
    return 0;
  }

  summary(): { readonly p50: number; readonly p99: number; readonly p999: number; readonly count: number } {
    return {
      p50: this.quantile(0.5),
      p99: this.quantile(0.99),
      p999: this.quantile(0.999),
      count: this.count,
    };
  }
}

/**
 * Figures of all processes: counters that go on growing over a process's restarts, their rates over the last seconds,
 * recent latencies, and each path's histogram over the whole run.
 */
export class Meters {
  readonly #carried = new Map<string, Record<string, number>>();
  readonly #last = new Map<string, Record<string, number>>();
  readonly #samples = new Map<string, Sample[]>();
  readonly #gauges = new Map<string, Readonly<Record<string, number>>>();
  readonly #recent = new Map<string, number[]>();
  readonly #histograms = new Map<string, LatencyHistogram>();
  readonly #wall: () => number;

  constructor(wall: () => number = Date.now) {
    this.#wall = wall;
  }

  /** Call when a process starts anew: its counters begin at zero again. */
  restarted(process: string): void {
    this.#carried.set(process, this.#totals(process));
    this.#last.set(process, {});
  }

  record(process: string, stats: ProcessStats): void {
    this.#last.set(process, { ...stats.counters });
    if (stats.gauges !== undefined) this.#gauges.set(process, stats.gauges);
    const samples = this.#samples.get(process) ?? [];
    const wallMs = this.#wall();
    samples.push({ wallMs, counters: this.#totals(process) });
    while (samples.length > 2 && samples[0]!.wallMs < wallMs - rateWindowMs) samples.shift();
    this.#samples.set(process, samples);
    for (const [path, values] of Object.entries(stats.latenciesMs ?? {})) this.#latencies(path, values);
  }

  total(process: string, counter: string): number {
    return (this.#carried.get(process)?.[counter] ?? 0) + (this.#last.get(process)?.[counter] ?? 0);
  }

  /** Per wall second, over the last seconds; 0 when the process reports nothing any more. */
  rate(process: string, counter: string): number {
    const samples = this.#samples.get(process);
    const first = samples?.[0];
    const last = samples?.at(-1);
    if (first === undefined || last === undefined || last === first) return 0;
    if (this.#wall() - last.wallMs > rateWindowMs) return 0;
    const seconds = (last.wallMs - first.wallMs) / 1000;
    return seconds <= 0 ? 0 : ((last.counters[counter] ?? 0) - (first.counters[counter] ?? 0)) / seconds;
  }

  gauge(process: string, name: string): number | null {
    return this.#gauges.get(process)?.[name] ?? null;
  }

  /** Of the latest samples; null when there are none. */
  latency(path: string): { readonly p50: number; readonly p99: number } | null {
    const recent = this.#recent.get(path);
    if (recent === undefined || recent.length === 0) return null;
    const sorted = [...recent].sort((a, b) => a - b);
    const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!;
    return { p50: at(0.5), p99: at(0.99) };
  }

  /** Of the whole run, by path. */
  histograms(): ReadonlyMap<string, LatencyHistogram> {
    return this.#histograms;
  }

  #latencies(path: string, values: readonly number[]): void {
    if (values.length === 0) return;
    const recent = this.#recent.get(path) ?? [];
    recent.push(...values.slice(-keptLatencies));
    if (recent.length > keptLatencies) recent.splice(0, recent.length - keptLatencies);
    this.#recent.set(path, recent);
    const histogram = this.#histograms.get(path) ?? new LatencyHistogram();
    for (const value of values) histogram.add(value);
    this.#histograms.set(path, histogram);
  }

  #totals(process: string): Record<string, number> {
    const totals: Record<string, number> = { ...this.#carried.get(process) };
    for (const [name, value] of Object.entries(this.#last.get(process) ?? {}))
      totals[name] = (totals[name] ?? 0) + value;
    return totals;
  }
}
