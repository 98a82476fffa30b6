import type { OutputRow } from "../../api";
import { Merger } from "../merger";
import type { Operator } from "../operator";
import type { Row } from "../row";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";

/** An output of the job; several statements that write to one name are merged in time order, ties in statement order. */
export class SinkOperator implements Operator {
  private readonly name: string;
  private readonly merger: Merger | null;
  private readonly deliver: (row: OutputRow) => void;

  constructor(name: string, ports: number, deliver: (row: OutputRow) => void) {
    this.name = name;
    this.merger = ports > 1 ? new Merger(ports) : null;
    this.deliver = deliver;
  }

  row(row: Row, port: number): void {
    if (this.merger === null) this.write(row);
    else this.merger.add(row, port);
  }

  private write(row: Row): void {
    const record = row.slots[0]?.record;
    if (record === undefined) return;
    this.deliver({ output: this.name, time: row.time, columns: record.names, values: record.values });
  }

  progress(time: bigint, port: number): void {
    this.merger?.progress(time, port, (row) => this.write(row));
  }

  save(writer: StateWriter): void {
    this.merger?.save(writer);
  }

  load(reader: StateReader): void {
    this.merger?.load(reader);
  }
}
