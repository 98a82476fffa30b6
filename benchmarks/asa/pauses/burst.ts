import { openSync, writeSync } from "node:fs";
import { compile, createJob, ticksFromUnixMillis } from "../../../asa";

/** Milliseconds from the event that ends a window to its last row, written as JSON. */
export interface Bursts {
  readonly first: number;
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
}

const query =
  "SELECT deviceId, AVG(temperature) AS mean, MIN(temperature) AS low, MAX(temperature) AS high, COUNT(*) AS n, System.Timestamp() AS windowEnd INTO output FROM telemetry TIMESTAMP BY eventTime GROUP BY deviceId, TumblingWindow(minute, 1)";
const start = Date.UTC(2026, 0, 5, 8, 0, 0);
const batch = 500;

/** Ends `windows` windows of `rows` rows each; events come in small batches, as a broker gives them. */
export function measureBursts(windows: number, rows: number): Bursts {
  const sink = openSync("/dev/null", "w");
  let written = 0;
  const job = createJob(compile(query).plan!, {
    mode: "live",
    policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: 0n, policy: "adjust" },
    onRows: () => {},
    onLines: ({ lines, rows: count }) => {
      written += count;
      writeSync(sink, lines);
    },
  });
  const times: number[] = [];
  for (let window = 0; window <= windows; window++) {
    const from = start + window * 60_000;
    const arrival = ticksFromUnixMillis(from);
    for (let first = 0; first < rows; first += batch) {
      let text = "";
      for (let device = first; device < first + batch; device++) {
        const time = new Date(from + 1000 + device).toISOString();
        text += `{"deviceId":"device-${String(device).padStart(5, "0")}","eventTime":"${time}","temperature":${20 + ((device * 7 + window) % 600) / 10}}\n`;
      }
      const bytes = Buffer.from(text, "latin1");
      const before = performance.now();
      const [had] = [written];
      job.pushLines("telemetry", 0, bytes, arrival);
      if (written > had) times.push(performance.now() - before);
    }
  }
  if (written !== windows * rows) throw new Error(`${written} rows instead of ${windows * rows}`);
  const sorted = [...times].sort((a, b) => a - b);
  return {
    first: times[0]!,
    median: sorted[sorted.length >> 1]!,
    p99: sorted[Math.ceil(sorted.length * 0.99) - 1]!,
    longest: sorted.at(-1)!,
  };
}

if (require.main === module) {
  const { windows, rows } = JSON.parse(process.argv[2]!) as { windows: number; rows: number };
  process.stdout.write(JSON.stringify(measureBursts(windows, rows)));
}
