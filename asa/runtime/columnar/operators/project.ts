import { type Code, code } from "../../../codegen/code";
import type { Expression, ProjectRelation } from "../../../plan/logical-plan";
import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import { listLayout, recordColumnOf } from "../layout";
import { Page } from "../page";
import { PageLoop } from "./loop";
import type { TypedContext, TypedOperator } from "./operator";

interface Item {
  readonly name: string;
  readonly expression: Expression;
}

/** The items of a SELECT list whose columns are known by name. */
export function columnItems(relation: ProjectRelation): readonly Item[] {
  return relation.items.map((item) => {
    if (item.kind !== "column") throw new TypeError("the columns are not known");
    return item;
  });
}

/** A SELECT list over pages. */
export class TypedProject implements TypedOperator {
  readonly relation: ProjectRelation;
  readonly size = 0;
  readonly out: Page;
  readonly code: Code;
  readonly rows: (count: number) => void;

  constructor(
    relation: ProjectRelation,
    source: Page,
    conditions: readonly Expression[],
    typed: TypedContext,
  ) {
    this.relation = relation;
    const items = columnItems(relation);
    const from = items.map(({ expression }) =>
      recordColumnOf(source.layout, expression, typed.context.dialect),
    );
    this.out = new Page(
      listLayout(
        items.map(({ name }) => name),
        from.map((column) => source.layout.records?.get(column)),
      ),
    );
    const loop = new PageLoop(source, typed);
    const cells = items.map(({ expression }, index) =>
      from[index]! < 0 ? loop.writer.cell(expression) : null,
    );
    const writes = cells.map((cell, index) =>
      cell === null ? this.copyRecord(loop, source, from[index]!, index) : loop.put(this.out, index, cell),
    );
    const body = code`${loop.conditions(conditions)}
${cells.flatMap((cell) => cell?.lines ?? [])}
${writes}
outTimes[n] = t;`;
    this.code = loop.filling(this.out, code``, body);
    this.rows = loop.scope.evaluate(this.code);
  }

  /** Copies a record's mark and its members. */
  private copyRecord(loop: PageLoop, source: Page, from: number, to: number): Code {
    const own = this.out.layout.records!.get(to)!;
    const members = source.layout.records!.get(from)!.columns;
    const copies = members.map((member, index) => loop.copy(member, this.out, own.columns[index]!));
    return code`${loop.copy(from, this.out, to)}
${copies}`;
  }

  progress(time: number): void {
    this.out.progress(time);
  }

  save(_writer: StateWriter): void {}

  load(_reader: StateReader): void {}

  saveRows(_writer: StateWriter): void {}

  liveTexts(): void {}

  compact(_numbers: Int32Array): void {}
}
