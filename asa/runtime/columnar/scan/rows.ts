import type { AsaRecord } from "../../../values/value";

/** Rows that a scanner has read into the columns from row 0 on. */
export interface ScannedRows {
  /** Where a row's line begins and ends in the bytes given to `lines`. */
  start(row: number): number;
  end(row: number): number;
  /** 1 for rows that the JSON reader has to take; their cells mean nothing. */
  readonly refused: Uint8Array;
}

/** Reads events into the rows of the columns that it was made for. */
export interface RowScanner extends ScannedRows {
  /** Where the last `lines` stopped: begin of the next line, or the length. */
  readonly next: number;
  /** Reads lines from `at` on; blank ones are no rows. Returns the number of rows, at most the columns' capacity. */
  lines(bytes: Uint8Array, at: number): number;
  /** Reads each body into a row; returns how many of those from `from` on, at most the columns' capacity. */
  bodies(count: number, from: number, body: (index: number) => Uint8Array | AsaRecord): number;
  /** What reads the events, for `explain`. */
  describe(): string;
}
