import { once } from "node:events";
import {
  closeSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { LineFile } from "./line-file";

/** Files of one size of the benchmark's data. */
export interface BenchmarkData {
  readonly events: number;
  readonly telemetry: string;
  /** The same telemetry in two files that share no device. */
  readonly telemetryParts: readonly string[];
  readonly commands: string;
  /** The commands of the devices of each part. */
  readonly commandParts: readonly string[];
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

/** Place of the last digit of the device's name in a line, which decides on the part as a partition key does. */
const digitPlace = '{"deviceId":"device-0000'.length;

/** Deals lines out to files that share no device. */
function split(path: string, parts: readonly string[]): void {
  if (parts.every((part) => existsSync(part))) return;
  const files = parts.map((part) => openSync(`${part}.part`, "w"));
  for (const lines of wholeLines(path)) {
    const pieces: Buffer[][] = parts.map(() => []);
    for (let at = 0; at < lines.length; ) {
      const end = lines.indexOf(10, at) + 1 || lines.length;
      pieces[lines[at + digitPlace]! % parts.length]!.push(lines.subarray(at, end));
      at = end;
    }
    for (const [part, piece] of pieces.entries()) writeSync(files[part]!, Buffer.concat(piece));
  }
  for (const file of files) closeSync(file);
  for (const part of parts) renameSync(`${part}.part`, part);
}

/** Cuts a file into files of `linesEach` lines in a folder, in the order of their times of change. */
export function cut(path: string, folder: string, linesEach: number): void {
  if (existsSync(folder)) return;
  const unfinished = `${folder}.part`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  let count = 0;
  let file = -1;
  for (const lines of wholeLines(path)) {
    for (let at = 0; at < lines.length; ) {
      if (count % linesEach === 0) {
        if (file >= 0) closeSync(file);
        file = openSync(join(unfinished, `${String(count).padStart(9, "0")}.json`), "w");
      }
      let end = at;
      do {
        end = lines.indexOf(10, end) + 1 || lines.length;
        count++;
      } while (end < lines.length && count % linesEach !== 0);
      writeSync(file, lines, at, end - at);
      at = end;
    }
  }
  if (file >= 0) closeSync(file);
  for (const [index, name] of readdirSync(unfinished).sort().entries())
    utimesSync(join(unfinished, name), 1_700_000_000 + index, 1_700_000_000 + index);
  renameSync(unfinished, folder);
}

/** A file's lines in pieces of about a megabyte; each is overwritten by the next. */
function* wholeLines(path: string): Generator<Buffer> {
  const file = new LineFile(path);
  for (let lines = file.next(); lines !== null; lines = file.next())
    yield Buffer.from(lines.buffer, lines.byteOffset, lines.length);
}

/** Makes, or finds, `events` telemetry lines, a fifth as many commands, and the reference rows. */
export async function benchmarkData(folder: string, events: number): Promise<BenchmarkData> {
  mkdirSync(folder, { recursive: true });
  const data: BenchmarkData = {
    events,
    telemetry: join(folder, `telemetry-${events}.ndjson`),
    telemetryParts: [0, 1].map((part) => join(folder, `telemetry-${events}-${part}.ndjson`)),
    commands: join(folder, `commands-${events}.ndjson`),
    commandParts: [0, 1].map((part) => join(folder, `commands-${events}-${part}.ndjson`)),
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
  split(data.telemetry, data.telemetryParts);
  const other = random(seed + 1);
  const commands = Math.floor(events / 5);
  await write(data.commands, commands, (index) => {
    const device = Math.floor(other() * devices);
    const arrival = start + (index * 5000) / perSecond;
    const time = timeText(arrival - delay(other), other);
    return `{"deviceId":"${deviceName(device)}","eventTime":"${time}","command":"set-${Math.floor(other() * 20)}","value":${Math.floor(other() * 100)}}`;
  });
  split(data.commands, data.commandParts);
  const third = random(seed + 2);
  await write(data.reference, devices, (index) => {
    const region = third() < 0.38 ? "europe" : third() < 0.5 ? "asia" : "america";
    return `{"deviceId":"${deviceName(index)}","region":"${region}","owner":"team-${index % 17}"}`;
  });
  return data;
}
