import { LineFile } from "./line-file";
import type { RunResult } from "./run-engine";

interface Event {
  readonly deviceId: string;
  readonly eventTime: string;
  readonly temperature: number;
}

interface Group {
  count: number;
  sum: number;
  low: number;
  high: number;
}

function count(groups: Map<string, Group>, lines: Uint8Array): void {
  for (const line of Buffer.from(lines.buffer, lines.byteOffset, lines.length)
    .toString("latin1")
    .split("\n")) {
    if (line === "") continue;
    const { deviceId, eventTime, temperature } = JSON.parse(line) as Event;
    const end = Math.ceil(Date.parse(eventTime) / 60_000);
    const key = `${deviceId}|${end}`;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { count: 1, sum: temperature, low: temperature, high: temperature });
      continue;
    }
    group.count++;
    group.sum += temperature;
    if (temperature < group.low) group.low = temperature;
    if (temperature > group.high) group.high = temperature;
  }
}

/** W1 as plain Node writes it: JSON.parse of each line and a map of groups, without policies and without late events. */
function run(path: string): RunResult {
  const started = performance.now();
  const cpu = process.cpuUsage();
  const groups = new Map<string, Group>();
  const file = new LineFile(path);
  for (let lines = file.next(); lines !== null; lines = file.next()) count(groups, lines);
  let length = 0;
  for (const [key, { count, sum, low, high }] of groups)
    length += JSON.stringify({ key, mean: sum / count, low, high, n: count }).length;
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    rows: length > 0 ? groups.size : 0,
    residentMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

if (require.main === module) {
  process.stdout.write(
    JSON.stringify(run((JSON.parse(process.argv[2] as string) as { telemetry: string }).telemetry)),
  );
}
