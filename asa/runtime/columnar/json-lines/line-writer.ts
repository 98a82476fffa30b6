import type { Value } from "../../../values/value";
import type { Page, PageTarget } from "../page";

/** Takes whole JSON lines and how many there are; the bytes are overwritten after the call. */
export type LineSink = (lines: Uint8Array, rows: number) => void;

/** Writes the rows of an output as JSON lines, every value as `writeJson` has it. */
export interface LineWriter {
  /** A row that is a record already. */
  record(names: readonly string[], values: readonly Value[]): void;
  /** Takes the rows of a SELECT list's page. */
  target(page: Page): PageTarget;
  /** Hands over what was written and not handed over yet. */
  flush(): void;
}
