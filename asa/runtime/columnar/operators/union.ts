import type { UnionRelation } from "../../../plan/logical-plan";
import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import { recordLayout } from "../layout";
import { Page, type PageTarget } from "../page";
import type { JoinSource } from "./join";
import { selection } from "./loop";
import type { TypedContext, TypedState } from "./operator";
import { PageMerger } from "./page-merger";

/** All rows of several SELECT lists in time order, equal times in their order. */
export class TypedUnion implements TypedState {
  readonly relation: UnionRelation;
  readonly out: Page;
  readonly size = 0;
  readonly targets: readonly PageTarget[];
  private readonly merger: PageMerger;

  constructor(relation: UnionRelation, sources: readonly JoinSource[], typed: TypedContext) {
    this.relation = relation;
    const [first] = sources[0]!.page.layout.slots;
    this.out = new Page(recordLayout(first!.names));
    const ports = sources.map(({ page, conditions }) => ({
      page,
      select: selection(page, conditions, typed),
      columns: page.layout.slots[0]!.columns,
    }));
    this.merger = new PageMerger(this.out, ports, typed);
    this.targets = this.merger.targets;
  }

  liveTexts(visit: (id: number) => void): void {
    this.merger.texts((id) => {
      visit(id);
      return id;
    });
  }

  compact(numbers: Int32Array): void {
    this.merger.texts((id) => numbers[id]!);
  }

  save(writer: StateWriter): void {
    this.merger.save(writer);
  }

  load(reader: StateReader): void {
    this.merger.load(reader);
  }

  saveRows(writer: StateWriter): void {
    this.merger.saveRows(writer);
  }
}
