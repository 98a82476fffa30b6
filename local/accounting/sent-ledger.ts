import { createReadStream, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
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

/**
 * The ledgers of all unattended runs over one data folder, oldest first: what the folder's log holds is what all of them
 * have sent.
 */
export class SentLedgers {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, "sent");
  }

  get paths(): readonly string[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith(".ndjson"))
      .toSorted()
      .map((name) => join(this.#folder, name));
  }

  /** Path of the next run's ledger; a run never goes on in the ledger of an earlier one. */
  next(): string {
    mkdirSync(this.#folder, { recursive: true });
    return join(this.#folder, `${String(this.paths.length + 1).padStart(4, "0")}.ndjson`);
  }

  async *messages(): AsyncGenerator<SentMessage> {
    for (const path of this.paths) yield* readSentLedger(path);
  }
}
