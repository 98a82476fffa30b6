import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";

/** One dropped or adjusted event, as the job names it. */
export interface DroppedEvent {
  readonly input: string;
  readonly partition: number;
  readonly sequence: string;
  readonly kind: string;
  readonly action: "dropped" | "adjusted";
  readonly eventId: string | null;
  readonly eventTime: string | null;
  readonly enqueuedMs: number;
  readonly message: string;
}

function keyOf(event: DroppedEvent): string {
  return `${event.input}/${event.partition}/${event.sequence}/${event.kind}`;
}

/**
 * The job's diagnostics on disk, a line each. A restarted job reads some events again and names them again: an event
 * that is already in the file is not added a second time.
 */
export class DiagnosticsFile {
  readonly #file: number;
  readonly #known = new Set<string>();
  #length: number;

  constructor(path: string) {
    let whole = 0;
    if (existsSync(path)) {
      const text = readFileSync(path, "utf8");
      whole = Buffer.byteLength(text.slice(0, text.lastIndexOf("\n") + 1));
      for (const line of text.slice(0, text.lastIndexOf("\n") + 1).split("\n")) {
        if (line !== "") this.#known.add(keyOf(JSON.parse(line) as DroppedEvent));
      }
    }
    this.#file = openSync(path, existsSync(path) ? "r+" : "w+");
    // A kill may have left half a line.
    ftruncateSync(this.#file, whole);
    this.#length = whole;
  }

  get count(): number {
    return this.#known.size;
  }

  /** Returns whether the event is new. */
  add(event: DroppedEvent): boolean {
    const key = keyOf(event);
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    for (let written = 0; written < line.length; ) {
      written += writeSync(this.#file, line, written, line.length - written, this.#length + written);
    }
    this.#length += line.length;
    return true;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Reads the file of a job; a torn last line is left out. */
export function readDiagnostics(path: string): DroppedEvent[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as DroppedEvent);
}
