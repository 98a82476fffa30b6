import type { InputEvent, JobOptions, RuntimeDiagnostic } from "../../api";
import { type Code, code, list } from "../../codegen/code";
import { Scope } from "../../codegen/scope";
import type { Expression, Relation, StreamInput } from "../../plan/logical-plan";
import { AsaRecord, type Value } from "../../values/value";
import type { RuntimeContext } from "../context";
import type { Output } from "../operator";
import { endOfTime, noValues, type Row } from "../row";
import { StateReader, stateMismatch } from "../state/reader";
import { StateWriter } from "../state/writer";
import { Admission, type Batch, noTime, placeFactor } from "./admission";
import { type ColumnStore, type ColumnUse, loadValue, storeValue, tags } from "./columns";
import { LoopWriter, textColumns } from "./expression";
import type { Interner } from "./interner";
import type { PaneAggregator } from "./panes";
import { Slab } from "./slab";
import { absoluteTicks, relativeTicks } from "./ticks";

/** What becomes of the events that pass a chain of conditions. */
export interface Branch {
  readonly conditions: readonly Expression[];
  /** Counted at once, in any order. */
  readonly aggregator: PaneAggregator | null;
  /** Takes rows once their time is final. */
  readonly exit: Output | null;
}

export interface ColumnarSettings {
  readonly relation: StreamInput;
  readonly columns: readonly string[];
  /** The columns whose texts are worth one copy for all rows. */
  readonly keys: ReadonlySet<string>;
  readonly branches: readonly Branch[];
  /** The texts of the branches' groups, shared with the scanner. */
  readonly interner: Interner;
  /** The relations behind the input that the branches run. */
  readonly relations: readonly Relation[];
  readonly context: RuntimeContext;
  readonly options: JobOptions;
  readonly partitions: number;
  readonly diagnose: (diagnostic: RuntimeDiagnostic) => void;
}

/** So many texts and groups are kept without asking whether they are still needed. */
const leastCompaction = 50_000;

type Loop = (count: number) => void;

/**
 * Runs one input over columns: events that `admission` lets in go through a generated loop into panes, or wait in the
 * slab until their time is final. Does what StreamInputReader does, and hands over to it by `saveRows` when an event's
 * time is out of the doubles' reach.
 */
export class ColumnarInput {
  readonly relation: StreamInput;
  private readonly settings: ColumnarSettings;
  private readonly admission: Admission;
  private readonly uses: readonly ColumnUse[];
  private readonly batch: Batch;
  /** The stores of the columns that rows are made of; the time's own comes after them. */
  private readonly recordStores: readonly ColumnStore[];
  private readonly interner: Interner;
  private told: number = noTime;
  private finished = false;
  private readonly slab: Slab;
  private readonly recordNames: readonly string[];
  private readonly loop: Loop;
  private readonly exits: readonly Output[];
  /** How many of the first texts are constants of the query. */
  private readonly constants: number;
  private compactAt = leastCompaction;

  constructor(settings: ColumnarSettings) {
    const { relation, context, options, partitions, branches } = settings;
    this.settings = settings;
    this.interner = settings.interner;
    this.relation = relation;
    const texts = new Set<string>(settings.keys);
    for (const { conditions, aggregator } of branches) {
      for (const condition of conditions) textColumns(condition, texts);
      for (const key of aggregator?.relation.keys ?? []) if (key.kind === "column") texts.add(key.name);
    }
    this.uses = settings.columns.map((name) => ({ name, as: texts.has(name) ? "text" : "value" }));
    this.recordNames = settings.columns;
    this.admission = new Admission({
      relation,
      uses: this.uses,
      interner: this.interner,
      dialect: context.dialect,
      options,
      partitions,
      take: (count) => this.loop(count),
      diagnose: settings.diagnose,
    });
    this.batch = this.admission.batch;
    this.recordStores = this.batch.stores.slice(0, settings.columns.length);
    this.slab = new Slab(this.recordNames.length);
    this.exits = branches.flatMap(({ exit }) => (exit === null ? [] : [exit]));
    this.loop = this.makeLoop();
    this.constants = this.interner.size;
  }

  get input(): string {
    return this.relation.input;
  }

  get watermark(): bigint | null {
    return this.admission.watermark;
  }

  ensure(): void {}

  /** Takes events in broker order; returns how many were taken before one that is out of reach (all: the length). */
  take(events: readonly InputEvent[], partition: number, reportUnreadable: boolean): number {
    return this.admission.take(events, partition, reportUnreadable);
  }

  /** Takes JSON lines; returns the place of the first line that is out of reach (none: the length). */
  takeLines(lines: Uint8Array, partition: number, arrival: bigint, reportUnreadable: boolean): number {
    return this.admission.takeLines(lines, partition, arrival, reportUnreadable);
  }

  /** Nothing with an earlier arrival will come on the partition; false when the moment is out of reach. */
  advance(partition: number, arrival: bigint): boolean {
    return this.admission.advance(partition, arrival);
  }

  // ---- loops ----

  /** The row as the row engine sees it, for expressions that go the general way. */
  private probe(row: number): Row {
    const values = this.recordStores.map((store) => loadValue(store, row, this.interner, absoluteTicks));
    const record = new AsaRecord(this.recordNames, values);
    const time = absoluteTicks(this.batch.times[row]!);
    const { arrival, metadata } = this.batch.eventOf(row);
    const slot = { record, time, arrival, metadata: metadata ?? null };
    return { time, slots: [slot], computed: noValues, partition: "", window: null };
  }

  private makeLoop(): Loop {
    const scope = new Scope();
    return scope.evaluate<Loop>(this.loopCode(scope));
  }

  /** Text of the generated code, for `explain`. */
  generatedText(): string {
    return `// scanner\n${this.admission.generatedText()}\n// loop\n${this.loopCode(new Scope()).text}`;
  }

  private loopCode(scope: Scope): Code {
    const probe = scope.value("probe", (row: number) => this.probe(row));
    const arrays = new Map<number, { numbers: Code; kinds: Code; boxes: Code }>();
    const declarations: Code[] = [];
    // The stores may have other arrays in every batch.
    const columnOf = (name: string): { numbers: Code; kinds: Code; boxes: Code } => {
      const index = this.uses.findIndex((use) => use.name === name);
      let found = arrays.get(index);
      if (found === undefined) {
        const store = scope.value("store", this.recordStores[index]!);
        found = { numbers: scope.name("numbers"), kinds: scope.name("kinds"), boxes: scope.name("boxes") };
        declarations.push(
          code`const ${found.numbers} = ${store}.numbers, ${found.kinds} = ${store}.kinds, ${found.boxes} = ${store}.boxes;`,
        );
        arrays.set(index, found);
      }
      return found;
    };
    const { context } = this.settings;
    const writer = new LoopWriter({
      scope,
      dialect: context.dialect,
      column: columnOf,
      general: (expression) => code`${scope.value("evaluate", context.compile(expression))}(${probe}(r))`,
      internText: (text) => this.interner.id(text),
    });
    let bit = 1;
    const parts = this.settings.branches.map(({ conditions, aggregator, exit }) => {
      let inner: Code;
      if (aggregator !== null) {
        inner = this.aggregate(scope, writer, aggregator, columnOf);
        declarations.push(...aggregator.declarations);
      } else {
        inner = code`mask |= ${bit};`;
        if (exit !== null) bit *= 2;
      }
      for (const condition of [...conditions].reverse()) {
        const { lines, result } = writer.condition(condition);
        inner = code`${lines}
if (${result} === 1) {
${inner}
}`;
      }
      return code`{
${inner}
}`;
    });
    const add = scope.value("addRow", (row: number, mask: number) => this.keep(row, mask));
    const keep = this.exits.length === 0 ? code`` : code`if (mask !== 0) ${add}(r, mask);`;
    const batch = scope.value("batch", this.batch);
    return code`return (count) => {
const times = ${batch}.times, places = ${batch}.places;
let dirty = false;
${declarations}
for (let r = 0; r < count; r++) {
const t = times[r], p = places[r];
let mask = 0;
${parts}
${keep}
}
};`;
  }

  private aggregate(
    scope: Scope,
    writer: LoopWriter,
    aggregator: PaneAggregator,
    columnOf: (name: string) => { numbers: Code; kinds: Code; boxes: Code },
  ): Code {
    const { groups } = aggregator;
    const ids = scope.value("groups", groups);
    const evaluators = aggregator.relation.keys.map((key) => this.settings.context.compile(key));
    const newGroup = scope.value("newGroup", (whole: number, ...parts: number[]) => groups.add(whole, parts));
    const lines: Code[] = [];
    const parts = aggregator.relation.keys.map((key, index) => {
      const part = scope.name("part");
      if (key.kind === "column") {
        const { numbers, kinds, boxes } = columnOf(key.name);
        lines.push(
          code`const ${part} = ${kinds}[r] === ${tags.text} ? ${numbers}[r] : ${ids}.part(${kinds}[r], ${numbers}[r], ${kinds}[r] === ${tags.boxed} ? ${boxes}[r] : null);`,
        );
        return part;
      }
      const evaluate = scope.value("keyPart", (row: number) =>
        groups.partOf(evaluators[index]!(this.probe(row))),
      );
      lines.push(code`const ${part} = ${evaluate}(r);`);
      return part;
    });
    let whole = parts[0] ?? code`-1`;
    for (let i = 1; i < parts.length; i++) {
      const next = scope.name("part");
      lines.push(code`const ${next} = ${ids}.pair(${i - 1}, ${whole}, ${parts[i]!});`);
      whole = next;
    }
    const group = scope.name("group");
    return code`${lines}
let ${group} = ${ids}.find(${whole});
if (${group} < 0) ${group} = ${newGroup}(${list([whole, ...parts])});
${aggregator.update(scope, writer, group)}`;
  }

  private keep(row: number, mask: number): void {
    const { times, places } = this.batch;
    const { arrival, metadata } = this.batch.eventOf(row);
    this.slab.add(times[row]!, places[row]!, mask, this.recordStores, row, metadata ?? null, arrival);
  }

  // ---- progress ----

  private rowAt(index: number): Row {
    const { slab } = this;
    const values = new Array<Value>(this.recordNames.length);
    for (let c = 0; c < values.length; c++) {
      const number = slab.numbers[c]![index]!;
      switch (slab.kinds[c]![index]) {
        case tags.null:
          values[c] = null;
          break;
        case tags.integer:
          values[c] = BigInt(number);
          break;
        case tags.float:
          values[c] = number;
          break;
        case tags.text:
          values[c] = this.interner.text(number);
          break;
        case tags.bit:
          values[c] = number === 1;
          break;
        default:
          values[c] = slab.boxes[c]![index] ?? null;
      }
    }
    const time = absoluteTicks(slab.times[index]!);
    const slot = {
      record: new AsaRecord(this.recordNames, values),
      time,
      arrival: slab.arrivals[index]!,
      metadata: slab.metadata[index]!,
    };
    return { time, slots: [slot], computed: noValues, partition: "", window: null };
  }

  settle(): void {
    const time = this.admission.least;
    if (time === noTime || time <= this.told) return;
    this.told = time;
    this.slab.release(time, (index) => {
      const row = this.rowAt(index);
      let mask = this.slab.masks[index]!;
      for (const exit of this.exits) {
        if ((mask & 1) === 1) exit.row(row);
        mask >>>= 1;
      }
    });
    const absolute = time === Number.POSITIVE_INFINITY ? endOfTime : absoluteTicks(time);
    this.progress(time, absolute);
    this.compact();
  }

  private progress(time: number, absolute: bigint): void {
    for (const { aggregator, exit } of this.settings.branches) {
      if (aggregator !== null) {
        aggregator.progress(time);
        aggregator.output.progress(absolute);
      } else exit?.progress(absolute);
    }
  }

  /**
   * Forgets texts and groups that nothing open has, when they have doubled since the last time: keys without end need no
   * memory without end.
   */
  private compact(): void {
    let groups = 0;
    for (const { aggregator } of this.settings.branches) groups += aggregator?.groups.size ?? 0;
    if (this.interner.size + groups <= this.compactAt) return;
    const live = new Uint8Array(this.interner.size);
    // Constants of the query are part of the generated code.
    live.fill(1, 0, this.constants);
    const mark = (id: number): void => {
      live[id] = 1;
    };
    for (const { aggregator } of this.settings.branches) aggregator?.liveTexts(mark);
    this.slab.texts((id) => {
      live[id] = 1;
      return id;
    });
    const numbers = this.interner.compact(live);
    this.slab.texts((id) => numbers[id]!);
    groups = 0;
    for (const { aggregator } of this.settings.branches) {
      aggregator?.compact(numbers);
      groups += aggregator?.groups.size ?? 0;
    }
    this.compactAt = Math.max(leastCompaction, 2 * (this.interner.size + groups));
  }

  finish(): void {
    this.finished = true;
    this.admission.finish();
    this.settle();
  }

  // ---- state ----

  /** The relations that this input runs, with the state that their row operators take over; null: they keep none. */
  operatorStates(): readonly { readonly relation: Relation; readonly state: StateReader | null }[] {
    return this.settings.relations.map((relation) => {
      const branch = this.settings.branches.find(({ aggregator }) => aggregator?.relation === relation);
      if (branch === undefined) return { relation, state: null };
      const writer = new StateWriter();
      branch.aggregator!.saveRows(writer);
      return { relation, state: new StateReader(writer.result()) };
    });
  }

  /** Writes what StreamInputReader keeps. */
  saveRows(writer: StateWriter): void {
    const bound = (time: number): bigint | null =>
      time === noTime ? null : time === Number.POSITIVE_INFINITY ? endOfTime : absoluteTicks(time);
    writer.flag(this.finished);
    const { advanced, greatest, watermarks, sequences } = this.admission;
    for (const time of advanced) writer.optionalInteger(time);
    writer.count(1);
    writer.text("");
    writer.optionalInteger(bound(this.told));
    for (let p = 0; p < watermarks.length; p++) {
      writer.optionalInteger(bound(greatest[p]!));
      writer.optionalInteger(bound(watermarks[p]!));
      writer.count(sequences[p]!);
    }
    const rows = this.slab.waiting();
    writer.list(rows, rows.length, (index) => {
      const [slot] = this.rowAt(index).slots;
      const place = this.slab.places[index]!;
      const partition = Math.floor(place / placeFactor);
      writer.slot(slot!);
      writer.text("");
      writer.count(partition);
      writer.count(place - partition * placeFactor);
    });
  }

  save(writer: StateWriter): void {
    writer.flag(this.finished);
    writer.number(this.told);
    this.admission.save(writer);
    const { bytes, starts } = this.interner.contents;
    writer.array(bytes);
    writer.array(starts);
    for (const { aggregator } of this.settings.branches) aggregator?.save(writer);
    const rows = this.slab.waiting();
    writer.list(rows, rows.length, (index) => {
      const [slot] = this.rowAt(index).slots;
      writer.slot(slot!);
      writer.number(this.slab.places[index]!);
      writer.count(this.slab.masks[index]!);
    });
  }

  load(reader: StateReader): void {
    this.finished = reader.flag();
    this.told = reader.number();
    this.admission.load(reader);
    if (!this.interner.load(reader.array(Uint8Array), reader.array(Int32Array)))
      throw stateMismatch("the snapshot numbers its texts otherwise");
    for (const { aggregator } of this.settings.branches) aggregator?.load(reader);
    for (const { slot, place, mask } of reader.list(() => ({
      slot: reader.slot(),
      place: reader.number(),
      mask: reader.count(),
    }))) {
      const values = slot!.record.values;
      this.recordStores.forEach((store, column) => {
        storeValue(store, 0, values[column] ?? null, this.uses[column]!, this.interner);
      });
      this.slab.add(
        relativeTicks(slot!.time),
        place,
        mask,
        this.recordStores,
        0,
        slot!.metadata,
        slot!.arrival,
      );
    }
  }
}
