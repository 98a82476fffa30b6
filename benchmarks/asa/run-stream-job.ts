import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compile, createJob, type InputEvent, type LogicalPlan, ticksFromUnixMillis } from "../../asa";
import type { RunResult } from "./run-engine";

const root = join(__dirname, "../../..");
const start = Date.UTC(2026, 0, 5, 8, 0, 0);
const devices = 1000;
const perSecond = 1000;
const batch = 500;
const encoder = new TextEncoder();

interface Task {
  /** Folder of the job's version below stream-jobs; null: none. */
  readonly job: string | null;
  readonly events: number;
  readonly partitions: number;
}

/** A reading as the platform's devices send it, one message each. */
function reading(n: number): InputEvent {
  const device = (n * 7919) % devices;
  const millis = start + Math.floor((n * 1000) / perSecond) - ((Math.imul(n, 2_654_435_761) >>> 0) % 900);
  const line = device % 20;
  const text = `{"eventId":"e-${n.toString(36).padStart(8, "0")}","schemaVersion":1,"eventTime":"${new Date(millis).toISOString()}","deviceId":"press-${String(device).padStart(4, "0")}","factoryId":"fab-${line % 4}","lineId":"line-${String(line).padStart(2, "0")}","temperature":${60 + (n % 97) / 4},"vibration":${2 + (n % 13) / 8},"pressure":${500 + (n % 31)}.5,"powerKw":${18 + (n % 7)}.25,"units":${n % 5},"defects":${n % 97 === 0 ? 1 : 0}}`;
  return {
    body: encoder.encode(text),
    arrival: ticksFromUnixMillis(start + Math.floor((n * 1000) / perSecond)),
    metadata: { partition: device % 4, sequence: BigInt(n), offset: String(n * 300) },
  };
}

/** Messages `from` to `to` by partition. */
function readings(from: number, to: number, partitions: number): readonly InputEvent[][] {
  const parts = Array.from({ length: partitions }, (): InputEvent[] => []);
  for (let n = from; n < to; n++) {
    const event = reading(n);
    parts[event.metadata!.partition % partitions]!.push(event);
  }
  return parts;
}

function compiled(folder: string): LogicalPlan {
  const query = readFileSync(join(root, "stream-jobs", folder, `${folder.split("/")[0]!}.asaql`), "utf8");
  const { plan, diagnostics } = compile(query);
  if (plan === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return plan;
}

/** Runs a job of stream-jobs over messages as its live input has them; without a job the messages are only made. */
export function runStreamJob({ job: folder, events, partitions }: Task): RunResult {
  const plan = folder === null ? null : compiled(folder);
  let rows = 0;
  const cpu = process.cpuUsage();
  const started = performance.now();
  const job =
    plan === null
      ? null
      : createJob(plan, {
          mode: "live",
          policies: {
            lateToleranceTicks: 100_000_000n,
            outOfOrderToleranceTicks: 110_000_000n,
            policy: "drop",
          },
          partitions: { telemetry: partitions },
          onRows: (released) => {
            rows += released.length;
          },
        });
  for (let from = 0; from < events; from += batch * partitions) {
    const parts = readings(from, Math.min(events, from + batch * partitions), partitions);
    for (const [partition, part] of parts.entries()) job?.push("telemetry", partition, part);
  }
  job?.finish();
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    rows,
    residentMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

if (require.main === module)
  process.stdout.write(JSON.stringify(runStreamJob(JSON.parse(process.argv[2] as string) as Task)));
