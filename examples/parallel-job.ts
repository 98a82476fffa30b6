// Runs a job partition by partition, as worker threads do: `node dist/examples/parallel-job.js 2` takes two of them and
// prints the same rows in the same order. Threads run compiled modules only.
import { parseDateTime } from "../asa";
import { createParallelJob } from "../asa/node";

async function main(): Promise<void> {
  const job = await createParallelJob({
    query:
      "SELECT deviceId, COUNT(*) AS n INTO counts FROM telemetry TIMESTAMP BY t GROUP BY deviceId, TumblingWindow(minute, 1)",
    mode: "replay",
    policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: null, policy: "adjust" },
    partitions: { telemetry: 4 },
    // All events of a device are in one partition.
    partitionKeys: { telemetry: "deviceId" },
    workers: Number(process.argv[2] ?? 0),
    onLines: ({ lines }) => process.stdout.write(lines),
  });
  const arrival = parseDateTime("2026-01-01T10:00:30Z") as bigint;
  const calls = [0, 1, 2, 3].map((partition) => {
    const line = `{"deviceId":"device-${partition}","t":"2026-01-01T10:00:10Z"}\n`;
    return job.pushLines(
      "telemetry",
      partition,
      new TextEncoder().encode(line.repeat(partition + 1)),
      arrival,
    );
  });
  await Promise.all([...calls, job.finish()]);
  await job.close();
}

void main();

// Prints:
// {"deviceId":"device-0","n":1}
// {"deviceId":"device-1","n":2}
// {"deviceId":"device-2","n":3}
// {"deviceId":"device-3","n":4}
