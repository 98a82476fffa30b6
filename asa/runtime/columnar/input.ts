import type { EventMetadata, InputEvent, JobOptions, RuntimeDiagnostic } from "../../api";
import { type Code, code, list } from "../../codegen/code";
import { Scope } from "../../codegen/scope";
import { memberReader } from "../../interpreter/paths";
import type { Expression, Relation, StreamInput } from "../../plan/logical-plan";
import { parseDateTime } from "../../values/datetime";
import { JsonReader } from "../../values/json-read";
import { AsaRecord, DateTime, type Value } from "../../values/value";
import type { RuntimeContext } from "../context";
import { BodyDecoder } from "../input/decode";
import { judge } from "../input/policy";
import type { Output } from "../operator";
import { endOfTime, noValues, type Row } from "../row";
import { StateReader, stateMismatch } from "../state/reader";
import { StateWriter } from "../state/writer";
import { type ColumnStore, type ColumnUse, loadValue, makeStore, storeValue, tags } from "./columns";
import { LoopWriter, textColumns } from "./expression";
import type { Interner } from "./interner";
import type { PaneAggregator } from "./panes";
import { type Scan, ScannerFactory } from "./scanner";
import { Slab } from "./slab";
import { absoluteTicks, inReach, relativeTicks } from "./ticks";

/** What becomes of the events that pass a chain of conditions. */
export interface Branch {
  readonly conditions: readonly Expression[];
  /** Counted at once, in any order. */
  readonly aggregator: PaneAggregator | null;
  /** Takes rows once their time is final. */
  readonly exit: Output | null;
}

/** Thrown for an event whose time the doubles of the fast path cannot hold; nothing of the event was taken yet. */
export class OutOfReach extends Error {}

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

const batchRows = 1024;
/** So many texts and groups are kept without asking whether they are still needed. */
const leastCompaction = 50_000;
const placeFactor = 1_099_511_627_776;
const none = Number.NEGATIVE_INFINITY;
const defaultEarly = 3_000_000_000;

type Loop = (count: number) => void;

/** True when bytes hold nothing but blanks. */
export function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 32 || byte === 13 || byte === 9 || byte === 10);
}

/**
 * Reads events of one input into columns: needed fields from the bytes, time policies, then loops over the batch. Does
 * what StreamInputReader does, and hands over to it by `saveRows` when an event's time is out of the doubles' reach.
 */
export class ColumnarInput {
  readonly relation: StreamInput;
  private readonly settings: ColumnarSettings;
  private readonly uses: readonly ColumnUse[];
  private readonly stores: readonly ColumnStore[];
  /** The stores of the columns that rows are made of; the time's own comes after them. */
  private readonly recordStores: readonly ColumnStore[];
  private readonly timeColumn: number;
  private readonly interner: Interner;
  private readonly decoder: BodyDecoder;
  private readonly scanners: ScannerFactory;
  private readonly memberReaders: readonly ((record: AsaRecord) => Value)[];
  private scan: Scan;
  private readonly times = new Float64Array(batchRows);
  private readonly places = new Float64Array(batchRows);
  private readonly metadata: (EventMetadata | null)[] = [];
  private readonly arrivals: bigint[] = [];
  private count = 0;
  private readonly greatest: Float64Array;
  private readonly watermarks: Float64Array;
  private readonly sequences: Float64Array;
  private readonly advanced: (bigint | null)[];
  private readonly early: number;
  private readonly late: number;
  private readonly tolerance: number;
  private told: number = none;
  private finished = false;
  private readonly slab: Slab;
  private readonly recordNames: readonly string[];
  private readonly recordColumns: readonly number[];
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
    const uses: ColumnUse[] = settings.columns.map((name) => ({
      name,
      as: texts.has(name) ? "text" : "value",
    }));
    this.recordNames = settings.columns;
    this.recordColumns = settings.columns.map((_, index) => index);
    if (relation.timestampBy?.kind === "column") uses.push({ name: relation.timestampBy.name, as: "time" });
    this.timeColumn = relation.timestampBy === null ? -1 : uses.length - 1;
    this.uses = uses;
    this.stores = uses.map(() => makeStore(batchRows));
    this.recordStores = this.stores.slice(0, settings.columns.length);
    this.memberReaders = uses.map(({ name }) => memberReader(name, context.dialect));
    this.decoder = new BodyDecoder(context.dialect, options.bodies);
    this.scanners = new ScannerFactory(uses, this.stores, this.interner, new JsonReader());
    this.scan = this.scanners.make();
    this.greatest = new Float64Array(partitions).fill(none);
    this.watermarks = new Float64Array(partitions).fill(none);
    this.sequences = new Float64Array(partitions);
    this.advanced = new Array<bigint | null>(partitions).fill(null);
    const { policies } = options;
    const {
      earlyToleranceTicks: early,
      lateToleranceTicks: late,
      outOfOrderToleranceTicks: order,
    } = policies;
    this.early = early === undefined ? defaultEarly : Number(early);
    this.late = late === null ? Number.POSITIVE_INFINITY : Number(late);
    this.tolerance = order === null ? Number.POSITIVE_INFINITY : Number(order);
    this.slab = new Slab(this.recordColumns.length);
    this.exits = branches.flatMap(({ exit }) => (exit === null ? [] : [exit]));
    this.loop = this.makeLoop();
    this.constants = this.interner.size;
  }

  get input(): string {
    return this.relation.input;
  }

  private get least(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const watermark of this.watermarks) if (watermark < least) least = watermark;
    return least;
  }

  get watermark(): bigint | null {
    const { least } = this;
    if (least === none) return null;
    return least === Number.POSITIVE_INFINITY ? endOfTime : absoluteTicks(least);
  }

  ensure(): void {}

  // ---- events ----

  /** Takes events in broker order; returns how many were taken before one that is out of reach (all: the length). */
  take(events: readonly InputEvent[], partition: number, reportUnreadable: boolean): number {
    for (let i = 0; i < events.length; i++) {
      const event = events[i]!;
      try {
        if (!this.takeFast(event, partition)) this.takeGeneral(event, partition, reportUnreadable);
      } catch (error) {
        if (!(error instanceof OutOfReach)) throw error;
        this.flush();
        return i;
      }
    }
    this.flush();
    return events.length;
  }

  /** Takes JSON lines; returns the place of the first line that is out of reach (none: the length). */
  takeLines(lines: Uint8Array, partition: number, arrival: bigint, reportUnreadable: boolean): number {
    const shared: InputEvent = { body: lines, arrival };
    for (let at = 0; at < lines.length; ) {
      let end = this.scan(lines, at, this.count);
      try {
        if (end >= 0) {
          while (lines[end] === 32 || lines[end] === 13 || lines[end] === 9) end++;
        }
        if (end >= 0 && (end >= lines.length || lines[end] === 10)) {
          this.lineStart = at;
          this.lineEnd = end;
          this.admit(shared, partition, null);
        } else {
          const feed = lines.indexOf(10, at);
          end = feed < 0 ? lines.length : feed;
          const body = lines.subarray(at, end);
          if (!isBlank(body)) this.takeGeneral({ body, arrival }, partition, reportUnreadable);
        }
      } catch (error) {
        if (!(error instanceof OutOfReach)) throw error;
        this.lineEnd = -1;
        this.flush();
        return at;
      }
      at = end + 1;
    }
    this.lineEnd = -1;
    this.flush();
    return lines.length;
  }

  /** The line of the event that is being admitted, when events come as lines. */
  private lineStart = 0;
  private lineEnd = -1;

  private takeFast(event: InputEvent, partition: number): boolean {
    const { body } = event;
    if (body instanceof AsaRecord) return false;
    let at = this.scan(body, 0, this.count);
    if (at < 0) return false;
    for (; at < body.length; at++) {
      const byte = body[at]!;
      if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return false;
    }
    this.admit(event, partition, null);
    return true;
  }

  private takeGeneral(event: InputEvent, partition: number, reportUnreadable: boolean): void {
    const decoded = this.decoder.decode(event.body);
    if (!decoded.ok) {
      if (reportUnreadable)
        this.diagnose(
          "InputDeserializerError.InvalidData",
          "dropped",
          decoded.message,
          event,
          undefined,
          undefined,
        );
      return;
    }
    if (decoded.records.length > 1) this.checkReach(decoded.records);
    for (const record of decoded.records) {
      for (let c = 0; c < this.uses.length; c++) {
        const use = this.uses[c]!;
        const value = this.memberReaders[c]!(record);
        storeValue(this.stores[c]!, this.count, value, use, this.interner);
      }
      this.admit(event, partition, record);
    }
  }

  /** Of a body with several records none may be taken when one of them is out of reach. */
  private checkReach(records: readonly AsaRecord[]): void {
    if (this.timeColumn < 0) return;
    for (const record of records) {
      const value = this.memberReaders[this.timeColumn]!(record);
      const ticks = typeof value === "string" ? parseDateTime(value) : null;
      if (ticks !== null && !inReach(ticks)) throw new OutOfReach();
    }
  }

  /** Judges the event in row `count` of the columns, and keeps it there when it stays. */
  private admit(event: InputEvent, partition: number, record: AsaRecord | null): void {
    const row = this.count;
    const { options } = this.settings;
    let time: number;
    if (this.timeColumn < 0) {
      const ticks = options.mode === "file" ? (options.fileRunStart ?? 0n) : event.arrival;
      if (!inReach(ticks)) throw new OutOfReach();
      time = relativeTicks(ticks);
      if (options.mode !== "file") {
        if (time < this.watermarks[partition]!) time = this.watermarks[partition]!;
        this.watermarks[partition] = time;
      }
    } else {
      const store = this.stores[this.timeColumn]!;
      const claimed =
        store.kinds[row] === tags.time ? store.numbers[row]! : this.claimedTime(event, row, record);
      if (Number.isNaN(claimed)) return;
      if (options.mode === "file") time = claimed;
      else {
        time = this.finalTime(claimed, event, partition, record);
        if (Number.isNaN(time)) return;
      }
    }
    this.times[row] = time;
    this.places[row] = partition * placeFactor + this.sequences[partition]!++;
    this.metadata[row] = event.metadata ?? null;
    this.arrivals[row] = event.arrival;
    this.count = row + 1;
    if (this.count === batchRows) this.flush();
  }

  /** The time of an event whose time is not in the plain form; NaN when it is dropped. */
  private claimedTime(event: InputEvent, row: number, record: AsaRecord | null): number {
    const value = loadValue(this.stores[this.timeColumn]!, row, this.interner, absoluteTicks);
    const ticks =
      value instanceof DateTime ? value.ticks : typeof value === "string" ? parseDateTime(value) : null;
    if (ticks !== null) {
      if (!inReach(ticks)) throw new OutOfReach();
      return relativeTicks(ticks);
    }
    const raw = record ?? this.recordOf(event);
    const column = this.relation.timestampColumn;
    if (value === null && column !== null && raw?.get(column) === undefined) {
      this.diagnose(
        "InputDeserializerError.MissingColumns",
        "dropped",
        `column "${column}" is missing`,
        event,
        raw,
        undefined,
      );
    } else {
      const what = value === null ? "NULL" : "no datetime";
      this.diagnose(
        "InvalidInputTimeStamp",
        "dropped",
        `the value of TIMESTAMP BY is ${what}`,
        event,
        raw,
        undefined,
      );
    }
    return Number.NaN;
  }

  /** The time that the policies leave the event; NaN when they drop it. */
  private finalTime(claimed: number, event: InputEvent, partition: number, record: AsaRecord | null): number {
    const watermark = this.watermarks[partition]!;
    const arrival = this.relativeArrival(event.arrival);
    let time = claimed;
    // A comparison with an arrival out of reach (NaN) is never true, which sends the event the exact way.
    if (!(claimed <= arrival + this.early && arrival - claimed <= this.late && claimed >= watermark)) {
      const ticks = absoluteTicks(claimed);
      const known = watermark === none ? null : absoluteTicks(watermark);
      const verdict = judge(this.settings.options.policies, ticks, event.arrival, known);
      if (verdict.kind === "drop") {
        this.diagnose(
          verdict.reason,
          "dropped",
          verdict.message,
          event,
          record ?? this.recordOf(event),
          ticks,
        );
        return Number.NaN;
      }
      if (verdict.kind === "adjust") {
        if (!inReach(verdict.time)) throw new OutOfReach();
        this.diagnose(
          verdict.reason,
          "adjusted",
          verdict.message,
          event,
          record ?? this.recordOf(event),
          ticks,
        );
      }
      time = relativeTicks(verdict.time);
    }
    if (time > this.greatest[partition]!) {
      this.greatest[partition] = time;
      const reached = time - this.tolerance;
      if (reached > watermark) this.watermarks[partition] = reached;
    }
    return time;
  }

  private lastArrival = -1n;
  private lastRelative = Number.NaN;

  private relativeArrival(arrival: bigint): number {
    if (arrival !== this.lastArrival) {
      this.lastArrival = arrival;
      this.lastRelative = inReach(arrival) ? relativeTicks(arrival) : Number.NaN;
    }
    return this.lastRelative;
  }

  private recordOf({ body }: InputEvent): AsaRecord | undefined {
    const whole = body instanceof AsaRecord || this.lineEnd < 0;
    const decoded = this.decoder.decode(whole ? body : body.subarray(this.lineStart, this.lineEnd));
    return decoded.ok ? decoded.records[0] : undefined;
  }

  private diagnose(
    kind: RuntimeDiagnostic["kind"],
    action: RuntimeDiagnostic["action"],
    message: string,
    event: InputEvent,
    record: AsaRecord | undefined,
    time: bigint | undefined,
  ): void {
    this.settings.diagnose({
      kind,
      action,
      input: this.input,
      message,
      arrival: event.arrival,
      ...(event.metadata === undefined ? {} : { metadata: event.metadata }),
      ...(record === undefined ? {} : { event: record }),
      ...(time === undefined ? {} : { applicationTime: time }),
    });
  }

  // ---- loops ----

  private flush(): void {
    const { count } = this;
    if (this.scanners.stale) this.scan = this.scanners.make();
    if (count === 0) return;
    this.count = 0;
    this.loop(count);
  }

  /** The row as the row engine sees it, for expressions that go the general way. */
  private probe(row: number): Row {
    const values = this.recordColumns.map((column) =>
      loadValue(this.stores[column]!, row, this.interner, absoluteTicks),
    );
    const record = new AsaRecord(this.recordNames, values);
    const time = absoluteTicks(this.times[row]!);
    const slot = { record, time, arrival: this.arrivals[row]!, metadata: this.metadata[row]! };
    return { time, slots: [slot], computed: noValues, partition: "", window: null };
  }

  private makeLoop(): Loop {
    const scope = new Scope();
    return scope.evaluate<Loop>(this.loopCode(scope));
  }

  /** Text of the generated code, for `explain`. */
  generatedText(): string {
    return `// scanner\n${this.scanners.text()}\n// loop\n${this.loopCode(new Scope()).text}`;
  }

  private loopCode(scope: Scope): Code {
    const probe = scope.value("probe", (row: number) => this.probe(row));
    const columnOf = (name: string): { numbers: Code; kinds: Code; boxes: Code } => {
      const store = this.stores[this.uses.findIndex((use) => use.name === name && use.as !== "time")]!;
      return {
        numbers: scope.value("numbers", store.numbers),
        kinds: scope.value("kinds", store.kinds),
        boxes: scope.value("boxes", store.boxes),
      };
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
    const declarations: Code[] = [];
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
    return code`return (count) => {
const times = ${scope.value("times", this.times)}, places = ${scope.value("places", this.places)};
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
    this.slab.add(
      this.times[row]!,
      this.places[row]!,
      mask,
      this.recordStores,
      row,
      this.metadata[row]!,
      this.arrivals[row]!,
    );
  }

  // ---- progress ----

  private rowAt(index: number): Row {
    const { slab } = this;
    const values = new Array<Value>(this.recordColumns.length);
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
    const time = this.least;
    if (time === none || time <= this.told) return;
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

  /** Nothing with an earlier arrival will come on the partition; false when the moment is out of reach. */
  advance(partition: number, arrival: bigint): boolean {
    const { options } = this.settings;
    const late = options.policies.lateToleranceTicks;
    if (options.mode === "file" || (this.timeColumn >= 0 && late === null)) return true;
    const time = this.timeColumn < 0 ? arrival : arrival - late!;
    if (!inReach(time)) return false;
    const before = this.advanced[partition] ?? null;
    if (before === null || time > before) this.advanced[partition] = time;
    const relative = relativeTicks(time);
    if (relative > this.watermarks[partition]!) this.watermarks[partition] = relative;
    return true;
  }

  finish(): void {
    this.finished = true;
    this.watermarks.fill(Number.POSITIVE_INFINITY);
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
      time === none ? null : time === Number.POSITIVE_INFINITY ? endOfTime : absoluteTicks(time);
    writer.flag(this.finished);
    for (const time of this.advanced) writer.optionalInteger(time);
    writer.count(1);
    writer.text("");
    writer.optionalInteger(bound(this.told));
    for (let p = 0; p < this.watermarks.length; p++) {
      writer.optionalInteger(bound(this.greatest[p]!));
      writer.optionalInteger(bound(this.watermarks[p]!));
      writer.count(this.sequences[p]!);
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
    writer.array(this.greatest);
    writer.array(this.watermarks);
    writer.array(this.sequences);
    for (const time of this.advanced) writer.optionalInteger(time);
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
    this.greatest.set(reader.array(Float64Array));
    this.watermarks.set(reader.array(Float64Array));
    this.sequences.set(reader.array(Float64Array));
    for (let i = 0; i < this.advanced.length; i++) this.advanced[i] = reader.optionalInteger();
    if (!this.interner.load(reader.array(Uint8Array), reader.array(Int32Array)))
      throw stateMismatch("the snapshot numbers its texts otherwise");
    for (const { aggregator } of this.settings.branches) aggregator?.load(reader);
    for (const { slot, place, mask } of reader.list(() => ({
      slot: reader.slot(),
      place: reader.number(),
      mask: reader.count(),
    }))) {
      const values = slot!.record.values;
      for (const column of this.recordColumns)
        storeValue(this.stores[column]!, 0, values[column] ?? null, this.uses[column]!, this.interner);
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
