import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type EventData, EventHubProducerClient, parseEventHubConnectionString } from "@azure/event-hubs";
import { LocalError } from "../process/errors";

const hub = "telemetry";
const linesAtOnce = 500;
/** A batch may have this many bytes; one that is full of the largest messages still passes. */
const maxMessageBytes = 1_000_000;
const refusedShown = 10;

/** Checks what the SDK would answer with a text that names no cure. @throws {LocalError} LOCAL_CONNECTION_STRING */
export function checkConnectionString(text: string): string {
  const hint =
    "it looks like Endpoint=sb://HOST;SharedAccessKeyName=NAME;SharedAccessKey=KEY; `npm run local -- status` lists this platform's";
  let parts: ReturnType<typeof parseEventHubConnectionString>;
  try {
    parts = parseEventHubConnectionString(text);
  } catch (cause) {
    throw new LocalError("LOCAL_CONNECTION_STRING", (cause as Error).message, { hint, cause });
  }
  const found = parts as {
    sharedAccessKey?: string;
    sharedAccessKeyName?: string;
    sharedAccessSignature?: string;
  };
  if (
    found.sharedAccessSignature === undefined &&
    (found.sharedAccessKey === undefined || found.sharedAccessKeyName === undefined)
  ) {
    throw new LocalError("LOCAL_CONNECTION_STRING", "the connection string has no shared access key", {
      hint,
    });
  }
  return text;
}

/**
 * Sends each line of a text stream as one message, with its deviceId as the partition key; returns how many were
 * acknowledged. Lines that are too large for a message are left out, and named in the end.
 * @throws {LocalError} LOCAL_CONNECTION_STRING, LOCAL_MESSAGE_REFUSED
 */
export async function sendLines(connectionString: string, lines: Readable): Promise<number> {
  const producer = new EventHubProducerClient(checkConnectionString(connectionString), hub, {
    retryOptions: { maxRetries: 3, retryDelayInMs: 500, timeoutInMs: 30_000 },
  });
  let sent = 0;
  let number = 0;
  let count = 0;
  let waiting = new Map<string | undefined, EventData[]>();
  const tooLarge: number[] = [];
  const flush = async () => {
    for (const [partitionKey, events] of waiting) sent += await sendAll(producer, events, partitionKey);
    waiting = new Map();
    count = 0;
  };
  try {
    for await (const line of createInterface({ input: lines, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      if (line.trim() === "") continue;
      const body = Buffer.from(line);
      if (body.length > maxMessageBytes) {
        tooLarge.push(number);
        continue;
      }
      const key = deviceIdOf(line);
      const events = waiting.get(key) ?? [];
      events.push({ body, messageId: randomUUID() });
      waiting.set(key, events);
      count += 1;
      if (count >= linesAtOnce) await flush();
    }
    await flush();
  } catch (error) {
    throw refusal(error, sent);
  } finally {
    await producer.close();
  }
  if (tooLarge.length > 0) {
    throw new LocalError(
      "LOCAL_MESSAGE_REFUSED",
      `${tooLarge.length} of ${number} lines are larger than a message may be (${maxMessageBytes} bytes)`,
      {
        detail: `line ${tooLarge.slice(0, refusedShown).join(", ")}${tooLarge.length > refusedShown ? ", ..." : ""}; the other ${sent} messages are sent`,
        hint: "a line is one event; split what holds several",
      },
    );
  }
  return sent;
}

/** Sends in as many batches as the size of one allows. */
async function sendAll(
  producer: EventHubProducerClient,
  events: readonly EventData[],
  partitionKey: string | undefined,
): Promise<number> {
  const options = partitionKey === undefined ? {} : { partitionKey };
  let batch = await producer.createBatch(options);
  for (const event of events) {
    if (batch.tryAdd(event)) continue;
    await producer.sendBatch(batch);
    batch = await producer.createBatch(options);
    if (!batch.tryAdd(event)) throw new Error("a message does not fit into a batch of its own");
  }
  if (batch.count > 0) await producer.sendBatch(batch);
  return events.length;
}

const unauthorized = /InvalidSignature|ExpiredToken|Unauthorized|AuthorizationFailed/;

function refusal(error: unknown, sent: number): unknown {
  // After its attempts the SDK throws all their errors as one.
  const cause = error instanceof AggregateError ? (error.errors.at(-1) as unknown) : error;
  const { code, message } = cause as { readonly code?: string; readonly message: string };
  const detail = `${sent} messages were sent before`;
  if (unauthorized.test(`${code} ${message}`)) {
    return new LocalError(
      "LOCAL_CONNECTION_STRING",
      `the server refuses the connection string's key: ${message}`,
      {
        detail,
        hint: "`npm run local -- status` lists the connection strings of this platform",
        cause: error,
      },
    );
  }
  if (code === "MessageTooLargeError") {
    return new LocalError("LOCAL_MESSAGE_REFUSED", message, {
      detail,
      hint: "send smaller messages",
      cause: error,
    });
  }
  if (code === "ECONNREFUSED" || code === "ServiceCommunicationProblem" || code === "ENOTFOUND") {
    return new LocalError("LOCAL_NOT_RUNNING", `the hub does not answer: ${message}`, {
      detail,
      hint: "`npm run local -- status` shows whether its process runs",
      cause: error,
    });
  }
  return cause;
}

function deviceIdOf(line: string): string | undefined {
  try {
    const { deviceId } = JSON.parse(line) as { deviceId?: unknown };
    return typeof deviceId === "string" && deviceId !== "" ? deviceId.slice(0, 128) : undefined;
  } catch {
    return undefined;
  }
}
