import { openSync, readFileSync, writeSync } from "node:fs";
import { type AsaRecord, readJson, ticksFromUnixMillis } from "../../asa";
import { createParallelJob } from "../../asa/node";
import { LineFile } from "./line-file";
import { inputs, workloads } from "./queries";
import { policies, type RunResult } from "./run-engine";

interface Task {
  readonly workload: string;
  readonly workers: number;
  readonly telemetryParts: readonly string[];
  readonly commandParts: readonly string[];
  readonly reference: string;
}

const arrival = ticksFromUnixMillis(Date.UTC(2026, 0, 6));
const callsInFlight = 3;

/** Runs one workload with a partition for each part of the telemetry, spread over worker threads. */
async function run(task: Task): Promise<RunResult> {
  const workload = workloads.find(({ name }) => name === task.workload)!;
  const sink = openSync("/dev/null", "w");
  let rows = 0;
  const started = performance.now();
  const cpu = process.cpuUsage();
  const count = task.telemetryParts.length;
  const job = await createParallelJob({
    query: workload.query,
    compile: { inputs },
    mode: "replay",
    policies,
    partitions: { telemetry: count, commands: count },
    partitionKeys: { telemetry: "deviceId", commands: "deviceId" },
    workers: task.workers,
    onLines: ({ lines, rows: released }) => {
      rows += released;
      writeSync(sink, lines);
    },
  });
  if (workload.reference === true) {
    const lines = readFileSync(task.reference, "utf8").trim().split("\n");
    await job.setReference(
      "devices",
      lines.map((line) => readJson(line) as AsaRecord),
    );
  }
  const feed = async (partition: number) => {
    const waiting: Promise<void>[] = [];
    const push = async (input: string, lines: Uint8Array) => {
      waiting.push(job.pushLines(input, partition, lines, arrival));
      if (waiting.length > callsInFlight) await waiting.shift();
    };
    const telemetry = new LineFile(task.telemetryParts[partition]!);
    const commands = workload.commands === true ? new LineFile(task.commandParts[partition]!) : null;
    for (let turn = 0, lines = telemetry.next(); lines !== null; lines = telemetry.next(), turn++) {
      await push("telemetry", lines);
      const others = turn % 8 === 0 ? (commands?.next() ?? null) : null;
      if (others !== null) await push("commands", others);
    }
    for (let lines = commands?.next() ?? null; lines !== null; lines = commands?.next() ?? null)
      await push("commands", lines);
    await Promise.all(waiting);
  };
  await Promise.all(task.telemetryParts.map((_, partition) => feed(partition)));
  await job.finish();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await job.close();
  return {
    seconds,
    cpuSeconds: (user + system) / 1e6,
    rows,
    residentMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

if (require.main === module) {
  run(JSON.parse(process.argv[2] as string) as Task).then((result) =>
    process.stdout.write(JSON.stringify(result)),
  );
}
