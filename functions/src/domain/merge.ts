import { canonicalTime } from "./utc-time";
import {
  averagesOf,
  type BatchViewRow,
  type ViewAverages,
  type ViewPointer,
  type ViewRow,
  type ViewValues,
  valuesOf,
} from "./view-rows";

/** One answered window with its provenance (law L7). */
export interface ServedWindow {
  /** Exclusive. */
  readonly start: string;
  /** Inclusive. */
  readonly end: string;
  readonly values: ViewValues;
  readonly averages: ViewAverages;
  readonly source: "batch" | "realtime";
  readonly version: string;
  /** When the value was written; null where its writer did not say. */
  readonly asOf: string | null;
  /** Present on open windows only: the value covers the time up to `completeTo` and will grow. */
  readonly provisional?: true;
  readonly completeTo?: string;
}

/**
 * Joins batch and real-time rows of one key, grain and window length at the closed-window boundary (law L4).
 *
 * Windows that end at or before the pointer's watermark come from the rows of the pointer's generation, all later ones from
 * the real-time rows; without a pointer every window is real-time. Rows on the wrong side, and those of other
 * generations, are left out. The answer is ordered by window end.
 */
export function mergeViews(
  pointer: Pick<ViewPointer, "batchHighWatermark" | "generation" | "asOf"> | undefined,
  batchRows: readonly BatchViewRow[],
  realtimeRows: readonly ViewRow[],
): ServedWindow[] {
  const watermark = pointer === undefined ? "" : watermarkOf(pointer);
  const served = new Map<string, ServedWindow>();
  for (const row of batchRows) {
    if (pointer === undefined || row.generation !== pointer.generation || row.windowEnd > watermark) continue;
    served.set(row.windowEnd, servedFrom(row, "batch", row.asOf ?? pointer.asOf));
  }
  for (const row of realtimeRows) {
    if (row.windowEnd <= watermark) continue;
    served.set(row.windowEnd, servedFrom(row, "realtime", row.asOf ?? null));
  }
  return [...served.values()].sort((a, b) => (a.end < b.end ? -1 : a.end > b.end ? 1 : 0));
}

/** The pointer's watermark as a text that sorts with window ends. @throws RangeError when it is no time. */
export function watermarkOf(pointer: Pick<ViewPointer, "batchHighWatermark">): string {
  const watermark = canonicalTime(pointer.batchHighWatermark);
  if (watermark === undefined) {
    throw new RangeError(
      `the view pointer's batchHighWatermark "${pointer.batchHighWatermark}" is no UTC time`,
    );
  }
  return watermark;
}

function servedFrom(row: ViewRow, source: ServedWindow["source"], asOf: string | null): ServedWindow {
  const values = valuesOf(row);
  return {
    start: row.windowStart,
    end: row.windowEnd,
    values,
    averages: averagesOf(values),
    source,
    version: row.version,
    asOf,
  };
}
