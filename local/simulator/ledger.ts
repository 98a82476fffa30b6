import { closeSync, createReadStream, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { LocalError } from "../process/errors";
import { type Fault, faults, type OutgoingMessage, type Via } from "./message";

/** A line of sent.ndjson: a message that the platform has acknowledged. */
export interface LedgerLine {
  readonly messageId: string;
  /** When it was due on the platform clock, ISO 8601 UTC. */
  readonly at: string;
  readonly via: Via;
  readonly fault: Fault | null;
  /** The exact text sent. */
  readonly body: string;
}

export interface LedgerCounts {
  readonly sent: number;
  readonly byVia: Readonly<Record<Via, number>>;
  readonly byFault: Readonly<Record<Fault | "none", number>>;
}

/** What counts messages in the order in which they were fixed. */
export interface Ledger {
  /** How many messages an earlier run has noted: the first ones of the same order. */
  readonly resumeAt: number;
  readonly counts: LedgerCounts;
  /** @throws {LocalError} LOCAL_RUN_INCOMPLETE when the earlier run sent something else */
  checkResume(lastMessageId: string): void;
  append(messages: readonly OutgoingMessage[]): void;
  close(): void;
}

class Counter implements LedgerCounts {
  sent = 0;
  readonly byVia = { mqtt: 0, amqp: 0 };
  readonly byFault = Object.fromEntries(["none", ...faults].map((name) => [name, 0])) as Record<
    Fault | "none",
    number
  >;

  add({ via, fault }: { readonly via: Via; readonly fault: Fault | null }): void {
    this.sent += 1;
    this.byVia[via] += 1;
    this.byFault[fault ?? "none"] += 1;
  }
}

/** Counts only, for live runs. */
export function countingLedger(): Ledger {
  const counts = new Counter();
  return {
    resumeAt: 0,
    counts,
    checkResume: () => {},
    append: (messages) => {
      for (const message of messages) counts.add(message);
    },
    close: () => {},
  };
}

const lineFeed = 0x0a;

async function readLines(path: string, onLine: (line: string) => void): Promise<number> {
  let complete = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = text.indexOf(lineFeed); end >= 0; end = text.indexOf(lineFeed, from)) {
      onLine(text.toString("utf8", from, end));
      complete += end + 1 - from;
      from = end + 1;
    }
    rest = text.subarray(from);
  }
  return complete;
}

/**
 * Opens sent.ndjson. Lines stand in the order of the schedule, so the number of whole lines says where an interrupted run
 * goes on; a torn last line is cut off. Appends are not flushed to the disk: after a kill of this process nothing is
 * missing, and what a power cut takes is sent again under the same ids.
 */
export async function openLedger(path: string): Promise<Ledger> {
  const file = openSync(path, "a+");
  const counts = new Counter();
  let lastMessageId: string | undefined;
  const complete = await readLines(path, (line) => {
    const entry = JSON.parse(line) as LedgerLine;
    counts.add(entry);
    lastMessageId = entry.messageId;
  });
  if (fstatSync(file).size > complete) ftruncateSync(file, complete);
  return {
    resumeAt: counts.sent,
    counts,
    checkResume(messageId) {
      if (messageId === lastMessageId) return;
      throw new LocalError("LOCAL_RUN_INCOMPLETE", `${path} belongs to a run with other options`, {
        hint: "use the options of that run, or another folder",
      });
    },
    append(messages) {
      if (messages.length === 0) return;
      let text = "";
      for (const message of messages) {
        counts.add(message);
        const { messageId, sendAtMs, via, fault, body } = message;
        const line: LedgerLine = { messageId, at: new Date(sendAtMs).toISOString(), via, fault, body };
        text += `${JSON.stringify(line)}\n`;
      }
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(file, bytes, written, bytes.length - written);
      }
    },
    close: () => closeSync(file),
  };
}
