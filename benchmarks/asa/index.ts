import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AimedAt, missedAims } from "./aims";
import { type BenchmarkData, benchmarkData } from "./data";
import { type Engine, measure, once, runEngineOnce } from "./measure";
import { circumstances, one, repeated, thousands, writeSection } from "./page";
import { profile } from "./profile";
import { workloads } from "./queries";

/** Queries whose keys never meet across devices, so that partitions can go to worker threads. */
const parallel: ReadonlySet<string> = new Set(["W1", "W4", "W5", "W7"]);

/** Runs all workloads and writes the table between the marks of docs/benchmarks.md. */
export async function benchAsa(
  events: number,
  repetitions: number,
  page: string,
  only: readonly string[],
): Promise<void> {
  const folder = join(tmpdir(), "asa-bench");
  const small = await benchmarkData(folder, Math.round(events / 4));
  const large = await benchmarkData(folder, events);
  const lines = [
    "| | engine CPU µs/event | engine k events/s | by rows, interpreted µs | DuckDB 1 thread µs | DuckDB k events/s | DuckDB µs / engine µs | 1 worker k events/s | 2 workers k events/s | 2 / 1 | rows (engine, DuckDB) | peak RSS MB (engine, DuckDB) | largest parts of the profile |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|",
  ];
  const measured: AimedAt[] = [];
  // The interpreter needs tens of times as long and its slope is the same on less.
  const [few, fewer] = [
    await benchmarkData(folder, Math.min(events, 240_000)),
    await benchmarkData(folder, Math.round(Math.min(events, 240_000) / 4)),
  ];
  for (const { name, title } of workloads) {
    if (!only.includes(name)) continue;
    const run = (engine: Engine) => (data: BenchmarkData) => runEngineOnce(engine, name, data);
    const engine = measure(run("engine"), small, large, repetitions);
    const duckdb = measure(run("duckdb"), small, large, repetitions);
    const interpreter = measure(run("interpreter"), fewer, few, 1);
    const threads = (engineName: Engine) =>
      parallel.has(name) ? measure(run(engineName), small, large, repetitions) : null;
    const [oneWorker, twoWorkers] = [threads("one worker"), threads("two workers")];
    lines.push(
      `| ${name} ${title} | ${one(engine.slope)} | ${thousands(engine.rate)} | ${one(interpreter.slope)} | ${one(duckdb.slope)} | ${thousands(duckdb.rate)} | ${one(duckdb.slope / engine.slope)} | ${oneWorker === null ? "" : thousands(oneWorker.rate)} | ${twoWorkers === null ? "" : thousands(twoWorkers.rate)} | ${oneWorker === null ? "" : one(twoWorkers!.rate / oneWorker.rate)} | ${thousands(engine.large.rows)}, ${thousands(duckdb.large.rows)} | ${engine.large.residentMegabytes}, ${duckdb.large.residentMegabytes} | ${profile(name, large)} |`,
    );
    console.log(lines.at(-1));
    measured.push({
      name,
      duckdbRatio: duckdb.slope / engine.slope,
      workersRatio: oneWorker === null ? null : twoWorkers!.rate / oneWorker.rate,
      megabytes: engine.large.residentMegabytes,
    });
  }
  const parse = measure(
    (data) => once("run-parse", { telemetry: data.telemetry }),
    small,
    large,
    repetitions,
  );
  const text = [
    circumstances(`npm run bench -- asa --events ${events}${repeated(repetitions)}`),
    "",
    ...lines,
    "",
    `Plain Node, W1 with JSON.parse and a map of objects: ${one(parse.slope)} µs of CPU per event.`,
    "",
    ...missedAims(measured),
  ].join("\n");
  writeSection(page, "asa", text);
}
