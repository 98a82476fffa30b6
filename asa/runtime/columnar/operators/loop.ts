import { type Code, code } from "../../../codegen/code";
import { Scope } from "../../../codegen/scope";
import type { Expression } from "../../../plan/logical-plan";
import { pageRows, tags } from "../columns";
import { type CellCode, type ColumnCode, LoopWriter } from "../expression";
import { GeneralWriter } from "../general";
import { groupCode, type KeyAccess } from "../group-code";
import type { GroupIds } from "../group-ids";
import { columnOf, recordColumnOf, rowAt, valueAt } from "../layout";
import type { Page } from "../page";
import { ValueCells } from "../value-cells";
import type { TypedContext } from "./operator";

const taken = new ValueCells();

/** Code of one generated loop over the rows `r` of a page. */
export class PageLoop {
  readonly scope: Scope;
  readonly writer: LoopWriter;
  private readonly page: Page;
  private readonly access: KeyAccess;

  constructor(page: Page, typed: TypedContext, scope: Scope = new Scope()) {
    this.scope = scope;
    this.page = page;
    const { context, interner } = typed;
    const probe = scope.value("probe", (row: number) => rowAt(page, row, interner));
    const record = scope.value("recordOf", (column: number, row: number) =>
      valueAt(page, column, row, interner),
    );
    const column = (expression: Expression): ColumnCode | null => {
      const found = columnOf(page.layout, expression, context.dialect);
      return found < 0 ? null : this.store(page, found);
    };
    const writer = new GeneralWriter({
      scope,
      typed,
      column,
      record: (expression) => {
        const found = recordColumnOf(page.layout, expression, context.dialect);
        return found < 0 ? null : code`${record}(${found}, r)`;
      },
      row: code`${probe}(r)`,
    });
    this.access = { column, general: (expression) => writer.evaluation(expression) };
    this.writer = new LoopWriter({
      scope,
      dialect: context.dialect,
      ...this.access,
      memo: (expression) => writer.memo(expression),
      onlyColumn: (expression) => writer.onlyColumn(expression),
      internText: (text) => interner.id(text),
      taken,
    });
  }

  /** Statements that find the group of row `r`; see `groupCode`. */
  group(groups: GroupIds, keys: readonly Expression[]): { readonly lines: Code; readonly group: Code } {
    return groupCode(this.scope, groups, keys, this.access);
  }

  /** The arrays of a page's column. */
  store(page: Page, column: number): ColumnCode {
    const { numbers, kinds, boxes } = page.columns[column]!;
    return {
      numbers: this.scope.value("numbers", numbers),
      kinds: this.scope.value("kinds", kinds),
      boxes: this.scope.value("boxes", boxes),
    };
  }

  /** Statements that go on with the next row unless all conditions are true. */
  conditions(conditions: readonly Expression[], otherwise: Code = code`continue;`): Code {
    const tests = conditions.map((condition) => {
      const { lines, result } = this.writer.condition(condition);
      return code`${lines}
if (${result} !== 1) ${otherwise}`;
    });
    return code`${tests}`;
  }

  /** Puts a cell into row `n` of a page's column. */
  put(page: Page, column: number, cell: CellCode, row: Code = code`n`): Code {
    const { numbers, kinds, boxes } = this.store(page, column);
    const box =
      cell.always === undefined
        ? code`if (${cell.kind} === ${tags.boxed}) ${boxes}[${row}] = ${cell.boxed};`
        : code``;
    return code`${numbers}[${row}] = ${cell.value}; ${kinds}[${row}] = ${cell.kind}; ${box}`;
  }

  /** Copies a cell of row `r` into row `n` of another page. */
  copy(column: number, to: Page, toColumn: number): Code {
    const from = this.store(this.page, column);
    const target = this.store(to, toColumn);
    const kind = this.scope.name("kind");
    return code`const ${kind} = ${from.kinds}[r]; ${target.numbers}[n] = ${from.numbers}[r]; ${target.kinds}[n] = ${kind};
if (${kind} === ${tags.boxed}) ${target.boxes}[n] = ${from.boxes}[r];`;
  }

  /** A loop over the rows for an operator that fills its page itself; what it put there before an error is still sent. */
  each(operator: Code, head: Code, body: Code): Code {
    return code`return (count) => {
const times = ${this.scope.value("times", this.page.times)};
${head}
try {
for (let r = 0; r < count; r++) {
const t = times[r];
${body}
}
} finally { ${operator}.out.send(); }
};`;
  }

  /** A loop over the rows that fills row `n` of `to`; what was filled before an error is still sent. */
  filling(to: Page, head: Code, body: Code): Code {
    const out = this.scope.value("out", to);
    return code`return (count) => {
const times = ${this.scope.value("times", this.page.times)}, outTimes = ${this.scope.value("times", to.times)}, out = ${out};
let n = 0;
${head}
try {
for (let r = 0; r < count; r++) {
const t = times[r];
${body}
if (++n === ${pageRows}) { out.count = n; n = 0; out.send(); }
}
} finally { out.count = n; out.send(); }
};`;
  }
}

/** Puts the places of a page's rows that pass all conditions into `kept`; returns how many they are. */
export function selection(
  page: Page,
  conditions: readonly Expression[],
  typed: TypedContext,
): (count: number, kept: Int32Array) => number {
  const loop = new PageLoop(page, typed);
  return loop.scope.evaluate(code`
const times = ${loop.scope.value("times", page.times)};
return (count, kept) => {
let n = 0;
for (let r = 0; r < count; r++) {
const t = times[r];
${loop.conditions(conditions)}
kept[n++] = r;
}
return n;
};`);
}
