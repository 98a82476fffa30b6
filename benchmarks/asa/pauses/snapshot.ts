import { compile, createJob, type Job, type LogicalPlan, ticksFromUnixMillis } from "../../../asa";

/** Milliseconds of the parts of a snapshot. */
export interface SnapshotPauses {
  readonly megabytes: number;
  /** Time the job stands still: the first snapshot, and the middle and longest of those after it. */
  readonly firstCapture: number;
  readonly capture: number;
  readonly longestCapture: number;
  /** Longest piece of work between two batches before and after the capture. */
  readonly longestSlice: number;
  /** `Job.snapshot` at once, for comparison. */
  readonly whole: number;
  readonly restore: number;
}

const query =
  "SELECT deviceId, COUNT(*) AS n, AVG(temperature) AS mean, MIN(temperature) AS low, MAX(temperature) AS high INTO output FROM telemetry TIMESTAMP BY eventTime GROUP BY deviceId, TumblingWindow(hour, 1)";
const start = Date.UTC(2026, 0, 5, 8, 0, 0);
const batch = 5000;

function open(plan: LogicalPlan): Job {
  return createJob(plan, {
    mode: "live",
    policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: 0n, policy: "adjust" },
    onRows: () => {},
  });
}

function lines(from: number, time: string): Uint8Array {
  let text = "";
  for (let n = from; n < from + batch; n++)
    text += `{"deviceId":"device-${String(n).padStart(7, "0")}","eventTime":"${time}","temperature":${n % 97}.5}\n`;
  return Buffer.from(text, "latin1");
}

function took(work: () => unknown): number {
  const before = performance.now();
  work();
  return performance.now() - before;
}

/** Snapshots of a job with `groups` groups in an open window, with batches of events between the pieces. */
export function measureSnapshots(groups: number): SnapshotPauses {
  const { plan } = compile(query);
  const job = open(plan!);
  const arrival = ticksFromUnixMillis(start);
  for (let from = 0; from < groups; from += batch)
    job.pushLines("telemetry", 0, lines(from, "2026-01-05T08:00:01Z"), arrival);
  const captures: number[] = [];
  let longestSlice = 0;
  let megabytes = 0;
  const slice = (work: () => boolean): boolean => {
    let done = false;
    longestSlice = Math.max(
      longestSlice,
      took(() => {
        done = work();
      }),
    );
    return done;
  };
  for (let round = 0; round < 9; round++) {
    const task = job.beginSnapshot();
    let from = 0;
    const next = () => {
      job.pushLines("telemetry", 0, lines(from, `2026-01-05T08:00:${10 + round}Z`), arrival);
      from += batch;
    };
    while (!slice(() => task.prepare())) if (from < 50_000) next();
    captures.push(took(() => task.capture()));
    while (!slice(() => task.seal())) if (from < 100_000) next();
    megabytes = task.pieces.reduce((sum, piece) => sum + piece.length, 0) / 1e6;
  }
  const bytes = job.snapshot();
  const whole = took(() => job.snapshot());
  const restored = open(plan!);
  const restore = took(() => restored.restore(bytes));
  const later = captures.slice(1).sort((a, b) => a - b);
  return {
    megabytes,
    firstCapture: captures[0]!,
    capture: later[later.length >> 1]!,
    longestCapture: later.at(-1)!,
    longestSlice,
    whole,
    restore,
  };
}

if (require.main === module) {
  const { groups } = JSON.parse(process.argv[2]!) as { groups: number };
  process.stdout.write(JSON.stringify(measureSnapshots(groups)));
}
