import { openSync, readFileSync, writeSync } from "node:fs";
import {
  type AsaRecord,
  compile,
  createJob,
  readJson,
  type TimePolicies,
  ticksFromUnixMillis,
} from "../../asa";
import { LineFile } from "./line-file";
import { inputs, workloads } from "./queries";

/** What one run of a workload in a process of its own took. */
export interface RunResult {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rows: number;
  /** Peak. */
  readonly residentMegabytes: number;
}

interface Task {
  readonly workload: string;
  readonly telemetry: string;
  readonly commands: string;
  readonly reference: string;
  readonly evaluator: "generated" | "interpreter";
}

const arrival = ticksFromUnixMillis(Date.UTC(2026, 0, 6));

/** Five seconds out of order, adjusted; no event is late or early. */
export const policies: TimePolicies = {
  lateToleranceTicks: null,
  outOfOrderToleranceTicks: 50_000_000n,
  policy: "adjust",
  earlyToleranceTicks: 864_000_000_000n,
};

/** Runs one workload to its end in this thread; rows are written as JSON lines to nowhere. */
export function runEngine(task: Task): RunResult {
  const workload = workloads.find(({ name }) => name === task.workload)!;
  const { plan, diagnostics } = compile(workload.query, { inputs });
  if (plan === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const sink = openSync("/dev/null", "w");
  let rows = 0;
  const started = performance.now();
  const cpu = process.cpuUsage();
  const job = createJob(plan, {
    mode: "replay",
    policies,
    evaluator: task.evaluator,
    onRows: () => {},
    onLines: ({ lines, rows: count }) => {
      rows += count;
      writeSync(sink, lines);
    },
  });
  if (workload.reference === true) {
    const lines = readFileSync(task.reference, "utf8").trim().split("\n");
    job.setReference(
      "devices",
      lines.map((line) => readJson(line) as AsaRecord),
    );
  }
  const telemetry = new LineFile(task.telemetry);
  const commands = workload.commands === true ? new LineFile(task.commands) : null;
  for (let turn = 0, lines = telemetry.next(); lines !== null; lines = telemetry.next(), turn++) {
    job.pushLines("telemetry", 0, lines, arrival);
    // A command line is about 0.6 of a telemetry line and there are a fifth as many.
    if (turn % 8 !== 0) continue;
    const others = commands?.next() ?? null;
    if (others !== null) job.pushLines("commands", 0, others, arrival);
  }
  for (let lines = commands?.next() ?? null; lines !== null; lines = commands?.next() ?? null)
    job.pushLines("commands", 0, lines, arrival);
  job.finish();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds,
    cpuSeconds: (user + system) / 1e6,
    rows,
    residentMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

if (require.main === module) {
  process.stdout.write(JSON.stringify(runEngine(JSON.parse(process.argv[2] as string) as Task)));
}
