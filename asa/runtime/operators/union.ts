import { AsaRecord } from "../../values/value";
import { Merger } from "../merger";
import type { Operator, Output } from "../operator";
import type { Row } from "../row";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";

/** All rows of all sources in time order, equal times in source order. */
export class UnionOperator implements Operator {
  private readonly merger: Merger;
  private readonly names: readonly string[] | null;
  private readonly output: Output;

  /** `names`: what the columns are called, by position; null lets rows pass unchanged. */
  constructor(ports: number, names: readonly string[] | null, output: Output) {
    this.merger = new Merger(ports);
    this.names = names;
    this.output = output;
  }

  row(row: Row, port: number): void {
    this.merger.add(row, port);
  }

  progress(time: bigint, port: number): void {
    const common = this.merger.progress(time, port, (row) => this.output.row(this.renamed(row)));
    if (common !== null) this.output.progress(common);
  }

  private renamed(row: Row): Row {
    const slot = row.slots[0];
    if (this.names === null || slot === null || slot === undefined) return row;
    if (slot.record.names === this.names) return row;
    const record = new AsaRecord(this.names, slot.record.values);
    return { ...row, slots: [{ ...slot, record }] };
  }

  save(writer: StateWriter): void {
    this.merger.save(writer);
  }

  load(reader: StateReader): void {
    this.merger.load(reader);
  }
}
