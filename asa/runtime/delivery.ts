import type { JobOptions, OutputRow } from "../api";
import type { Delivery } from "./columnar/build";
import { type LineWriter, makeLineWriter } from "./columnar/json-lines";
import type { Texts } from "./columnar/texts";

/** So many rows are handed over before the call that released them ends. */
const rowsAtOnce = 1024;

/** Hands over what a job releases: rows as records, or as JSON lines where those are asked for. */
export class JobDelivery implements Delivery {
  private readonly options: JobOptions;
  private readonly writers = new Map<string, LineWriter>();
  private texts: Texts | null = null;
  private rows: OutputRow[] = [];

  constructor(options: JobOptions) {
    this.options = options;
  }

  /** Begins anew with the texts of a job's columns. */
  start(texts: Texts): void {
    this.texts = texts;
    this.writers.clear();
  }

  readonly row = (row: OutputRow): void => {
    const lines = this.lines(row.output);
    if (lines !== null) lines.record(row.columns, row.values);
    else if (this.rows.push(row) === rowsAtOnce) this.handOver();
  };

  readonly lines = (output: string): LineWriter | null => {
    const { onLines } = this.options;
    if (onLines === undefined) return null;
    let writer = this.writers.get(output);
    if (writer === undefined) {
      writer = makeLineWriter(this.texts!.interner, (lines, rows) => onLines({ output, lines, rows }));
      this.writers.set(output, writer);
    }
    return writer;
  };

  /** Rows that are handed over soon are young when they die, which is cheap. */
  private handOver(): void {
    const { rows } = this;
    this.rows = [];
    if (rows.length > 0) this.options.onRows(rows);
  }

  /** Hands over all that waits. */
  flush(): void {
    this.handOver();
    for (const writer of this.writers.values()) writer.flush();
  }
}
