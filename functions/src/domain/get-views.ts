import { jobNamed, type StreamJob, topology } from "../../../contracts";
import { mergeViews, type ServedWindow, watermarkOf } from "./merge";
import { openWindows } from "./open-windows";
import { Problem } from "./problem";
import { canonicalTime, canonicalTimeOfMs, msOfTime, windowLengthMs } from "./utc-time";
import { type BatchViewRow, type ViewPointer, type ViewRow, viewPartitionKey } from "./view-rows";

/** Rows of one key, grain and window length with `after` < windowEnd <= `upTo`. */
export interface ViewRange {
  readonly partitionKey: string;
  readonly grain: string;
  readonly window: string;
  readonly after: string;
  readonly upTo: string;
  /** The store stops after so many rows. */
  readonly maxRows: number;
}

/** Where the answers are read from. */
export interface ViewStore {
  pointer(job: string, version: string): Promise<ViewPointer | undefined>;
  batchRows(range: ViewRange, generation: ViewPointer["generation"]): Promise<readonly BatchViewRow[]>;
  realtimeRows(range: ViewRange): Promise<readonly ViewRow[]>;
}

/** A request for views as it comes from a URL; every absent parameter has a default. */
export interface ViewRequest {
  readonly job: string;
  readonly key: string;
  readonly grain?: string | undefined;
  readonly window?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly version?: string | undefined;
  readonly provisional?: string | undefined;
}

/** The answer of the serving API. */
export interface ViewAnswer {
  readonly job: string;
  readonly version: string;
  readonly grain: string;
  readonly key: string;
  readonly window: string;
  readonly from: string;
  readonly to: string;
  /** Null until a batch run has finished. */
  readonly batchHighWatermark: string | null;
  readonly generation: ViewPointer["generation"] | null;
  readonly windows: readonly ServedWindow[];
}

const maxWindows = 10_000;
const beginningOfTime = "0001-01-01T00:00:00.0000000Z";
const endOfTime = "9999-12-31T23:59:59.9999999Z";

/**
 * Answers with the windows of one key, from < end <= to, batch up to the watermark and real-time beyond. The pointer is read
 * once, so that one answer never mixes two generations.
 */
export function getViews(store: ViewStore): (request: ViewRequest) => Promise<ViewAnswer> {
  return async (request) => {
    const job = jobOf(request);
    const grain = oneOf("grain", request.grain, job.grains);
    const window = oneOf("window", request.window, job.windows);
    const from = timeOf("from", request.from, beginningOfTime);
    const to = timeOf("to", request.to, endOfTime);
    if (from > to) throw new Problem("invalid-parameter", "from lies after to", { parameter: "from" });
    const provisional = flagOf("provisional", request.provisional);

    const pointer = await store.pointer(job.name, job.version);
    const read = async (label: string, after: string, upTo: string) => {
      const range = {
        partitionKey: viewPartitionKey(job.name, job.version, request.key),
        grain,
        window: label,
        maxRows: maxWindows + 1,
      };
      const watermark = pointer === undefined ? beginningOfTime : watermarkOf(pointer);
      const [batchRows, realtimeRows] = await Promise.all([
        pointer === undefined || watermark <= after
          ? []
          : store.batchRows({ ...range, after, upTo: earlier(upTo, watermark) }, pointer.generation),
        upTo <= watermark ? [] : store.realtimeRows({ ...range, after: later(after, watermark), upTo }),
      ]);
      return mergeViews(pointer, batchRows, realtimeRows);
    };

    const closed = await read(window, from, to);
    if (closed.length > maxWindows) {
      throw new Problem(
        "range-too-large",
        `the range holds more than ${maxWindows} windows: move from and to together`,
      );
    }
    const open = provisional ? await readOpen(read, job, window, closed.at(-1)) : [];
    return {
      job: job.name,
      version: job.version,
      grain,
      key: request.key,
      window,
      from,
      to,
      batchHighWatermark: pointer === undefined ? null : watermarkOf(pointer),
      generation: pointer?.generation ?? null,
      windows: [...closed, ...open.filter(({ end }) => end > from && end <= to)],
    };
  };
}

async function readOpen(
  read: (label: string, after: string, upTo: string) => Promise<ServedWindow[]>,
  job: StreamJob,
  window: string,
  lastClosed: ServedWindow | undefined,
): Promise<ServedWindow[]> {
  const base = job.windows.reduce((a, b) => (windowLengthMs(a) <= windowLengthMs(b) ? a : b));
  if (base === window) return [];
  const lengthMs = windowLengthMs(window);
  const after =
    lastClosed === undefined ? beginningOfTime : canonicalTimeOfMs(msOfTime(lastClosed.end) - lengthMs);
  const closedBase = await read(base, after, endOfTime);
  const open = openWindows(closedBase, windowLengthMs(base), lengthMs);
  return lastClosed === undefined ? open : open.filter(({ end }) => end > lastClosed.end);
}

function jobOf({ job, version }: ViewRequest): StreamJob {
  const viewJobs = topology.jobs.filter(({ windows }) => windows.length > 0);
  if (!viewJobs.some((known) => known.name === job)) {
    throw new Problem("unknown-job", `no job is named "${job}"`, {
      jobs: [...new Set(viewJobs.map((known) => known.name))],
    });
  }
  const versions = viewJobs.filter((known) => known.name === job).map((known) => known.version);
  if (version !== undefined && !versions.includes(version)) {
    throw new Problem("unknown-version", `job ${job} has no version "${version}"`, { versions });
  }
  return jobNamed(job, version);
}

function oneOf(parameter: string, value: string | undefined, allowed: readonly string[]): string {
  const chosen = value ?? (allowed[0] as string);
  if (!allowed.includes(chosen)) {
    throw new Problem("invalid-parameter", `${parameter} is "${chosen}", not one of ${allowed.join(", ")}`, {
      parameter,
      allowed,
    });
  }
  return chosen;
}

function timeOf(parameter: string, value: string | undefined, fallback: string): string {
  if (value === undefined) return fallback;
  const time = canonicalTime(value);
  if (time === undefined) {
    throw new Problem(
      "invalid-parameter",
      `${parameter} is "${value}", not a time like 2026-01-05T08:00:00Z`,
      {
        parameter,
      },
    );
  }
  return time;
}

function flagOf(parameter: string, value: string | undefined): boolean {
  if (value === undefined || value === "false") return false;
  if (value === "" || value === "true") return true;
  throw new Problem("invalid-parameter", `${parameter} is "${value}", not true or false`, { parameter });
}

function earlier(a: string, b: string): string {
  return a < b ? a : b;
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}
