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
  /** Whether the file was prepared so. @default false */
  readonly keepOrder?: boolean;
  /** @default 10000 */
  readonly lateToleranceMs?: number;
  /** Tells runs apart that send the same file; message ids depend on it, event ids do not. @default "1" */
  readonly runLabel?: string;
}

const messageNamespace = "b7a0c1de-52f4-5c7e-8d3b-0e9f6a1c2d48";
/**
 * Rows of one tick are this close in event time: the clock stands at the last of them, so that each is stored well within
 * the tolerance, and a file of one row a second needs no jump for each.
 */
const tickSpanMs = 2000;
/** Rows that are to come late by themselves are not to be moved by the grouping. */
const tickSpanInOrderMs = 250;
const tickWallSeconds = 0.2;

/**
 * Yields ticks of a prepared file, each at the event time of its last row, never before an earlier tick. Rows without a
 * time go with the tick at hand. Rows that stand behind an earlier one (only when order is kept) are marked `outOfOrder`,
 * or `late` when the clock is beyond the tolerance.
 */
export function* fileTicks(prepared: PreparedFile, options: FileTicksOptions): Generator<Tick> {
  const reader = new RowReader(readMap(options.mapFile), options.dataFile);
  if (prepared.columns !== null) reader.useColumns(prepared.columns);
  const { lateToleranceMs = 10_000, runLabel = "1" } = options;
  const spanMs = options.keepOrder ? tickSpanInOrderMs : tickSpanMs;
  const tickRows = Math.max(1, Math.floor(options.rate * tickWallSeconds));

  const messageOf = (row: PreparedRow, atMs: number, disorder: Fault | null): OutgoingMessage => {
    const { body, deviceId, eventId, failure } = reader.map(row, row.occurrence);
    return {
      messageId: uuid5(messageNamespace, `${runLabel}\n${eventId}`),
      sendAtMs: atMs,
      via: "amqp",
      fault: failure?.fault ?? disorder,
      deviceId,
      body,
      ...(failure !== null && { properties: { line: row.line, error: failure.error } }),
    };
  };

  let atMs = prepared.firstMs ?? 0;
  let held: PreparedRow[] = [];
  let firstMs = Number.NEGATIVE_INFINITY;
  let newestMs = Number.NEGATIVE_INFINITY;
  const tick = (): Tick => {
    const rows = held;
    held = [];
    for (const { timeMs } of rows) atMs = Math.max(atMs, timeMs ?? atMs);
    const messages = rows.map((row) => {
      const timeMs = row.timeMs ?? newestMs;
      const disorder = timeMs >= newestMs ? null : atMs - timeMs > lateToleranceMs ? "late" : "outOfOrder";
      newestMs = Math.max(newestMs, timeMs);
      return messageOf(row, atMs, disorder);
    });
    return { atMs, messages };
  };
  for (const row of preparedRows(prepared)) {
    const timeMs = Math.max(row.timeMs ?? atMs, atMs);
    if (held.length >= tickRows || (held.length > 0 && timeMs - firstMs > spanMs)) yield tick();
    if (held.length === 0) firstMs = timeMs;
    held.push(row);
  }
  if (held.length > 0) yield tick();
}
