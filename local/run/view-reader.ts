import type { Container } from "@azure/cosmos";
import type { ViewWindow } from "../../contracts";
import { aggregateValueNames } from "../accounting/recompute";

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
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  const answer = (await response.json()) as {
    windows: {
      start: string;
      end: string;
      values: Record<string, number>;
      source: "batch" | "realtime";
      version: string;
      asOf: string;
    }[];
  };
  return answer.windows.map((window) => ({
    ...series,
    start: window.start,
    end: window.end,
    source: window.source,
    version: window.version,
    asOf: window.asOf,
    values: Object.fromEntries(aggregateValueNames.map((name) => [name, window.values[name] ?? Number.NaN])),
  }));
}

const requestsAtOnce = 4;

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
  const open = [...series];
  await Promise.all(
    Array.from({ length: requestsAtOnce }, async () => {
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        answers.push(...(await fetchServed(origin, job, version, next, fromIso, toIso)));
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
