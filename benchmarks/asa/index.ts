import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { type BenchmarkData, benchmarkData } from "./data";
import { workloads } from "./queries";
import type { RunResult } from "./run-engine";

/** The engines side by side; each run is a process of its own. */
const engines = ["engine", "interpreter", "workers", "duckdb"] as const;
type Engine = (typeof engines)[number];

interface Measured {
  /** CPU microseconds per event between the small and the large input: start-up and warm-up are taken off. */
  readonly slope: number;
  /** Thousands of events per second of wall time between the two inputs. */
  readonly rate: number;
  readonly large: RunResult;
}

/** Queries whose keys never meet across devices, so that partitions can go to worker threads. */
const parallel: ReadonlySet<string> = new Set(["W1", "W4", "W5", "W7"]);

function once(module: string, task: unknown, options: readonly string[] = []): RunResult {
  const path = join(__dirname, `${module}.js`);
  return JSON.parse(
    execFileSync(process.execPath, [...options, path, JSON.stringify(task)], { encoding: "utf8" }),
  );
}

function task(engine: Engine, workload: string, data: BenchmarkData) {
  return {
    workload,
    telemetry: data.telemetry,
    telemetryParts: data.telemetryParts,
    commands: data.commands,
    reference: data.reference,
    evaluator: engine === "interpreter" ? "interpreter" : "generated",
    threads: 1,
  };
}

const modules: Readonly<Record<Engine, string>> = {
  engine: "run-engine",
  interpreter: "run-engine",
  workers: "run-workers",
  duckdb: "run-duckdb",
};

function best(results: readonly RunResult[]): RunResult {
  return results.reduce((a, b) => (b.cpuSeconds < a.cpuSeconds ? b : a));
}

function measure(
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
    rate: events / Math.max(seconds, 1e-9) / 1000,
    large: b,
  };
}

/** The functions with the largest share of a run's own time. */
function profile(workload: string, data: BenchmarkData): string {
  const folder = mkdtempSync(join(tmpdir(), "asa-profile-"));
  once("run-engine", task("engine", workload, data), ["--cpu-prof", `--cpu-prof-dir=${folder}`]);
  const file = readdirSync(folder).find((name) => name.endsWith(".cpuprofile"))!;
  const recorded = JSON.parse(readFileSync(join(folder, file), "utf8")) as {
    nodes: { id: number; callFrame: { functionName: string; url: string } }[];
    samples: number[];
    timeDeltas: number[];
  };
  const nodes = new Map(recorded.nodes.map((node) => [node.id, node.callFrame]));
  const shares = new Map<string, number>();
  let whole = 0;
  for (const [index, id] of recorded.samples.entries()) {
    const { functionName, url } = nodes.get(id)!;
    const name = url === "" && functionName === "" ? "generated code" : functionName || "callback";
    const key = url === "" ? name : `${name} (${url.split("/").at(-1)?.replace(".js", "")})`;
    shares.set(key, (shares.get(key) ?? 0) + recorded.timeDeltas[index]!);
    whole += recorded.timeDeltas[index]!;
  }
  return [...shares]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([name, time]) => `${name} ${Math.round((time / whole) * 100)} %`)
    .join(", ");
}

const one = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
const thousands = (value: number): string => Math.round(value).toLocaleString("en");

/** Runs all workloads and writes the table between the marks of docs/benchmarks.md. */
export async function benchAsa(events: number, repetitions: number, page: string): Promise<void> {
  const folder = join(tmpdir(), "asa-bench");
  const small = await benchmarkData(folder, Math.round(events / 4));
  const large = await benchmarkData(folder, events);
  const lines = [
    "| | engine CPU µs/event | engine k events/s | by rows, interpreted µs | DuckDB 1 thread µs | DuckDB k events/s | DuckDB µs / engine µs | 2 workers k events/s | rows (engine, DuckDB) | RSS MB (engine, DuckDB) | largest parts of the profile |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|",
  ];
  for (const { name, title } of workloads) {
    const run = (engine: Engine) => (data: BenchmarkData) => once(modules[engine], task(engine, name, data));
    const engine = measure(run("engine"), small, large, repetitions);
    const duckdb = measure(run("duckdb"), small, large, repetitions);
    const interpreter = measure(run("interpreter"), small, large, 1);
    const workers = parallel.has(name) ? measure(run("workers"), small, large, repetitions) : null;
    lines.push(
      `| ${name} ${title} | ${one(engine.slope)} | ${thousands(engine.rate)} | ${one(interpreter.slope)} | ${one(duckdb.slope)} | ${thousands(duckdb.rate)} | ${one(duckdb.slope / engine.slope)} | ${workers === null ? "" : thousands(workers.rate)} | ${thousands(engine.large.rows)}, ${thousands(duckdb.large.rows)} | ${engine.large.residentMegabytes}, ${duckdb.large.residentMegabytes} | ${profile(name, large)} |`,
    );
    console.log(lines.at(-1));
  }
  const parse = measure(
    (data) => once("run-parse", { telemetry: data.telemetry }),
    small,
    large,
    repetitions,
  );
  const [cpu] = cpus();
  const text = [
    `Machine: ${cpus().length} x ${cpu?.model.trim() ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}. Command: \`npm run bench -- asa --events ${events}\`.`,
    "",
    ...lines,
    "",
    `Plain Node, W1 with JSON.parse and a map of objects: ${one(parse.slope)} µs of CPU per event.`,
  ].join("\n");
  const before = readFileSync(page, "utf8");
  writeFileSync(
    page,
    before.replace(/<!-- asa -->[\s\S]*<!-- \/asa -->/, () => `<!-- asa -->\n${text}\n<!-- /asa -->`),
  );
}
