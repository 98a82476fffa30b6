// Runs a live job over two partitions: late events are named, a snapshot moves the job to another process.
import { compilePlan, createJob, type Job, parseDateTime, type TimePolicies, writeJsonObject } from "../asa";

const plan = compilePlan(
  "SELECT lineId, COUNT(*) AS n INTO counts FROM telemetry TIMESTAMP BY t GROUP BY lineId, TumblingWindow(minute, 1)",
);
const second = 10_000_000n;
const policies: TimePolicies = {
  lateToleranceTicks: 5n * second,
  outOfOrderToleranceTicks: 2n * second,
  policy: "drop",
};

const start = (): Job =>
  createJob(plan, {
    mode: "live",
    policies,
    partitions: { telemetry: 2 },
    onRows: (rows) => {
      for (const row of rows) console.log(writeJsonObject(row.columns, row.values));
    },
    onDiagnostic: ({ kind, action, message }) => console.log(kind, action, message),
  });

const ticks = (time: string): bigint => parseDateTime(`2026-01-01T${time}Z`) as bigint;
function send(job: Job, partition: number, lineId: string, time: string, arrival = time): void {
  const body = new TextEncoder().encode(JSON.stringify({ lineId, t: `2026-01-01T${time}Z` }));
  job.push("telemetry", partition, [{ body, arrival: ticks(arrival) }]);
}

const first = start();
send(first, 0, "a", "10:00:10");
send(first, 1, "b", "10:00:20");
send(first, 0, "a", "10:00:11", "10:00:30");
const snapshot = first.snapshot();

const resumed = start();
resumed.restore(snapshot);
send(resumed, 0, "a", "10:00:50");
// The window closes when the watermark of every partition has passed its end.
resumed.advance("telemetry", 0, ticks("10:01:10"));
console.log("partition 1 has not said how far it is");
resumed.advance("telemetry", 1, ticks("10:01:10"));

// Prints:
// LateInputEvent dropped the event arrived 19 s after its time, more than 5 s
// partition 1 has not said how far it is
// {"lineId":"a","n":2}
// {"lineId":"b","n":1}
