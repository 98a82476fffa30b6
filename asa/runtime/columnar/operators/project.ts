import { type Code, code, literal } from "../../../codegen/code";
import type { Expression, ProjectRelation } from "../../../plan/logical-plan";
import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import { listLayout, recordColumnOf } from "../layout";
import type { LineWriter } from "../lines";
import { Page } from "../page";
import { PageLoop } from "./loop";
import type { TypedContext, TypedOperator } from "./operator";

const encoder = new TextEncoder();

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

/** Base of operators that keep nothing. */
abstract class Stateless implements TypedOperator {
  readonly relation: ProjectRelation;
  readonly size = 0;

  constructor(relation: ProjectRelation) {
    this.relation = relation;
  }

  abstract rows(count: number): void;
  abstract progress(time: number): void;

  save(_writer: StateWriter): void {}

  load(_reader: StateReader): void {}

  saveRows(_writer: StateWriter): void {}

  liveTexts(): void {}

  compact(_numbers: Int32Array): void {}
}

/** A SELECT list over pages. */
export class TypedProject extends Stateless {
  readonly out: Page;
  readonly code: Code;
  readonly rows: (count: number) => void;

  constructor(
    relation: ProjectRelation,
    source: Page,
    conditions: readonly Expression[],
    typed: TypedContext,
  ) {
    super(relation);
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

  override progress(time: number): void {
    this.out.progress(time);
  }
}

/** Statements that write a constant text to the line; room is made. */
function constant(text: string): Code {
  const bytes = encoder.encode(text);
  const stores: Code[] = [];
  for (let i = 0; i < bytes.length; i += 4) {
    const word =
      (bytes[i] ?? 0) |
      ((bytes[i + 1] ?? 0) << 8) |
      ((bytes[i + 2] ?? 0) << 16) |
      ((bytes[i + 3] ?? 0) << 24);
    stores.push(code`v.setInt32(a + ${i}, ${literal(word)}, true);`);
  }
  return code`{ w.reserve(${bytes.length + 4}); const v = w.view, a = w.at; ${stores} w.at = a + ${bytes.length}; }`;
}

/** A SELECT list whose rows leave the job as JSON lines; no row is ever an object. */
export class TypedLines extends Stateless {
  readonly code: Code;
  readonly rows: (count: number) => void;

  constructor(
    relation: ProjectRelation,
    source: Page,
    conditions: readonly Expression[],
    typed: TypedContext,
    lines: LineWriter,
  ) {
    super(relation);
    const loop = new PageLoop(source, typed);
    const items = columnItems(relation);
    const cells = items.map(({ expression }) => loop.writer.cell(expression));
    const writes = cells.map(({ kind, value, boxed }, index) => {
      const name = JSON.stringify(items[index]!.name);
      return code`${constant(`${index === 0 ? "{" : ","}${name}:`)} w.cell(${kind}, ${value}, ${boxed});`;
    });
    // All values come before the first byte: an error leaves no half line.
    this.code = code`return (count) => {
const times = ${loop.scope.value("times", source.times)}, w = ${loop.scope.value("lines", lines)};
for (let r = 0; r < count; r++) {
const t = times[r];
${loop.conditions(conditions)}
${cells.flatMap((cell) => cell.lines)}
${items.length === 0 ? constant("{") : code``}
${writes}
${constant("}\n")}
w.rows++;
}
w.full();
};`;
    this.rows = loop.scope.evaluate(this.code);
  }

  override progress(): void {}
}
