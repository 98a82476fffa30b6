import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { BenchmarkData } from "./data";
import type { RunResult } from "./run-engine";

/** The engines side by side; each run is a process of its own. */
export type Engine = "engine" | "interpreter" | "one worker" | "two workers" | "duckdb";

/** Two sizes of input, run several times each. */
export interface Measured {
  /** CPU microseconds per event between the small and the large input: start-up and warm-up are taken off. */
  readonly slope: number;
  /** Thousands of events per second of wall time between the two inputs; NaN when other work on the machine hid the difference. */
  readonly rate: number;
  readonly large: RunResult;
}

const modules: Readonly<Record<Engine, string>> = {
  engine: "run-engine",
  interpreter: "run-engine",
  "one worker": "run-workers",
  "two workers": "run-workers",
  duckdb: "run-duckdb",
};

/** Longest time of one run; a process that hangs is an error, not a wait without end. */
const timeoutMs = 600_000;

/** Runs a module of this folder in a process of its own. */
export function once<Result = RunResult>(
  module: string,
  task: unknown,
  options: readonly string[] = [],
): Result {
  const path = join(__dirname, `${module}.js`);
  return JSON.parse(
    execFileSync(process.execPath, [...options, path, JSON.stringify(task)], {
      encoding: "utf8",
      timeout: timeoutMs,
    }),
  );
}

/** What a run of a workload is told. */
export function taskOf(engine: Engine, workload: string, data: BenchmarkData) {
  return {
    workload,
    telemetry: data.telemetry,
    telemetryParts: data.telemetryParts,
    commands: data.commands,
    commandParts: data.commandParts,
    reference: data.reference,
    evaluator: engine === "interpreter" ? "interpreter" : "generated",
    threads: 1,
    workers: engine === "two workers" ? 2 : 1,
  };
}

export function runEngineOnce(engine: Engine, workload: string, data: BenchmarkData): RunResult {
  return once(modules[engine], taskOf(engine, workload, data));
}

function best(results: readonly RunResult[]): RunResult {
  return results.reduce((a, b) => (b.cpuSeconds < a.cpuSeconds ? b : a));
}

/** Runs both sizes in turns and takes the best of each. */
export function measure(
  run: (data: BenchmarkData) => RunResult,
  small: BenchmarkData,
  large: BenchmarkData,
  repetitions: number,
): Measured {
  const smalls: RunResult[] = [];
  const larges: RunResult[] = [];
  for (let i = 0; i < repetitions; i++) {
    smalls.push(run(small));
    larges.push(run(large));
  }
  const [a, b] = [best(smalls), best(larges)];
  const events = large.events - small.events;
  const seconds = Math.min(...larges.map((r) => r.seconds)) - Math.min(...smalls.map((r) => r.seconds));
  return {
    slope: ((b.cpuSeconds - a.cpuSeconds) / events) * 1e6,
    rate: seconds > 0 ? events / seconds / 1000 : Number.NaN,
    large: b,
  };
}
