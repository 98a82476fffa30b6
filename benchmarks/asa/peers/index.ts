import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BenchmarkData, benchmarkData, cut } from "../data";
import { type Measured, measure, runEngineOnce } from "../measure";
import { circumstances, one, repeated, thousands, writeSection } from "../page";
import { workloads } from "../queries";
import type { RunResult } from "../run-engine";
import { ensurePeers, type Peers } from "./install";
import { flinkQueries, sparkWorkloads } from "./queries";

/** Longest time of one run of a peer. */
const timeoutMs = 600_000;
/** Micro-batches of the large input. */
const pieces = 16;

function python(peers: Peers, program: string, task: unknown): RunResult {
  const output = execFileSync(peers.python, ["-B", join(peers.sources, program), JSON.stringify(task)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: timeoutMs,
    env: { ...process.env, PYTHONNOUSERSITE: "1", PYSPARK_PYTHON: peers.python },
  });
  return JSON.parse(output.trim().split("\n").at(-1)!) as RunResult;
}

function columnsOf(peer: Measured | null, engine: Measured): string {
  if (peer === null) return " | | | |";
  const { slope, rate, large } = peer;
  return ` ${one(slope)} | ${one(slope / engine.slope)} | ${thousands(rate)} | ${thousands(large.residentMegabytes)} |`;
}

/** Runs the streaming engines from PyPI beside ours and writes their table between the marks of docs/benchmarks.md. */
export async function benchPeers(
  events: number,
  repetitions: number,
  page: string,
  only: readonly string[],
): Promise<void> {
  const peers = ensurePeers();
  const folder = join(tmpdir(), "asa-bench");
  const small = await benchmarkData(folder, Math.round(events / 4));
  const large = await benchmarkData(folder, events);
  const folderOf = (path: string) => `${path}.pieces-${large.events}`;
  for (const data of [small, large]) {
    cut(data.telemetry, folderOf(data.telemetry), Math.ceil(large.events / pieces));
    cut(data.commands, folderOf(data.commands), Math.ceil(large.events / 5 / pieces));
  }
  const flink = (name: string) => (data: BenchmarkData) =>
    python(peers, "flink.py", {
      ...flinkQueries[name],
      flink: peers.flink,
      version: peers.flinkVersion,
      java: peers.java,
      telemetry: data.telemetry,
      commands: data.commands,
    });
  const spark = (name: string) => (data: BenchmarkData) =>
    python(peers, "spark.py", {
      workload: name,
      telemetry: folderOf(data.telemetry),
      commands: folderOf(data.commands),
      reference: data.reference,
    });
  const lines = [
    "| | engine µs/event | Flink SQL µs | Flink µs / engine µs | Flink k events/s | Flink RSS MB | Spark µs | Spark µs / engine µs | Spark k events/s | Spark RSS MB | rows (engine, Flink, Spark) | Flink's answer |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|",
  ];
  for (const { name, title } of workloads) {
    if (!only.includes(name)) continue;
    const asked = flinkQueries[name];
    const engine = measure((data) => runEngineOnce("engine", name, data), small, large, repetitions);
    const byFlink = asked === undefined ? null : measure(flink(name), small, large, repetitions);
    const bySpark = sparkWorkloads.has(name) ? measure(spark(name), small, large, repetitions) : null;
    const rows = [engine, byFlink, bySpark].map((peer) => (peer === null ? "–" : thousands(peer.large.rows)));
    lines.push(
      `| ${name} ${title} | ${one(engine.slope)} |${columnsOf(byFlink, engine)}${columnsOf(bySpark, engine)} ${rows.join(", ")} | ${asked?.difference ?? ""} |`,
    );
    console.log(lines.at(-1));
    // Each workload takes minutes: what is done stays when the rest is not waited for.
    writeSection(page, "asa-peers", [...heading(events, repetitions, peers), ...lines].join("\n"));
  }
}

function heading(events: number, repetitions: number, peers: Peers): string[] {
  return [
    circumstances(`npm run bench -- asa --peers --events ${events}${repeated(repetitions)}`),
    `Apache Flink ${peers.flinkVersion} SQL and Spark Structured Streaming, one task each, state on the heap.`,
    "",
  ];
}
