import type { Fault, OutgoingMessage, Tick } from "../message";
import { readMap } from "./map";
import { type PreparedFile, type PreparedRow, preparedRows } from "./prepared-file";
import { RowReader } from "./row-reader";
import { uuid5 } from "./uuid5";

export interface FileTicksOptions {
  readonly dataFile: string;
  readonly mapFile: string;
  /** Rows per wall second. */
  readonly rate: number;
  /** @default 10000 */
  readonly lateToleranceMs?: number;
  /** Tells runs apart that send the same file; message ids depend on it, event ids do not. @default "1" */
  readonly runLabel?: string;
}

const messageNamespace = "b7a0c1de-52f4-5c7e-8d3b-0e9f6a1c2d48";
/** Rows of one tick are this close in event time. */
const tickSpanMs = 250;
const tickWallSeconds = 0.2;

/**
 * Yields ticks of a prepared file, each at the event time of its last row, never before an earlier tick. Rows without a
 * time go with the tick at hand. Rows that stand behind the clock (only when order is kept) are marked `outOfOrder`, or
 * `late` beyond the tolerance.
 */
export function* fileTicks(prepared: PreparedFile, options: FileTicksOptions): Generator<Tick> {
  const reader = new RowReader(readMap(options.mapFile), options.dataFile);
  if (prepared.columns !== null) reader.useColumns(prepared.columns);
  const { lateToleranceMs = 10_000, runLabel = "1" } = options;
  const tickRows = Math.max(1, Math.floor(options.rate * tickWallSeconds));

  const faultOf = (row: PreparedRow, atMs: number): Fault | null => {
    if (row.timeMs === null || row.timeMs >= atMs - tickSpanMs) return null;
    return atMs - row.timeMs > lateToleranceMs ? "late" : "outOfOrder";
  };
  const messageOf = (row: PreparedRow, atMs: number): OutgoingMessage => {
    const { body, deviceId, eventId, failure } = reader.map(row, row.occurrence);
    return {
      messageId: uuid5(messageNamespace, `${runLabel}\n${eventId}`),
      sendAtMs: atMs,
      via: "amqp",
      fault: failure?.fault ?? faultOf(row, atMs),
      deviceId,
      body,
      ...(failure !== null && { properties: { line: row.line, error: failure.error } }),
    };
  };

  let atMs = prepared.firstMs ?? 0;
  let held: PreparedRow[] = [];
  let firstMs = Number.NEGATIVE_INFINITY;
  const tick = (): Tick => {
    const rows = held;
    held = [];
    for (const { timeMs } of rows) atMs = Math.max(atMs, timeMs ?? atMs);
    return { atMs, messages: rows.map((row) => messageOf(row, atMs)) };
  };
  for (const row of preparedRows(prepared)) {
    const timeMs = Math.max(row.timeMs ?? atMs, atMs);
    if (held.length >= tickRows || (held.length > 0 && timeMs - firstMs > tickSpanMs)) yield tick();
    if (held.length === 0) firstMs = timeMs;
    held.push(row);
  }
  if (held.length > 0) yield tick();
}
