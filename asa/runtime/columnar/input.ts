import type { InputEvent, JobOptions, RuntimeDiagnostic } from "../../api";
import { Scope } from "../../codegen/scope";
import { memberReader } from "../../interpreter/paths";
import { metadataPath } from "../../plan/broker-columns";
import type { StreamInput } from "../../plan/logical-plan";
import { tupleKey } from "../../values/group-key";
import { AsaRecord } from "../../values/value";
import { type Placed, saveWaiting, waitingGroup } from "../input/waiting-rows";
import { endOfTime, noValues, type Row, type Slot } from "../row";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { Admission, type Batch, noTime, placeFactor } from "./admission";
import { type ColumnStore, type ColumnUse, loadValue, makeStore, pageRows, storeValue } from "./columns";
import { textColumns } from "./expression";
import { type InputBranch, type InputLoop, type InputLoopParts, inputLoopCode } from "./input-loop";
import { isBrokerColumn, MetadataColumns, tellsMetadata, toldMetadata } from "./metadata-columns";
import type { TextHolder, TypedContext } from "./operators/operator";
import type { Page } from "./page";
import type { WaitingRow } from "./second-format";
import { Slab } from "./slab";
import { absoluteTicks, relativeTicks } from "./ticks";

export interface ColumnarSettings {
  readonly relation: StreamInput;
  readonly columns: readonly string[];
  /** The columns whose texts are worth one copy for all rows. */
  readonly keys: ReadonlySet<string>;
  readonly branches: readonly InputBranch[];
  readonly typed: TypedContext;
  readonly options: JobOptions;
  readonly partitions: number;
  /** Some relation reads what the broker knows of the events. */
  readonly origins: boolean;
  /** It reads it of the columns that tell of it. */
  readonly told: boolean;
  readonly diagnose: (diagnostic: RuntimeDiagnostic) => void;
}

/**
 * Runs one input over columns: events that `admission` lets in go through a generated loop into panes, or wait in the
 * slab until their time is final and then leave it as pages. Does what StreamInputReader does, and hands over to it by
 * `saveRows` when an event's time is out of the doubles' reach.
 */
export class ColumnarInput implements TextHolder {
  readonly relation: StreamInput;
  readonly size = 0;
  private readonly settings: ColumnarSettings;
  private readonly admission: Admission;
  private readonly batch: Batch;
  /** By column: those of the batch, and those of what the broker knows. */
  private readonly stores: readonly ColumnStore[];
  private readonly metadata: MetadataColumns;
  /** Names of an event's own columns, with their places among all. */
  private readonly recordNames: readonly string[];
  private readonly recordPlaces: readonly number[];
  private told: number = noTime;
  private finished = false;
  /** The time of all events of a file run without TIMESTAMP BY; otherwise `noTime`. */
  private readonly moment: number;
  private readonly slab: Slab;
  private readonly kept = new Int32Array(pageRows);
  private readonly masks = new Int32Array(pageRows);
  private readonly loop: InputLoop;
  private readonly pages: readonly Page[];

  constructor(settings: ColumnarSettings) {
    const { relation, typed, options, partitions, branches, columns } = settings;
    this.settings = settings;
    this.relation = relation;
    const oneMoment = options.mode === "file" && relation.timestampBy === null;
    this.moment = oneMoment ? relativeTicks(options.fileRunStart ?? 0n) : noTime;
    const texts = new Set<string>(settings.keys);
    for (const { conditions, aggregator } of branches) {
      for (const condition of conditions) textColumns(condition, texts);
      for (const key of aggregator?.relation.keys ?? []) if (key.kind === "column") texts.add(key.name);
    }
    // The time column is read as a time once; its text is in the ticks.
    const time = relation.timestampBy?.kind === "column" ? relation.timestampBy.name : null;
    this.recordNames = columns.filter((name) => metadataPath(name) === null);
    this.recordPlaces = this.recordNames.map((name) => columns.indexOf(name));
    // Of a file the broker knows nothing.
    const hasBroker = options.mode !== "file";
    const uses = this.recordNames
      .filter((name) => name !== time)
      .map((name): ColumnUse => {
        const as = texts.has(name) ? "text" : "value";
        return hasBroker && isBrokerColumn(name) ? { name, as, marksAbsent: true } : { name, as };
      });
    const order = uses.map(({ name }) => name);
    this.admission = new Admission({
      relation,
      uses,
      interner: typed.interner,
      dialect: typed.context.dialect,
      options,
      partitions,
      take: (count) => this.keep(count),
      diagnose: settings.diagnose,
    });
    this.batch = this.admission.batch;
    const { stores } = this.batch;
    const given = uses.flatMap(({ name, marksAbsent }, index): [string, ColumnStore][] =>
      marksAbsent === true ? [[name, stores[index]!]] : [],
    );
    this.metadata = new MetadataColumns(columns, settings.keys, new Map(given), typed.interner);
    this.stores = columns.map(
      (name) => this.metadata.stores.get(name) ?? stores[name === time ? uses.length : order.indexOf(name)]!,
    );
    this.slab = new Slab(columns.length, settings.origins && !(settings.told && tellsMetadata(columns)));
    this.pages = branches.flatMap(({ page }) => (page === null ? [] : [page]));
    const scope = new Scope();
    this.loop = scope.evaluate<InputLoop>(inputLoopCode(this.loopParts(scope)));
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
    const { interner } = this.settings.typed;
    const values = this.stores.map((store) => loadValue(store, row, interner));
    const record = new AsaRecord(this.settings.columns, values);
    const time = absoluteTicks(this.batch.times[row]!);
    const { arrival, metadata } = this.batch.eventOf(row);
    const slot = { record, time, arrival, metadata: metadata ?? null };
    return { time, slots: [slot], computed: noValues, partition: "", window: null };
  }

  private loopParts(scope: Scope): InputLoopParts {
    const { typed, branches, columns } = this.settings;
    return {
      scope,
      typed,
      batch: this.batch,
      branches,
      storeOf: (name) => this.stores[columns.indexOf(name)]!,
      probe: (row) => this.probe(row),
      kept: this.kept,
      masks: this.masks,
    };
  }

  /** Text of the generated code, for `explain`. */
  generatedText(): string {
    const loop = inputLoopCode(this.loopParts(new Scope()));
    return `// scanner\n${this.admission.generatedText()}\n// loop\n${loop.text}`;
  }

  /** Runs the loop over the first rows of the batch, and keeps those that wait for their order. */
  private keep(count: number): void {
    const { times, places } = this.batch;
    const eventOf = (row: number): InputEvent => this.batch.eventOf(row);
    this.metadata.fill(count, eventOf);
    const waiting = this.loop(count);
    if (waiting > 0) this.slab.add(waiting, this.kept, this.masks, times, places, this.stores, eventOf);
  }

  // ---- progress ----

  /** Lets out what has become final. */
  settle(): void {
    const time = this.admission.least;
    if (time !== noTime) {
      if (time > this.told) this.release(time, time);
    } else if (this.moment !== noTime && this.slab.size > 0) {
      // What has the one moment of all events is in order as it comes.
      this.release(this.moment + 1, this.moment);
    }
  }

  private release(before: number, reached: number): void {
    this.told = reached;
    const { slab, pages } = this;
    slab.release(before, (order) => {
      if (pages.length === 1) slab.copy(order, pages[0]!);
      else {
        for (const [index, page] of pages.entries()) {
          const own = order.filter((row) => (slab.masks[row]! & (1 << index)) !== 0);
          slab.copy(own, page);
        }
      }
    });
    for (const { aggregator, page } of this.settings.branches) {
      aggregator?.progress(reached);
      page?.progress(reached);
    }
  }

  finish(): void {
    this.finished = true;
    this.admission.finish();
    this.settle();
  }

  // ---- texts ----

  liveTexts(visit: (id: number) => void): void {
    this.slab.texts((id) => {
      visit(id);
      return id;
    });
  }

  compact(numbers: Int32Array): void {
    this.slab.texts((id) => numbers[id]!);
  }

  // ---- state ----

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
    const { slab } = this;
    const { interner } = this.settings.typed;
    const parts = this.relation.partitionBy.map(this.settings.typed.context.compile);
    const rows = Array.from(slab.waiting(), (index): Placed => {
      const values = this.recordPlaces.map((column) => slab.value(index, column, interner));
      const time = absoluteTicks(slab.time(index));
      const place = slab.place(index);
      const partition = Math.floor(place / placeFactor);
      const slot = {
        record: new AsaRecord(this.recordNames, values),
        time,
        ...this.originOf(index, time),
      };
      const row: Row = { time, slots: [slot], computed: noValues, partition: "", window: null };
      const key = parts.length === 0 ? "" : tupleKey(parts.map((part) => part(row)));
      return { slot, key, partition, sequence: place - partition * placeFactor };
    });
    saveWaiting(writer, [waitingGroup(rows)]);
  }

  /** What the broker knows of a waiting row's event. */
  private originOf(index: number, time: bigint): Pick<Slot, "arrival" | "metadata"> {
    const { slab } = this;
    if (slab.origins !== null)
      return { arrival: slab.origins.arrivals[index]!, metadata: slab.origins.metadata[index]! };
    const { columns, typed } = this.settings;
    const values = columns.map((_, column) => slab.value(index, column, typed.interner));
    const told = toldMetadata(columns, values);
    return { arrival: told?.arrival ?? time, metadata: told?.metadata ?? null };
  }

  save(writer: StateWriter): void {
    writer.flag(this.finished);
    writer.number(this.told);
    this.admission.save(writer);
    this.slab.save(writer);
  }

  load(reader: StateReader): void {
    this.loadProgress(reader);
    this.slab.load(reader);
  }

  /** Reads all but the waiting rows. */
  loadProgress(reader: StateReader): void {
    this.finished = reader.flag();
    this.told = reader.number();
    this.admission.load(reader);
  }

  /** Takes rows that waited before. */
  waitAgain(rows: readonly WaitingRow[]): void {
    const { typed, columns, branches, keys } = this.settings;
    const { context, interner } = typed;
    const filters = branches
      .filter(({ page }) => page !== null)
      .map(({ conditions }) => conditions.map(context.compile));
    const read = columns.map((name) => memberReader(name, context.dialect));
    const stores = columns.map(() => makeStore(rows.length));
    const masks = new Int32Array(rows.length);
    for (const [index, { slot }] of rows.entries()) {
      for (const [column, name] of columns.entries()) {
        const use: ColumnUse = { name, as: keys.has(name) ? "text" : "value" };
        storeValue(stores[column]!, index, read[column]!(slot.record), use, interner);
      }
      const row: Row = { time: slot.time, slots: [slot], computed: noValues, partition: "", window: null };
      for (const [page, conditions] of filters.entries())
        if (conditions.every((condition) => condition(row) === true)) masks[index]! |= 1 << page;
    }
    const times = Float64Array.from(rows, ({ slot }) => relativeTicks(slot.time));
    const places = Float64Array.from(rows, ({ place }) => place);
    const order = Int32Array.from(rows, (_, index) => index);
    this.slab.add(rows.length, order, masks, times, places, stores, (index) => {
      const { record, arrival, metadata } = rows[index]!.slot;
      return { body: record, arrival, ...(metadata === null ? {} : { metadata }) };
    });
  }
}
