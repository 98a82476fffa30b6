import { code } from "../../../codegen/code";
import type { AggregateRelation, Expression } from "../../../plan/logical-plan";
import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import type { Page } from "../page";
import type { PaneAggregator } from "../panes";
import { PageLoop } from "./loop";
import type { TypedContext, TypedOperator, WindowState } from "./operator";

/** Tumbling and hopping windows over the rows of another operator. */
export class PagePanes implements TypedOperator, WindowState {
  readonly relation: AggregateRelation;
  readonly rows: (count: number) => void;
  private readonly panes: PaneAggregator;
  /** Numbers the rows, so that groups of one moment keep the order in which they began. */
  private place = 0;

  constructor(panes: PaneAggregator, source: Page, conditions: readonly Expression[], typed: TypedContext) {
    this.panes = panes;
    this.relation = panes.relation;
    const loop = new PageLoop(source, typed);
    const { lines, group } = loop.group(panes.groups, panes.relation.keys);
    const update = panes.update(loop.scope, loop.writer, group);
    const run = loop.scope.evaluate<(count: number, place: number) => void>(code`return (count, place) => {
const times = ${loop.scope.value("times", source.times)};
${panes.declarations}
for (let r = 0; r < count; r++) {
const t = times[r], p = place + r;
${loop.conditions(conditions)}
${lines}
${update}
}
};`);
    this.rows = (count) => {
      const { place } = this;
      this.place += count;
      run(count, place);
    };
  }

  get out(): Page {
    return this.panes.out;
  }

  get size(): number {
    return this.panes.size;
  }

  progress(time: number): void {
    this.panes.progress(time);
  }

  liveTexts(visit: (id: number) => void): void {
    this.panes.liveTexts(visit);
  }

  compact(numbers: Int32Array): void {
    this.panes.compact(numbers);
  }

  save(writer: StateWriter): void {
    writer.number(this.place);
    this.panes.save(writer);
  }

  load(reader: StateReader): void {
    this.place = reader.number();
    this.panes.load(reader);
  }

  saveRows(writer: StateWriter): void {
    this.panes.saveRows(writer);
  }

  saveWindow(writer: StateWriter): void {
    this.panes.saveWindow(writer);
  }
}
