import type { Container } from "@azure/cosmos";
import type { ViewWindow } from "../../contracts";
import { aggregateValueNames } from "../accounting/recompute";
import { LocalError } from "../process/errors";

/** A view row as Cosmos keeps it. */
export interface ViewRow {
  readonly id: string;
  readonly job: string;
  readonly version: string;
  readonly grain: string;
  readonly key: string;
  readonly window: string;
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly generation?: number | string;
  readonly asOf: string;
  readonly [value: string]: unknown;
}

export function windowOfRow(row: ViewRow): ViewWindow {
  return {
    grain: row.grain,
    key: row.key,
    window: row.window,
    start: row.windowStart,
    end: row.windowEnd,
    values: Object.fromEntries(aggregateValueNames.map((name) => [name, row[name] as number])),
  };
}

/** Reads all rows of a job version from a view container, page by page. */
export async function* readViewRows(
  container: Container,
  job: string,
  version: string,
): AsyncGenerator<ViewRow> {
  const query = container.items.query<ViewRow>(
    {
      query: "SELECT * FROM c WHERE c.job = @job AND c.version = @version",
      parameters: [
        { name: "@job", value: job },
        { name: "@version", value: version },
      ],
    },
    { maxItemCount: 2000 },
  );
  while (query.hasMoreResults()) {
    const { resources } = await query.fetchNext();
    yield* resources ?? [];
  }
}

/** A window as the serving API answers it. */
export interface ServedWindow extends ViewWindow {
  readonly source: "batch" | "realtime";
  readonly version: string;
  readonly asOf: string;
}

interface Series {
  readonly grain: string;
  readonly key: string;
  readonly window: string;
}

/** Asks the serving API for the merged windows of one series with from < end <= to. */
export async function fetchServed(
  origin: string,
  job: string,
  version: string,
  series: Series,
  fromIso: string,
  toIso: string,
): Promise<ServedWindow[]> {
  const query = new URLSearchParams({
    grain: series.grain,
    window: series.window,
    from: fromIso,
    to: toIso,
    version,
  });
  const url = `${origin}/api/views/${encodeURIComponent(job)}/${encodeURIComponent(series.key)}?${query}`;
  const { windows } = await ask(url);
  return windows.map((window) => ({
    ...series,
    start: window.start,
    end: window.end,
    source: window.source,
    version: window.version,
    asOf: window.asOf,
    values: Object.fromEntries(aggregateValueNames.map((name) => [name, window.values[name] ?? Number.NaN])),
  }));
}

interface Answer {
  readonly windows: readonly {
    readonly start: string;
    readonly end: string;
    readonly values: Readonly<Record<string, number>>;
    readonly source: "batch" | "realtime";
    readonly version: string;
    readonly asOf: string;
  }[];
}

const attempts = 20;
const pauseMs = 500;

/** A server that is being started again answers a moment later. */
async function ask(url: string): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url).catch((error: Error) => error);
    if (response instanceof Response && response.ok) return (await response.json()) as Answer;
    const passing = !(response instanceof Response) || response.status === 503;
    if (!passing || attempt === attempts) {
      const why = response instanceof Response ? await response.text() : response.message;
      throw new LocalError("LOCAL_RUN_INCOMPLETE", `the serving API does not answer: ${why}`, {
        detail: url,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

const requestsAtOnce = 4;
const minuteMs = 60_000;
/** The API refuses to answer more windows than twice that at once; a window ends each minute. */
const minutesAtOnce = 5000;

/** Splits from < t <= to into ranges that the API answers. */
export function rangesOf(
  fromIso: string,
  toIso: string,
): { readonly fromIso: string; readonly toIso: string }[] {
  const ranges = [];
  const toMs = Date.parse(toIso);
  for (let fromMs = Date.parse(fromIso); fromMs < toMs; fromMs += minutesAtOnce * minuteMs) {
    const endMs = Math.min(toMs, fromMs + minutesAtOnce * minuteMs);
    ranges.push({ fromIso: new Date(fromMs).toISOString(), toIso: new Date(endMs).toISOString() });
  }
  return ranges;
}

/** Asks the serving API for every series, a few at a time. */
export async function fetchAllServed(
  origin: string,
  job: string,
  version: string,
  series: readonly Series[],
  fromIso: string,
  toIso: string,
): Promise<ServedWindow[]> {
  const answers: ServedWindow[] = [];
  const ranges = rangesOf(fromIso, toIso);
  const open = series.flatMap((one) => ranges.map((range) => ({ one, range })));
  await Promise.all(
    Array.from({ length: requestsAtOnce }, async () => {
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        const { one, range } = next;
        answers.push(...(await fetchServed(origin, job, version, one, range.fromIso, range.toIso)));
      }
    }),
  );
  return answers;
}

/** Returns the distinct series of some windows. */
export function seriesOf(windows: Iterable<Series>): Series[] {
  const found = new Map<string, Series>();
  for (const { grain, key, window } of windows)
    found.set(`${grain}~${key}~${window}`, { grain, key, window });
  return [...found.values()];
}
