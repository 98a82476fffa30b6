import { createReadStream, existsSync } from "node:fs";
import { createInterface } from "node:readline";

export type Fault = "late" | "duplicate" | "outOfOrder" | "malformed" | "invalid";

/** One acknowledged message, in order of acknowledgement. */
export interface SentMessage {
  readonly messageId: string;
  /** Platform time of sending, ISO 8601 UTC. */
  readonly at: string;
  readonly via: string;
  readonly fault: Fault | null;
  /** The exact text sent. */
  readonly body: string;
}

/** Reads sent.ndjson line by line; a torn last line (a kill in the middle of a write) is left out. */
export async function* readSentLedger(path: string): AsyncGenerator<SentMessage> {
  if (!existsSync(path)) return;
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    if (line === "") continue;
    let message: SentMessage;
    try {
      message = JSON.parse(line) as SentMessage;
    } catch {
      return;
    }
    yield message;
  }
}
