import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { RunReport } from "../../local/run/report";
import { command, endWithThisProcess, LivePlatform, pause } from "./live-platform";
import { probeDeviceState } from "./state-probe";

/** Latency under a steady load; rates in messages per wall second. */
export interface LatencyMeasure {
  readonly options: readonly string[];
  readonly asked: number;
  /** What the producers really sent while the probes measured. */
  readonly reached: number;
  readonly latenciesMs: readonly number[];
  readonly missing: number;
  /** From the append in the hub's log to the stored state, over all messages of the last seconds. */
  readonly stateMs: { readonly p50: number; readonly p99: number } | null;
  readonly peakMemoryMb: number;
  /** Processor time per message that was sent while the probes measured, by process, microseconds. */
  readonly processorMicroseconds: ReadonlyMap<string, number>;
  /** Load average of the machine over the last minute of the measure; the platform's own part included. */
  readonly load: number;
}

const warmUpSeconds = 10;

/** Runs the platform live in real time under a load of AMQP producers and probes it. */
export async function measureLatency(rate: number, seconds: number): Promise<LatencyMeasure> {
  const options = ["--rate", String(rate), "--speed", "1x", "--devices", "200", "--mqtt-devices", "10"];
  const platform = await LivePlatform.start(options);
  try {
    await platform.until(({ devices }) => devices.length > 0);
    await pause(warmUpSeconds * 1000);
    const sentBefore = await sentSoFar(platform);
    const usedBefore = await platform.processorSeconds();
    const startedMs = performance.now();
    const { latenciesMs, missing } = await probeDeviceState(platform, seconds);
    const measuredSeconds = (performance.now() - startedMs) / 1000;
    const sent = (await sentSoFar(platform)) - sentBefore;
    const used = await platform.processorSeconds();
    const reached = Math.round(sent / measuredSeconds);
    const { hops } = await platform.state();
    const stateMs =
      hops.find(({ from, to }) => from === "event-hubs" && to === "functions")?.latencyMs ?? null;
    return {
      options,
      asked: rate,
      reached,
      latenciesMs,
      missing,
      stateMs,
      peakMemoryMb: platform.peakMemoryMb,
      processorMicroseconds: new Map(
        [...used].map(([name, seconds]) => [name, ((seconds - (usedBefore.get(name) ?? 0)) / sent) * 1e6]),
      ),
      load: loadavg()[0] as number,
    };
  } finally {
    await platform.stop();
  }
}

async function sentSoFar(platform: LivePlatform): Promise<number> {
  const { hops } = await platform.state();
  return hops.filter(({ from }) => from === "devices").reduce((sum, { total }) => sum + total, 0);
}

/** Seconds from the start of `up`, with nothing on disk, to the first window on the page. */
export async function measureFirstWindow(): Promise<{
  readonly options: readonly string[];
  readonly seconds: number;
}> {
  const options = ["--speed", "10x"];
  const startedMs = performance.now();
  const platform = await LivePlatform.start(options);
  try {
    await platform.until(({ windows }) => windows.length > 0);
    return { options, seconds: (performance.now() - startedMs) / 1000 };
  } finally {
    await platform.stop();
  }
}

/** An unattended run: what was sent as fast as it is taken, and what became of it. */
export interface SustainedMeasure {
  readonly options: readonly string[];
  /** Absent when the run ended without a report. */
  readonly report: RunReport | undefined;
  readonly exitCode: number | null;
  readonly load: number;
}

/** Sends at `rate` for `seconds` in an unattended run, whose clock waits for slow parts, and lets it close its accounting. */
export async function measureSustained(rate: number, seconds: number): Promise<SustainedMeasure> {
  const outDir = mkdtempSync(join(tmpdir(), "platform-bench-out-"));
  const options = [
    ...["--for", `${seconds}s`, "--rate", String(rate), "--speed", "30x", "--devices", "200"],
    ...["--mqtt-devices", "0", "--no-dashboard"],
  ];
  const child = spawn(process.execPath, [command, "up", ...options, "--out", outDir], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  endWithThisProcess(child);
  try {
    const exitCode = await new Promise<number | null>((resolve) => child.once("exit", resolve));
    return {
      options,
      exitCode,
      report: readReport(join(outDir, "report.json")),
      load: loadavg()[0] as number,
    };
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

function readReport(path: string): RunReport | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as RunReport;
  } catch {
    return undefined;
  }
}
