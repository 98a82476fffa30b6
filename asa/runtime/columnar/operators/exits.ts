import type { OutputRow } from "../../../api";
import type { Expression } from "../../../plan/logical-plan";
import type { Output } from "../../operator";
import { endOfTime } from "../../row";
import type { Interner } from "../interner";
import { rowAt, valueAt } from "../layout";
import type { Page, PageTarget } from "../page";
import { absoluteTicks } from "../ticks";
import type { TypedContext } from "./operator";

const absolute = (time: number): bigint =>
  time === Number.POSITIVE_INFINITY ? endOfTime : absoluteTicks(time);

/** Turns the rows of a page into rows for row operators. */
export class RowExit implements PageTarget {
  private readonly page: Page;
  private readonly output: Output;
  private readonly interner: Interner;
  private readonly conditions: readonly ((row: ReturnType<typeof rowAt>) => unknown)[];

  constructor(page: Page, conditions: readonly Expression[], typed: TypedContext, output: Output) {
    this.page = page;
    this.output = output;
    this.interner = typed.interner;
    this.conditions = conditions.map(typed.context.compile);
  }

  rows(count: number): void {
    for (let i = 0; i < count; i++) {
      const row = rowAt(this.page, i, this.interner);
      if (this.conditions.every((condition) => condition(row) === true)) this.output.row(row);
    }
  }

  progress(time: number): void {
    this.output.progress(absolute(time));
  }
}

/** Hands the rows of a SELECT list over as the rows of an output. */
export class RowDelivery implements PageTarget {
  private readonly page: Page;
  private readonly name: string;
  private readonly interner: Interner;
  private readonly deliver: (row: OutputRow) => void;

  constructor(page: Page, name: string, interner: Interner, deliver: (row: OutputRow) => void) {
    this.page = page;
    this.name = name;
    this.interner = interner;
    this.deliver = deliver;
  }

  rows(count: number): void {
    const { page, interner } = this;
    const [slot] = page.layout.slots;
    const columns = slot!.names;
    for (let i = 0; i < count; i++) {
      const values = slot!.columns.map((column) => valueAt(page, column, i, interner));
      this.deliver({ output: this.name, time: absoluteTicks(page.times[i]!), columns, values });
    }
  }

  progress(): void {}
}
