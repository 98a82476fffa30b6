import type { OutputRow } from "../../api";
import { plainValue, type Run } from "./transfer";

/** Rows that a call of a lane released, in order, packed for the way to another thread. */
export interface PackedRows {
  readonly outputs: readonly string[];
  /** For each run of rows with one output and one time: which output, the time, and the end of its rows. */
  readonly output: Uint16Array;
  readonly times: BigInt64Array;
  readonly ends: Uint32Array;
  readonly columns: readonly (readonly string[])[];
  /** For each row: which columns, then its values. */
  readonly values: readonly (readonly [number, ...unknown[]])[];
}

/** Collects the rows of one call. */
export class RowPacker {
  private outputs: string[] = [];
  private output: number[] = [];
  private times: bigint[] = [];
  private ends: number[] = [];
  private columns: (readonly string[])[] = [];
  private values: [number, ...unknown[]][] = [];

  readonly add = (rows: readonly OutputRow[]): void => {
    for (const { output: name, time, columns, values } of rows) {
      let output = this.outputs.indexOf(name);
      if (output < 0) output = this.outputs.push(name) - 1;
      let last = this.ends.length - 1;
      if (last < 0 || this.output[last] !== output || this.times[last] !== time) {
        this.output.push(output);
        this.times.push(time);
        last = this.ends.push(0) - 1;
      }
      let layout = this.columns.lastIndexOf(columns);
      if (layout < 0) layout = this.columns.push(columns) - 1;
      this.ends[last] = this.values.push([layout, ...values.map(plainValue)]);
    }
  };

  /** Gives what was collected and begins anew; null when there is nothing. */
  take(): PackedRows | null {
    if (this.ends.length === 0) return null;
    const packed: PackedRows = {
      outputs: this.outputs,
      output: Uint16Array.from(this.output),
      times: BigInt64Array.from(this.times),
      ends: Uint32Array.from(this.ends),
      columns: this.columns,
      values: this.values,
    };
    this.outputs = [];
    this.output = [];
    this.times = [];
    this.ends = [];
    this.columns = [];
    this.values = [];
    return packed;
  }
}

/** The runs of what `RowPacker` packed. */
export function runsOf(packed: PackedRows): Run[] {
  let from = 0;
  return Array.from(packed.ends, (end, index) => {
    const run: Run = {
      output: packed.outputs[packed.output[index]!]!,
      time: packed.times[index]!,
      rows: packed.values.slice(from, end).map(([layout, ...values]) => ({
        columns: packed.columns[layout]!,
        values: values as Run["rows"][number]["values"],
      })),
    };
    from = end;
    return run;
  });
}
