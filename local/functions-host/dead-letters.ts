import { join } from "node:path";
import { appendLine } from "./durable-file";

/** An event that a function could not handle, however often it was repeated. */
export interface DeadLetter {
  readonly function: string;
  /** Hub and partition, or the container, that the event came from. */
  readonly source: string;
  readonly sequence: string;
  readonly body: string;
  readonly bodyEncoding: "utf8" | "base64";
  readonly error: string;
  /** Wall time. */
  readonly at: string;
}

/** Keeps dead letters, one JSON line each, on disk before the event counts as handled. */
export class DeadLetterFile {
  readonly path: string;

  constructor(dataFolder: string) {
    this.path = join(dataFolder, "dead-letters.ndjson");
  }

  add(letter: DeadLetter): void {
    appendLine(this.path, JSON.stringify(letter));
  }
}
