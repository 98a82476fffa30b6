import { once } from "node:events";
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Files of one size of the benchmark's data. */
export interface BenchmarkData {
  readonly events: number;
  readonly telemetry: string;
  /** The same telemetry in two files that share no device. */
  readonly telemetryParts: readonly string[];
  readonly commands: string;
  readonly reference: string;
}

const devices = 10_000;
const partitions = 32;
const perSecond = 5000;
const start = Date.UTC(2026, 0, 5, 8, 0, 0);
const seed = 20_260_105;

/** mulberry32: small, seeded, the same on every machine. */
export function random(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const deviceName = (device: number): string => `device-${String(device).padStart(5, "0")}`;

function timeText(ms: number, next: () => number): string {
  const ticks = String(Math.floor(next() * 10_000)).padStart(4, "0");
  return new Date(ms).toISOString().replace("Z", `${ticks}Z`);
}

/** Milliseconds between an event and its arrival: exponential around 150 ms, 1 % up to 4 s, 0.05 % 8 s. */
function delay(next: () => number): number {
  const kind = next();
  if (kind < 0.0005) return 8000;
  if (kind < 0.0105) return next() * 4000;
  return -Math.log(1 - next()) * 150;
}

async function write(path: string, count: number, line: (index: number) => string): Promise<void> {
  if (existsSync(path)) return;
  const stream = createWriteStream(`${path}.part`);
  let buffer: string[] = [];
  for (let i = 0; i < count; i++) {
    buffer.push(line(i));
    if (buffer.length < 5000 && i + 1 < count) continue;
    if (!stream.write(`${buffer.join("\n")}\n`)) await once(stream, "drain");
    buffer = [];
  }
  stream.end();
  await once(stream, "finish");
  renameSync(`${path}.part`, path);
}

/** Makes, or finds, `events` telemetry lines, a fifth as many commands, and the reference rows. */
export async function benchmarkData(folder: string, events: number): Promise<BenchmarkData> {
  mkdirSync(folder, { recursive: true });
  const data: BenchmarkData = {
    events,
    telemetry: join(folder, `telemetry-${events}.ndjson`),
    telemetryParts: [0, 1].map((part) => join(folder, `telemetry-${events}-${part}.ndjson`)),
    commands: join(folder, `commands-${events}.ndjson`),
    reference: join(folder, "devices.ndjson"),
  };
  const next = random(seed);
  await write(data.telemetry, events, (index) => {
    const device = Math.floor(next() * devices);
    const arrival = start + (index * 1000) / perSecond;
    const time = timeText(arrival - delay(next), next);
    const temperature = (20 + next() * 60 + (next() < 0.03 ? 25 : 0)).toFixed(2);
    const vibration = (next() * 12).toFixed(3);
    return (
      `{"deviceId":"${deviceName(device)}","eventTime":"${time}","partition":${device % partitions},` +
      `"temperature":${temperature},"vibration":${vibration},"line":"line-${device % 40}",` +
      `"status":"${next() < 0.9 ? "running" : "idle"}","sequence":${index},"units":${Math.floor(next() * 9)}}`
    );
  });
  if (!data.telemetryParts.every((path) => existsSync(path))) {
    const parts: string[][] = [[], []];
    for (const line of readFileSync(data.telemetry, "latin1").split("\n")) {
      // The last digit of the device's name decides, as a partition key does.
      if (line !== "") parts[line.charCodeAt(line.indexOf('","eventTime"') - 1) & 1]!.push(line);
    }
    for (const [part, lines] of parts.entries())
      writeFileSync(data.telemetryParts[part]!, `${lines.join("\n")}\n`, "latin1");
  }
  const other = random(seed + 1);
  const commands = Math.floor(events / 5);
  await write(data.commands, commands, (index) => {
    const device = Math.floor(other() * devices);
    const arrival = start + (index * 5000) / perSecond;
    const time = timeText(arrival - delay(other), other);
    return `{"deviceId":"${deviceName(device)}","eventTime":"${time}","command":"set-${Math.floor(other() * 20)}","value":${Math.floor(other() * 100)}}`;
  });
  const third = random(seed + 2);
  await write(data.reference, devices, (index) => {
    const region = third() < 0.38 ? "europe" : third() < 0.5 ? "asia" : "america";
    return `{"deviceId":"${deviceName(index)}","region":"${region}","owner":"team-${index % 17}"}`;
  });
  return data;
}
