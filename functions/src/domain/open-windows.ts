import type { ServedWindow } from "./merge";
import { canonicalTimeOfMs, msOfTime } from "./utc-time";
import { averagesOf, combineValues, type ViewValues } from "./view-rows";

/**
 * Builds the open windows of one length from the closed windows of the base length: each covers what is known of
 * its time so far. Windows hop by the base length.
 *
 * @param base closed windows of the base length, in order
 * @param lengthMs length of the wanted windows, a multiple of `baseMs`
 * @returns windows that end after the last closed base window and hold at least one of its values, flagged provisional
 */
export function openWindows(base: readonly ServedWindow[], baseMs: number, lengthMs: number): ServedWindow[] {
  const last = base.at(-1);
  if (last === undefined || lengthMs <= baseMs) return [];
  const completeToMs = msOfTime(last.end);
  const open: ServedWindow[] = [];
  for (let endMs = completeToMs + baseMs; endMs < completeToMs + lengthMs; endMs += baseMs) {
    const startMs = endMs - lengthMs;
    const parts = base.filter((window) => msOfTime(window.start) >= startMs && msOfTime(window.end) <= endMs);
    const values = parts
      .map((part) => part.values)
      .reduce<ViewValues | undefined>(
        (sum, part) => (sum === undefined ? part : combineValues(sum, part)),
        undefined,
      );
    if (values === undefined) continue;
    open.push({
      start: canonicalTimeOfMs(startMs),
      end: canonicalTimeOfMs(endMs),
      values,
      averages: averagesOf(values),
      source: parts.some((part) => part.source === "realtime") ? "realtime" : "batch",
      version: last.version,
      asOf: last.asOf,
      provisional: true,
      completeTo: last.end,
    });
  }
  return open;
}
