import { type Code, code } from "../../../codegen/code";
import { expressionKey } from "../../../plan/binding/expression-tree";
import type { AnalyticRelation, Expression, IsFirstCall, LagCall } from "../../../plan/logical-plan";
import { tupleKey } from "../../../values/group-key";
import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import { tags } from "../columns";
import type { CellCode } from "../expression";
import { GroupIds } from "../group-ids";
import type { Layout } from "../layout";
import { Page } from "../page";
import { FirstState } from "./first-state";
import { LagState } from "./lag-state";
import { PageLoop } from "./loop";
import type { TypedContext, TypedOperator } from "./operator";

type Call = LagCall | IsFirstCall;

interface Running {
  readonly call: Call;
  readonly state: LagState | FirstState;
  readonly table: Table;
}

/** The groups of one PARTITION BY; calls with the same one share them. */
interface Table {
  readonly keys: readonly Expression[];
  readonly groups: GroupIds;
}

const partitionOf = (call: Call): readonly Expression[] =>
  call.kind === "lag" ? call.frame.partitionBy : call.partitionBy;

/** LAG, LAST and ISFIRST over pages: every row gets one more column for each call. */
export class TypedAnalytic implements TypedOperator {
  readonly relation: AnalyticRelation;
  readonly out: Page;
  readonly code: Code;
  readonly rows: (count: number) => void;
  private readonly typed: TypedContext;
  private readonly tables: Table[] = [];
  private readonly calls: readonly Running[];
  private told = Number.NEGATIVE_INFINITY;

  constructor(
    relation: AnalyticRelation,
    source: Page,
    conditions: readonly Expression[],
    typed: TypedContext,
  ) {
    this.relation = relation;
    this.typed = typed;
    const { dialect } = typed.context;
    const byKey = new Map<string, Table>();
    this.calls = relation.calls.map((call) => {
      if (call.kind !== "lag" && call.kind !== "is-first")
        throw new TypeError(`${call.kind} has no typed state`);
      const keys = partitionOf(call);
      const name = keys.map(expressionKey).join();
      const table = byKey.get(name) ?? { keys, groups: new GroupIds(keys.length, typed.interner) };
      if (!byKey.has(name)) this.tables.push(table);
      byKey.set(name, table);
      const state =
        call.kind === "lag"
          ? new LagState(call, dialect.limitDurationStart === "inclusive")
          : new FirstState(call, dialect.gridOrigin === "unix-epoch");
      return { call, state, table };
    });
    const { width, computed } = source.layout;
    const layout: Layout = {
      ...source.layout,
      computed: [...computed, ...this.calls.map((_, index) => width + index)],
      width: width + this.calls.length,
    };
    // Without a condition every row stays in its place, and what is known of it need not be copied.
    const inPlace = conditions.length === 0;
    this.out = new Page(layout, null, inPlace ? source : null);
    this.code = this.write(source, conditions, inPlace);
    this.rows = this.loop.scope.evaluate(this.code);
  }

  private loop!: PageLoop;

  private write(source: Page, conditions: readonly Expression[], inPlace: boolean): Code {
    const loop = new PageLoop(source, this.typed);
    this.loop = loop;
    const n = inPlace ? code`r` : code`n`;
    const heads: Code[] = [];
    const groupOf = new Map<Table, Code>();
    const lines: Code[] = [];
    for (const table of this.tables) {
      const { lines: find, group } = loop.group(table.groups, table.keys);
      groupOf.set(table, group);
      lines.push(find);
    }
    for (const [index, { call, state, table }] of this.calls.entries()) {
      const column = source.layout.width + index;
      const group = groupOf.get(table)!;
      const part =
        state instanceof LagState
          ? this.lag(loop, call as LagCall, state, group, column, n, heads)
          : this.first(loop, call as IsFirstCall, state, group, column, n);
      lines.push(code`{\n${part}\n}`);
    }
    if (!inPlace) {
      const copies = source.columns.map((_, column) => loop.copy(column, this.out, column));
      return loop.filling(
        this.out,
        code`${heads}`,
        code`${loop.conditions(conditions)}\n${lines}\n${copies}\noutTimes[n] = t;`,
      );
    }
    return code`return (count) => {
const times = ${loop.scope.value("times", source.times)}, out = ${loop.scope.value("out", this.out)};
let r = 0;
${heads}
try {
for (; r < count; r++) {
const t = times[r];
${lines}
}
} finally { out.count = r; out.send(); }
};`;
  }

  private lag(
    loop: PageLoop,
    call: LagCall,
    state: LagState,
    group: Code,
    column: number,
    n: Code,
    heads: Code[],
  ): Code {
    const { scope, writer } = loop;
    const own = scope.value("lag", state);
    const [times, numbers, kinds, boxes] = ["times", "numbers", "kinds", "boxes"].map((name) =>
      scope.name(name),
    );
    const load = code`${times!} = ${own}.times; ${numbers!} = ${own}.numbers; ${kinds!} = ${own}.kinds; ${boxes!} = ${own}.boxes;`;
    heads.push(code`let ${times!}, ${numbers!}, ${kinds!}, ${boxes!}; ${load}`);
    const { keep } = state;
    // The oldest of the rows that are kept is the one that the offset asks for, and the one that the next overwrites.
    const at = keep === 1 ? code`${group}` : code`${group} * ${keep} + ${own}.counts[${group}] % ${keep}`;
    const value = writer.cell(call.expression);
    const add = code`${value.lines}
const to = ${at};
${times!}[to] = t; ${numbers!}[to] = ${value.value}; ${kinds!}[to] = ${value.kind};
if (${value.kind} === ${tags.boxed}) ${boxes!}[to] = ${value.boxed};
${own}.counts[${group}]++;`;
    let test = code``;
    let adding = code`{ ${add} }`;
    if (call.frame.when !== null) {
      const { lines, result } = writer.condition(call.frame.when);
      const taking = scope.name("taking");
      heads.push(code`let ${taking} = 0;`);
      test = code`{ ${lines}\n${taking} = ${result}; }`;
      adding = code`if (${taking} === 1) { ${add} }`;
    }
    const room = code`if (${group} >= ${own}.capacity) { ${own}.grow(${group}); ${load} }`;
    const sign = this.typed.context.dialect.limitDurationStart === "inclusive" ? code`<=` : code`<`;
    const found: CellCode = {
      lines: [],
      kind: code`${kinds!}[from]`,
      value: code`${numbers!}[from]`,
      boxed: code`${boxes!}[from]`,
    };
    const none: CellCode = { lines: [], kind: code`0`, value: code`0`, boxed: code`null`, always: tags.null };
    const otherwise = call.otherwise === null ? none : writer.cell(call.otherwise);
    const get = code`const from = ${at};
if (t - ${times!}[from] ${sign} ${state.limit}) { ${loop.put(this.out, column, found, n)} }
else { ${otherwise.lines} ${loop.put(this.out, column, otherwise, n)} }`;
    // LAST sees the row itself.
    return call.offset === 0
      ? code`${room}\n${test}\n${adding}\n${get}`
      : code`${room}\n${test}\n${get}\n${adding}`;
  }

  private first(
    loop: PageLoop,
    call: IsFirstCall,
    state: FirstState,
    group: Code,
    column: number,
    n: Code,
  ): Code {
    const { scope, writer } = loop;
    const own = scope.value("first", state);
    const cell: CellCode = {
      lines: [],
      kind: code`1`,
      value: code`isFirst`,
      boxed: code`null`,
      always: tags.integer,
    };
    const put = loop.put(this.out, column, cell, n);
    if (call.when === null) return code`const isFirst = ${own}.first(${group}, t); ${put}`;
    const { lines, result } = writer.condition(call.when);
    return code`${lines}\nconst isFirst = ${result} === 1 ? ${own}.first(${group}, t) : 0; ${put}`;
  }

  progress(time: number): void {
    this.told = time;
    this.out.progress(time);
  }

  get size(): number {
    return this.tables.reduce((sum, { groups }) => sum + groups.size, 0);
  }

  private liveGroups(table: Table): Int32Array {
    const live: number[] = [];
    const calls = this.calls.filter((running) => running.table === table);
    for (let group = 0; group < table.groups.size; group++)
      if (calls.some(({ state }) => state.live(group, this.told))) live.push(group);
    return Int32Array.from(live);
  }

  liveTexts(visit: (id: number) => void): void {
    for (const table of this.tables) {
      for (const group of this.liveGroups(table)) {
        table.groups.texts(group, visit);
        for (const { state, table: own } of this.calls)
          if (own === table && state instanceof LagState) state.texts(group, visit);
      }
    }
  }

  compact(numbers: Int32Array): void {
    for (const table of this.tables) {
      const live = this.liveGroups(table);
      for (const { state, table: own } of this.calls) if (own === table) state.keepGroups(live, numbers);
      table.groups.keep(live, numbers);
    }
  }

  save(writer: StateWriter): void {
    writer.number(this.told);
    for (const { groups } of this.tables) groups.save(writer);
    for (const { state, table } of this.calls) state.save(writer, table.groups.size);
  }

  load(reader: StateReader): void {
    this.told = reader.number();
    for (const { groups } of this.tables) groups.load(reader);
    for (const { state, table } of this.calls) state.load(reader, table.groups.size);
  }

  saveRows(writer: StateWriter): void {
    for (const { state, table } of this.calls) {
      writer.optionalInteger(null);
      const groups = Array.from({ length: table.groups.size }, (_, group) => group);
      writer.list(groups, groups.length, (group) => {
        writer.text(table.keys.length === 0 ? "" : tupleKey(table.groups.keys(group)));
        if (state instanceof LagState) {
          state.grow(group);
          state.saveRows(writer, group, this.typed.interner);
        } else state.saveRows(writer, group);
      });
    }
  }
}
