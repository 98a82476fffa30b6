import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { RunResult } from "./run-engine";

interface Task {
  readonly telemetryParts: readonly string[];
}

/** Runs the engine in one worker thread for each part of the telemetry; the parts share no key. */
async function run(task: Task & Record<string, unknown>): Promise<RunResult> {
  const started = performance.now();
  const cpu = process.cpuUsage();
  const results = await Promise.all(
    task.telemetryParts.map(
      (telemetry) =>
        new Promise<RunResult>((resolve, reject) => {
          const worker = new Worker(join(__dirname, "worker.js"), { workerData: { ...task, telemetry } });
          worker.once("message", resolve);
          worker.once("error", reject);
        }),
    ),
  );
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    rows: results.reduce((sum, { rows }) => sum + rows, 0),
    residentMegabytes: Math.round(process.memoryUsage().rss / 1024 / 1024),
  };
}

if (require.main === module) {
  run(JSON.parse(process.argv[2] as string)).then((result) => process.stdout.write(JSON.stringify(result)));
}
