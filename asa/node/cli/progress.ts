import type { RuntimeDiagnostic } from "../../api";
import type { InputSource } from "../run";
import type { CliContext } from "./context";

const [firstAfterMs, everyMs] = [1000, 200];
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Shows how much of the data files was read, once a run takes longer than a moment. */
export class Progress {
  private readonly context: CliContext;
  private readonly total: number | null;
  private readonly start: number;
  private next: number;
  private bytes = 0;
  private again = false;
  private shown = false;

  constructor(inputs: readonly InputSource[], context: CliContext) {
    this.context = context;
    this.total = inputs.reduce<number | null>(
      (sum, { bytes }) => (sum === null || bytes === null ? null : sum + bytes),
      0,
    );
    this.start = context.now();
    this.next = this.start + firstAfterMs;
  }

  read(bytes: number, again: boolean): void {
    if (again !== this.again) this.bytes = 0;
    this.again = again;
    this.bytes += bytes;
    const now = this.context.now();
    if (this.context.progress === undefined || now < this.next) return;
    this.next = now + everyMs;
    this.shown = true;
    const part =
      this.total === null || this.total === 0
        ? megabytes(this.bytes)
        : `${megabytes(this.bytes)} of ${megabytes(this.total)} (${Math.floor((100 * this.bytes) / this.total)} %)`;
    const seconds = Math.round((now - this.start) / 1000);
    this.context.progress(`${this.again ? "running" : "reading"}: ${part}, ${seconds} s`);
  }

  end(): void {
    if (this.shown) this.context.progress?.("");
  }
}

/** So many findings of one kind are read; the others are counted. */
const mostShown = 20;

/** Names dropped and adjusted events as they come, and counts those that would be too many to read. */
export class DiagnosticReport {
  private readonly context: CliContext;
  private readonly counts = new Map<string, number>();

  constructor(context: CliContext) {
    this.context = context;
  }

  add({ kind, action, input, message }: RuntimeDiagnostic): void {
    const what = `${input}: ${kind}, events ${action}`;
    const count = (this.counts.get(what) ?? 0) + 1;
    this.counts.set(what, count);
    if (count <= mostShown) this.context.err(`${input}: ${kind}, event ${action}: ${message}\n`);
  }

  end(): void {
    for (const [what, count] of this.counts)
      if (count > mostShown) this.context.err(`${what}: ${count - mostShown} more\n`);
    this.counts.clear();
  }
}
