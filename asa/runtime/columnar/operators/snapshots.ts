import { type Code, code } from "../../../codegen/code";
import { BuiltinError } from "../../../language/builtins/builtin";
import type { AggregateCall, AggregateRelation, Expression } from "../../../plan/logical-plan";
import { IncomparableError } from "../../../values/equality";
import { AsaRecord, type Value } from "../../../values/value";
import { aggregateError } from "../../aggregates/error";
import { compareKeys } from "../../aggregates/top";
import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import { Accumulators } from "../accumulators";
import { CellTable } from "../cell-table";
import { cellValue, pageRows, tags } from "../columns";
import type { CellCode } from "../expression";
import { GroupIds } from "../group-ids";
import type { Layout, RecordLayout } from "../layout";
import { Page } from "../page";
import { RowKeys } from "../row-keys";
import { absoluteTicks } from "../ticks";
import { PageLoop } from "./loop";
import type { TypedContext, TypedOperator, WindowState } from "./operator";

/** So many groups of a moment are searched one by one. */
const fewGroups = 12;
/** After so many groups the numbers of their keys are forgotten. */
const mostBegun = 1 << 16;
/** Fields of a group before those of its calls: its rows. */
const commonFields = 1;

/** COUNT, SUM and their kin that stand together; or a TOPONE. */
type Part =
  | { readonly kind: "sums"; readonly first: number; readonly at: number; readonly sums: Accumulators }
  | {
      readonly kind: "top";
      readonly first: number;
      /** Field with the place of the row among those of its group. */
      readonly at: number;
      readonly call: AggregateCall;
      /** The table's columns of the value, or of its members. */
      readonly from: number;
      readonly width: number;
      readonly names: readonly string[] | null;
      /** The table's first column of the order. */
      readonly order: number;
    };

/** Snapshot windows: one row per group of the rows of one moment, when a later moment has come. */
export class TypedSnapshots implements TypedOperator, WindowState {
  readonly relation: AggregateRelation;
  readonly out: Page;
  readonly code: Code;
  readonly rows: (count: number) => void;
  private readonly typed: TypedContext;
  private readonly parts: readonly Part[];
  private readonly stride: number;
  /** Keys, then what every TOPONE keeps; a row per group. */
  readonly table: CellTable;
  state: Float64Array;
  instant = Number.NaN;
  private count = 0;
  // Numbers of key parts: equal values have one.
  private readonly numbers: GroupIds;
  private readonly rowKeys: RowKeys;
  /** Groups since the numbers were forgotten. */
  private begun = 0;
  private keyParts: Float64Array = new Float64Array(64);
  private readonly known = new Map<string, number>();

  constructor(
    relation: AggregateRelation,
    source: Page,
    conditions: readonly Expression[],
    typed: TypedContext,
  ) {
    this.relation = relation;
    this.typed = typed;
    this.numbers = new GroupIds(relation.keys.length, typed.interner);
    this.rowKeys = new RowKeys(typed.context.plan, relation);
    const [slot] = source.layout.slots;
    const parts: Part[] = [];
    let at = commonFields;
    let column = relation.keys.length;
    for (let index = 0; index < relation.aggregates.length; ) {
      const call = relation.aggregates[index]!;
      if (call.function === "topone") {
        const names = call.argument!.kind === "event" ? slot!.names : null;
        const width = names === null ? 1 : names.length;
        const order = column + width;
        parts.push({ kind: "top", first: index++, at: at++, call, from: column, width, names, order });
        column = order + call.orderBy.length;
        continue;
      }
      const first = index;
      while (index < relation.aggregates.length && relation.aggregates[index]!.function !== "topone") index++;
      const sums = new Accumulators(relation.aggregates.slice(first, index), typed.context);
      parts.push({ kind: "sums", first, at, sums });
      at += sums.width;
    }
    this.parts = parts;
    this.stride = at;
    this.table = new CellTable(column);
    this.state = new Float64Array(64 * this.stride);
    this.out = new Page(this.layout());
    const loop = new PageLoop(source, typed);
    this.code = this.write(loop, conditions);
    this.rows = loop.scope.evaluate(this.code);
  }

  /** Keys, then calls; behind them the members of records. */
  private layout(): Layout {
    const { keys, aggregates, windows } = this.relation;
    let width = keys.length + aggregates.length;
    const computed = Array.from({ length: width }, (_, index) => index);
    const records = new Map<number, RecordLayout>();
    for (const part of this.parts) {
      if (part.kind !== "top" || part.names === null) continue;
      const columns = part.names.map((_, index) => width + index);
      records.set(keys.length + part.first, { names: part.names, columns });
      width += columns.length;
    }
    return { slots: [], computed, window: windows[0]?.id ?? null, records, width };
  }

  private write(loop: PageLoop, conditions: readonly Expression[]): Code {
    const { scope, writer } = loop;
    const self = scope.value("snapshots", this);
    const { keys } = this.relation;
    const cells = keys.map((key) => writer.cell(key));
    const names = keys.map(() => scope.name("part"));
    const numbers = scope.value("numbers", this.numbers);
    const parts = cells.map(
      ({ kind, value, boxed }, index) =>
        code`const ${names[index]!} = ${kind} === ${tags.text} ? ${value} : ${numbers}.part(${kind}, ${value}, ${boxed});`,
    );
    const taken = this.parts.map((part) =>
      part.kind === "sums"
        ? part.sums.add(scope, writer, code`fields`, code`at + ${part.at}`)
        : this.topCode(loop, part),
    );
    const equal = names.map((name, index) => code`own[g * ${keys.length} + ${index}] === ${name}`);
    const search =
      keys.length === 0
        ? code`let g = ${self}.count - 1;`
        : code`let g = ${self}.count - 1;
const own = ${self}.keyParts;
if (g < ${fewGroups}) while (g >= 0 && !(${equal.reduce((all, next) => code`${all} && ${next}`)})) g--;
else g = ${self}.find(${names.reduce((all, next) => code`${all}, ${next}`)});`;
    const put = cells.map(
      (cell, index) =>
        code`table.kinds[row + ${index}] = ${cell.kind}; table.numbers[row + ${index}] = ${cell.value}; if (${cell.kind} === ${tags.boxed}) table.boxes[row + ${index}] = ${cell.boxed};`,
    );
    const note = names.map((name, index) => code`${self}.keyParts[g * ${keys.length} + ${index}] = ${name};`);
    return loop.each(
      self,
      code`const table = ${scope.value("table", this.table)};`,
      code`${loop.conditions(conditions)}
${cells.flatMap(({ lines }) => lines)}
${parts}
${taken.map(({ reads }) => reads)}
if (!(t === ${self}.instant)) ${self}.moveTo(t);
{
${search}
if (g < 0) {
g = ${self}.begin();
${note}
const row = g * ${this.table.width};
${put}
}
const fields = ${self}.state, at = g * ${this.stride}, row = g * ${this.table.width};
${taken.map(({ adds }) => adds)}
fields[at]++;
}`,
    );
  }

  /** Statements that keep the row's value when it comes before the one that is kept. */
  private topCode(
    loop: PageLoop,
    part: Extract<Part, { kind: "top" }>,
  ): { readonly reads: Code; readonly adds: Code } {
    const { scope, writer } = loop;
    const { call } = part;
    const self = scope.value("snapshots", this);
    const order = call.orderBy.map(({ expression }) => writer.cell(expression));
    const { range } = call;
    const values: readonly CellCode[] =
      part.names === null
        ? [writer.cell(call.argument!)]
        : part.names.map((name, index) =>
            writer.cell({ kind: "column", slot: 0, name, index, type: "any", range }),
          );
    const better = scope.name("order");
    const compare = order.map((cell, index) => {
      const sign = call.orderBy[index]!.descending ? code`-` : code``;
      const at = code`row + ${part.order + index}`;
      return code`if (${better} === 0) {
const k = table.kinds[${at}];
${better} = ${sign}(k === ${cell.kind} && (k === ${tags.integer} || k === ${tags.float} || k === ${tags.time}) ? ${cell.value} - table.numbers[${at}] : ${self}.compare(${part.first}, ${at}, ${cell.kind}, ${cell.value}, ${cell.boxed}));
}`;
    });
    const latest = this.typed.context.dialect.orderTies === "latest";
    const store = (cells: readonly CellCode[], from: number) =>
      cells.map(
        ({ kind, value, boxed }, index) =>
          code`table.kinds[row + ${from + index}] = ${kind}; table.numbers[row + ${from + index}] = ${value}; if (${kind} === ${tags.boxed}) table.boxes[row + ${from + index}] = ${boxed};`,
      );
    return {
      reads: code`${[...order, ...values].flatMap(({ lines }) => lines)}`,
      adds: code`let ${better} = 0;
if (fields[at] > 0) { ${compare} if (${better} === 0) ${better} = ${latest ? -1 : 1}; } else ${better} = -1;
if (${better} < 0) {
fields[at + ${part.at}] = fields[at];
${store(values, part.from)}
${store(order, part.order)}
}`,
    };
  }

  /** How a value is ordered against the one that is kept in a cell of the table, by the rules of the row engine. */
  compare(call: number, at: number, kind: number, number: number, boxed: Value): number {
    const { interner, context } = this.typed;
    const { table } = this;
    const value = cellValue(kind, number, boxed, interner);
    const kept = cellValue(table.kinds[at]!, table.numbers[at]!, table.boxed(at), interner);
    try {
      return compareKeys(value, kept);
    } catch (error) {
      if (!(error instanceof IncomparableError)) throw error;
      throw aggregateError(context.plan, this.relation.aggregates[call]!, new BuiltinError(error.message));
    }
  }

  /** The group of a moment with many; -1 when it is new. */
  find(...parts: readonly number[]): number {
    const width = parts.length;
    if (this.known.size !== this.count) {
      for (let group = this.known.size; group < this.count; group++)
        this.known.set(this.keyParts.subarray(group * width, (group + 1) * width).join(), group);
    }
    return this.known.get(parts.join()) ?? -1;
  }

  /** Begins a group of the moment, whose key is still to be noted; returns its number. */
  begin(): number {
    const group = this.count++;
    const width = this.relation.keys.length;
    this.table.fit(group);
    if ((group + 1) * this.stride > this.state.length) {
      const state = new Float64Array(2 * this.state.length);
      state.set(this.state);
      this.state = state;
    }
    if ((group + 1) * width > this.keyParts.length) {
      const keyParts = new Float64Array(2 * this.keyParts.length);
      keyParts.set(this.keyParts);
      this.keyParts = keyParts;
    }
    const at = group * this.stride;
    this.state[at] = 0;
    for (const part of this.parts)
      if (part.kind === "sums") part.sums.clear(this.state, at + part.at);
      else this.state[at + part.at] = 0;
    return group;
  }

  /** Ends the moment before `time`. */
  moveTo(time: number): void {
    this.settle();
    this.instant = time;
  }

  private settle(): void {
    const { count, out } = this;
    for (let group = 0; group < count; group++) {
      const row = out.count;
      out.times[row] = this.instant;
      this.put(group, row);
      out.count = row + 1;
      if (out.count === pageRows) out.send();
    }
    this.count = 0;
    if (this.known.size > 0) this.known.clear();
    this.instant = Number.NaN;
    this.begun += count;
    if (this.begun < mostBegun) return;
    // No group is open: keys without end need no memory without end.
    this.begun = 0;
    this.numbers.keep(new Int32Array(0), new Int32Array(0));
  }

  private put(group: number, row: number): void {
    const { out, table, state } = this;
    const keys = this.relation.keys.length;
    const at = group * this.stride;
    const copy = (from: number, to: number): void => {
      const place = group * table.width + from;
      const store = out.columns[to]!;
      const kind = table.kinds[place]!;
      store.kinds[row] = kind;
      store.numbers[row] = table.numbers[place]!;
      if (kind === tags.boxed) store.boxes[row] = table.boxes[place] ?? null;
    };
    for (let i = 0; i < keys; i++) copy(i, i);
    for (const part of this.parts) {
      const column = keys + part.first;
      if (part.kind === "sums") part.sums.put(out, row, column, state, at + part.at, state[at]!);
      else if (part.names === null) copy(part.from, column);
      else {
        out.columns[column]!.kinds[row] = tags.bit;
        const { columns } = out.layout.records!.get(column)!;
        for (let i = 0; i < part.width; i++) copy(part.from + i, columns[i]!);
      }
    }
  }

  progress(time: number): void {
    if (this.instant < time) {
      try {
        this.settle();
      } finally {
        this.out.send();
      }
    }
    this.out.progress(time);
  }

  get size(): number {
    return 0;
  }

  liveTexts(visit: (id: number) => void): void {
    this.table.texts(this.count, (id) => {
      visit(id);
      return id;
    });
  }

  compact(numbers: Int32Array): void {
    this.table.texts(this.count, (id) => numbers[id]!);
    this.numbers.keep(new Int32Array(0), numbers);
    this.takeParts();
  }

  /** Works out the parts of the keys in the table. */
  private takeParts(): void {
    const { table, count } = this;
    const width = this.relation.keys.length;
    this.known.clear();
    this.keyParts = new Float64Array(Math.max(64, count * width));
    for (let group = 0; group < count; group++) {
      for (let i = 0; i < width; i++) {
        const at = group * table.width + i;
        const kind = table.kinds[at]!;
        const number = table.numbers[at]!;
        this.keyParts[group * width + i] =
          kind === tags.text ? number : this.numbers.part(kind, number, table.boxed(at));
      }
    }
  }

  save(writer: StateWriter): void {
    writer.number(this.instant);
    writer.count(this.count);
    this.table.save(writer, this.count);
    writer.array(this.state.slice(0, this.count * this.stride));
  }

  load(reader: StateReader): void {
    this.instant = reader.number();
    this.count = reader.count();
    this.table.load(reader);
    const state = reader.array(Float64Array);
    this.state = new Float64Array(Math.max(64 * this.stride, state.length));
    this.state.set(state);
    this.takeParts();
  }

  saveRows(writer: StateWriter): void {
    this.saveWindow(writer);
    // No row waits for another window.
    writer.count(0);
  }

  saveWindow(writer: StateWriter): void {
    const { state, stride, table } = this;
    const { interner } = this.typed;
    const time = Number.isNaN(this.instant) ? null : absoluteTicks(this.instant);
    const groups = Array.from({ length: this.count }, (_, group) => group);
    writer.optionalInteger(time);
    writer.list(groups, groups.length, (group) => {
      const keys = this.relation.keys.map((_, index) => table.value(group, index, interner));
      const at = group * stride;
      writer.text(this.rowKeys.group(keys));
      writer.values(keys);
      writer.text(this.rowKeys.partition(keys));
      for (const part of this.parts) {
        if (part.kind === "sums") {
          part.sums.saveRows(writer, state, at + part.at, state[at]!);
          continue;
        }
        const value = (column: number): Value => table.value(group, column, interner);
        const members = Array.from({ length: part.width }, (_, index) => value(part.from + index));
        writer.count(state[at]!);
        writer.list([part], 1, () => {
          writer.value(part.names === null ? members[0]! : new AsaRecord(part.names, members));
          writer.values(part.call.orderBy.map((_, index) => value(part.order + index)));
          writer.integer(time!);
          writer.count(state[at + part.at]!);
        });
      }
    });
  }
}
