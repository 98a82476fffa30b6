import type { AggregateRelation } from "../../../plan/logical-plan";
import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import type { Layout } from "../layout";
import { Page } from "../page";
import { aggregateLayout } from "../panes";
import type { TypedContext, TypedState, WindowState } from "./operator";
import { PageMerger } from "./page-merger";

/** Several windows of one GROUP BY: rows leave by time, equal times in the order of the windows. */
export class TypedWindows implements TypedState {
  readonly relation: AggregateRelation;
  readonly out: Page;
  private readonly states: readonly WindowState[];
  private readonly merger: PageMerger;

  constructor(relation: AggregateRelation, states: readonly WindowState[], typed: TypedContext) {
    this.relation = relation;
    this.states = states;
    const own = aggregateLayout(relation);
    const layout: Layout = { ...own, window: null, windowColumn: own.width, width: own.width + 1 };
    this.out = new Page(layout);
    const ports = states.map(({ out }, index) => {
      const { id } = relation.windows[index]!;
      return {
        page: out,
        select: (count: number, kept: Int32Array) => {
          for (let row = 0; row < count; row++) kept[row] = row;
          return count;
        },
        columns: own.computed,
        label: id === null ? null : typed.interner.id(id),
      };
    });
    this.merger = new PageMerger(this.out, ports, typed);
    for (const [index, { out }] of states.entries()) out.connect(this.merger.targets[index]!);
  }

  get size(): number {
    return this.states.reduce((sum, { size }) => sum + size, 0);
  }

  liveTexts(visit: (id: number) => void): void {
    for (const state of this.states) state.liveTexts(visit);
    this.merger.texts((id) => {
      visit(id);
      return id;
    });
  }

  compact(numbers: Int32Array): void {
    for (const state of this.states) state.compact(numbers);
    this.merger.texts((id) => numbers[id]!);
  }

  save(writer: StateWriter): void {
    for (const state of this.states) state.save(writer);
    this.merger.save(writer);
  }

  load(reader: StateReader): void {
    for (const state of this.states) state.load(reader);
    this.merger.load(reader);
  }

  saveRows(writer: StateWriter): void {
    for (const state of this.states) state.saveWindow(writer);
    // What one progress closes, it sends on: no row waits for another window.
    writer.count(0);
  }
}
