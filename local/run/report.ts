/** Result of comparing one kind of answer with its recompute. */
export interface ComparisonReport {
  /** Number of expected windows. */
  readonly compared: number;
  readonly different: number;
}

/** What an unattended run found; `report.json`. Counts are by id. */
export interface RunReport {
  readonly accounting: {
    readonly sent: number;
    readonly stored: number;
    readonly quarantined: number;
    readonly duplicates: number;
    /** Sent, but found nowhere at the end. */
    readonly lost: number;
    /** With more than one fate, or stored twice. */
    readonly double: number;
    /** Log entries beyond the first of a message id: a client's own retry. */
    readonly redelivered: number;
    /** Refused by authentication or size; outside the accounting. */
    readonly refused: number;
  };
  readonly speed: { readonly counted: number; readonly late: number };
  readonly windows: {
    readonly realtime: ComparisonReport;
    readonly cut: ComparisonReport;
    readonly merged: ComparisonReport;
  };
  readonly latencyMs: Readonly<
    Record<
      string,
      { readonly p50: number; readonly p99: number; readonly p999: number; readonly count: number }
    >
  >;
  readonly eventsPerSecond: number;
  /** Largest resident memory of all processes together, without Spark's. */
  readonly peakMemoryMb: number;
  readonly seconds: number;
  readonly restarts: Readonly<Record<string, number>>;
  /** Why the run did not close; empty when it did. */
  readonly failures: readonly string[];
}

/** Returns what does not close in a report, a sentence each. */
export function failuresOf(report: Omit<RunReport, "failures">): string[] {
  const { accounting, speed, windows } = report;
  const failures: string[] = [];
  const total = accounting.stored + accounting.quarantined + accounting.duplicates;
  if (accounting.sent !== total) {
    failures.push(`sent ${accounting.sent} is not stored + quarantined + duplicates = ${total}`);
  }
  if (accounting.stored !== speed.counted + speed.late) {
    failures.push(`stored ${accounting.stored} is not counted + late = ${speed.counted + speed.late}`);
  }
  if (accounting.lost > 0) failures.push(`${accounting.lost} messages are lost`);
  if (accounting.double > 0) failures.push(`${accounting.double} messages count twice`);
  for (const [name, { compared, different }] of Object.entries(windows)) {
    if (compared === 0) failures.push(`the ${name} comparison had no window to compare`);
    if (different > 0) failures.push(`${different} of ${compared} windows differ in the ${name} comparison`);
  }
  return failures;
}
