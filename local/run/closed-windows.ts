import type { ViewWindow } from "../../contracts";

const minuteMs = 60_000;

/** The full minute at or before a moment; ms since 1970. */
export function floorToMinute(ms: number): number {
  return Math.floor(ms / minuteMs) * minuteMs;
}

/** The windows that end at or before a moment. */
export function closedBy(windows: Iterable<ViewWindow>, throughMs: number): ViewWindow[] {
  return [...windows].filter(({ end }) => Date.parse(end) <= throughMs);
}

/** Of each series (grain, key, window length) its first window, in no order. */
export function firstOfSeries(windows: readonly ViewWindow[]): ViewWindow[] {
  const first = new Map<string, ViewWindow>();
  for (const window of windows) {
    const name = `${window.grain}~${window.key}~${window.window}`;
    const known = first.get(name);
    if (known === undefined || Date.parse(window.start) < Date.parse(known.start)) first.set(name, window);
  }
  return [...first.values()];
}
