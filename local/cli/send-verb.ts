import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type EventData, EventHubProducerClient } from "@azure/event-hubs";
import { LocalError } from "../process/errors";
import { defaultDataDir, RunningPlatform, readArguments } from "./running";

export const sendHelp = `npm run local -- send [FILE|-] [options]     messages of your own to the hub "telemetry", a line each

  FILE          a file of JSON lines; - or nothing reads standard input
  --data DIR    data folder of the platform (default .data/local)

A line is sent as it stands, with its deviceId as the partition key; what breaks the contract ends in quarantine.
Rows in another layout: npm run local -- up --file DATA --map MAP
`;

const linesAtOnce = 500;

/** Sends each line of a text stream as one message; returns how many were acknowledged. */
export async function sendLines(connectionString: string, lines: Readable): Promise<number> {
  const producer = new EventHubProducerClient(connectionString, "telemetry");
  let sent = 0;
  let waiting = new Map<string | undefined, EventData[]>();
  let count = 0;
  const flush = async () => {
    for (const [partitionKey, events] of waiting) {
      await producer.sendBatch(events, partitionKey === undefined ? {} : { partitionKey });
      sent += events.length;
    }
    waiting = new Map();
    count = 0;
  };
  try {
    for await (const line of createInterface({ input: lines, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() === "") continue;
      const key = deviceIdOf(line);
      const events = waiting.get(key) ?? [];
      events.push({ body: Buffer.from(line), messageId: randomUUID() });
      waiting.set(key, events);
      count += 1;
      if (count >= linesAtOnce) await flush();
    }
    await flush();
  } finally {
    await producer.close();
  }
  return sent;
}

function deviceIdOf(line: string): string | undefined {
  try {
    const { deviceId } = JSON.parse(line) as { deviceId?: unknown };
    return typeof deviceId === "string" && deviceId !== "" ? deviceId.slice(0, 128) : undefined;
  } catch {
    return undefined;
  }
}

export async function sendVerb(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, { data: { type: "string" } }, true);
  const platform = RunningPlatform.find(values.data ?? defaultDataDir);
  const [path = "-"] = positionals;
  const input = path === "-" ? process.stdin : createReadStream(path);
  try {
    const sent = await sendLines(await platform.connectionString("event-hubs"), input);
    process.stdout.write(`${sent} messages sent\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === "open") {
      throw new LocalError("LOCAL_FILE_UNREADABLE", `${path} cannot be read`, { cause: error });
    }
    throw error;
  }
  return 0;
}
