import type { InputEvent } from "../api";
import { isBlank } from "./columnar/admission";
import type { ColumnarInput } from "./columnar/input";

/** What one call hands over: to an input over columns, and to others as events from a place on. */
export interface PushedBatch {
  /** Events, or bytes of lines. */
  readonly length: number;
  readonly events: (from: number) => readonly InputEvent[];
  /** Returns the place of the first that is out of the columns' reach (none: the length). */
  readonly take: (reader: ColumnarInput, reportUnreadable: boolean) => number;
}

/** JSON lines that arrived together. */
export function pushedLines(lines: Uint8Array, partition: number, arrival: bigint): PushedBatch {
  return {
    length: lines.length,
    events: (from) => lineEvents(lines, from, arrival),
    take: (reader, reportUnreadable) => reader.takeLines(lines, partition, arrival, reportUnreadable),
  };
}

/** Events one by one. */
export function pushedEvents(events: readonly InputEvent[], partition: number): PushedBatch {
  return {
    length: events.length,
    events: (from) => (from === 0 ? events : events.slice(from)),
    take: (reader, reportUnreadable) => reader.take(events, partition, reportUnreadable),
  };
}

/** The lines from `from` on as events. */
function lineEvents(lines: Uint8Array, from: number, arrival: bigint): InputEvent[] {
  const events: InputEvent[] = [];
  for (let at = from; at < lines.length; ) {
    const feed = lines.indexOf(10, at);
    const end = feed < 0 ? lines.length : feed;
    const body = lines.subarray(at, end);
    if (!isBlank(body)) events.push({ body, arrival });
    at = end + 1;
  }
  return events;
}
