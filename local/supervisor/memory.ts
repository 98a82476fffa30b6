import { readFileSync } from "node:fs";

const pageBytes = 4096;
const sampleIntervalMs = 1000;

/** Resident memory of a process in bytes; 0 where the system does not tell. */
export function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * pageBytes;
  } catch {
    return 0;
  }
}

/** Samples the resident memory of some processes together and keeps the largest sum. */
export class PeakMemory {
  readonly #pids: () => readonly number[];
  #timer: NodeJS.Timeout | undefined;
  mebibytes = 0;

  constructor(pids: () => readonly number[]) {
    this.#pids = pids;
  }

  start(): void {
    this.#timer = setInterval(() => {
      const bytes = this.#pids().reduce((sum, pid) => sum + residentBytes(pid), 0);
      this.mebibytes = Math.max(this.mebibytes, Math.round(bytes / 2 ** 20));
    }, sampleIntervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
