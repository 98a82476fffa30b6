import type { Row } from "./row";
import type { StateReader } from "./state/reader";
import type { StateWriter } from "./state/writer";

/**
 * A node of the running graph.
 *
 * Each port gets its rows in non-decreasing time. `progress(port, time)` states that every later row of the port has a
 * time >= `time`; it never goes backwards. What an operator sends on keeps the same promises.
 */
export interface Operator {
  row(row: Row, port: number): void;
  progress(time: bigint, port: number): void;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

interface Target {
  readonly operator: Operator;
  readonly port: number;
}

/** The way out of an operator: hands rows and progress to every user, in the order of the plan. */
export class Output {
  private readonly targets: Target[] = [];

  connect(operator: Operator, port: number): void {
    this.targets.push({ operator, port });
  }

  row(row: Row): void {
    for (const { operator, port } of this.targets) operator.row(row, port);
  }

  progress(time: bigint): void {
    for (const { operator, port } of this.targets) operator.progress(time, port);
  }
}

/** Base of operators that keep nothing between rows. */
export abstract class Stateless implements Operator {
  protected readonly output: Output;

  constructor(output: Output) {
    this.output = output;
  }

  abstract row(row: Row): void;

  progress(time: bigint): void {
    this.output.progress(time);
  }

  save(): void {}

  load(): void {}
}
