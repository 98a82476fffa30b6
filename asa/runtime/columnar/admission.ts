import type { InputEvent, JobOptions, RuntimeDiagnostic } from "../../api";
import type { Dialect } from "../../dialect";
import { memberReader } from "../../interpreter/paths";
import type { StreamInput } from "../../plan/logical-plan";
import { parseDateTime } from "../../values/datetime";
import { AsaRecord, DateTime, type Value } from "../../values/value";
import { BodyDecoder } from "../input/decode";
import { diagnosticOf } from "../input/diagnostic";
import { metadataValue } from "../input/metadata";
import { judge } from "../input/policy";
import { endOfTime } from "../row";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { type ColumnStore, type ColumnUse, loadValue, makeStore, storeValue, tags } from "./columns";
import type { Interner } from "./interner";
import { isBrokerColumn } from "./metadata-columns";
import { makeScanner, type RowScanner } from "./scan";
import { absoluteTicks, inReach, relativeTicks } from "./ticks";

/** Thrown for an event whose time the doubles of the fast path cannot hold; nothing of the event was taken yet. */
export class OutOfReach extends Error {}

/** Partition and sequence of a row in one double: partition * placeFactor + sequence. */
export const placeFactor = 1_099_511_627_776;
/** The time of a timeline on which nothing has happened yet. */
export const noTime = Number.NEGATIVE_INFINITY;

const batchRows = 1024;
const defaultEarly = 3_000_000_000;

/** Admitted events as columns. Arrays may be others in the next batch: whoever keeps code keeps the store, not its arrays. */
export interface Batch {
  /** One for each column asked for, and one for TIMESTAMP BY behind them. */
  readonly stores: readonly ColumnStore[];
  /** Final times in ticks from the base. */
  readonly times: Float64Array;
  /** See `placeFactor`. */
  readonly places: Float64Array;
  /** The event of a row; for lines one event stands for all rows of the batch. */
  eventOf(row: number): InputEvent;
}

export interface AdmissionSettings {
  readonly relation: StreamInput;
  readonly uses: readonly ColumnUse[];
  readonly interner: Interner;
  readonly dialect: Dialect;
  readonly options: JobOptions;
  readonly partitions: number;
  /** Takes the first `count` rows of the batch, which is written anew afterwards. */
  readonly take: (count: number) => void;
  readonly diagnose: (diagnostic: RuntimeDiagnostic) => void;
}

/** The column of TIMESTAMP BY; one that the broker gives is told from one that the event has as NULL. */
function timeUse(name: string, hasBroker: boolean): ColumnUse {
  const use: ColumnUse = { name, as: "time" };
  return hasBroker && isBrokerColumn(name) ? { ...use, marksAbsent: true } : use;
}

/** True when bytes hold nothing but blanks. */
export function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 32 || byte === 13 || byte === 9 || byte === 10);
}

/**
 * Lets events of one input in: reads the needed fields from the bytes, works out application times and applies the
 * policies, batch by batch. Says which events it dropped or adjusted.
 */
export class Admission {
  readonly batch: Batch;
  readonly greatest: Float64Array;
  readonly watermarks: Float64Array;
  readonly sequences: Float64Array;
  readonly advanced: (bigint | null)[];
  private readonly settings: AdmissionSettings;
  private readonly uses: readonly ColumnUse[];
  private readonly stores: readonly ColumnStore[];
  private readonly timeColumn: number;
  private readonly interner: Interner;
  private readonly decoder: BodyDecoder;
  private readonly scanner: RowScanner;
  private readonly memberReaders: readonly ((record: AsaRecord) => Value)[];
  private readonly times = new Float64Array(batchRows);
  private readonly places = new Float64Array(batchRows);
  /** Which of `source` each row is; unused for lines. */
  private readonly origins = new Int32Array(batchRows);
  private source: readonly InputEvent[] = [];
  /** The lines that are being taken, as one event; null while events are. */
  private lines: InputEvent | null = null;
  /** Somebody wants to know which events were dropped or adjusted; telling it takes reading them whole. */
  private readonly isHeard: boolean;
  private partition = 0;
  private reports = false;
  /** Rows that were admitted. */
  private count = 0;
  private readonly early: number;
  private readonly late: number;
  private readonly tolerance: number;

  constructor(settings: AdmissionSettings) {
    const { relation, dialect, options, partitions } = settings;
    this.settings = settings;
    this.isHeard = options.onDiagnostic !== undefined;
    this.interner = settings.interner;
    const { timestampBy } = relation;
    const time: readonly ColumnUse[] =
      timestampBy?.kind === "column" ? [timeUse(timestampBy.name, options.mode !== "file")] : [];
    this.uses = [...settings.uses, ...time];
    this.timeColumn = timestampBy === null ? -1 : this.uses.length - 1;
    this.stores = this.uses.map(() => makeStore(batchRows));
    this.memberReaders = this.uses.map(({ name }) => memberReader(name, dialect));
    this.decoder = new BodyDecoder(dialect, options.bodies);
    this.scanner = makeScanner({
      uses: this.uses,
      stores: this.stores,
      capacity: batchRows,
      interner: this.interner,
      level: options.scanner,
    });
    this.greatest = new Float64Array(partitions).fill(noTime);
    this.watermarks = new Float64Array(partitions).fill(noTime);
    this.sequences = new Float64Array(partitions);
    this.advanced = new Array<bigint | null>(partitions).fill(null);
    const {
      earlyToleranceTicks: early,
      lateToleranceTicks: late,
      outOfOrderToleranceTicks: order,
    } = options.policies;
    this.early = early === undefined ? defaultEarly : Number(early);
    this.late = late === null ? Number.POSITIVE_INFINITY : Number(late);
    this.tolerance = order === null ? Number.POSITIVE_INFINITY : Number(order);
    this.batch = {
      stores: this.stores,
      times: this.times,
      places: this.places,
      eventOf: (row) => this.lines ?? this.source[this.origins[row]!]!,
    };
  }

  /** Least watermark of the partitions. */
  get least(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const watermark of this.watermarks) if (watermark < least) least = watermark;
    return least;
  }

  get watermark(): bigint | null {
    const { least } = this;
    if (least === noTime) return null;
    return least === Number.POSITIVE_INFINITY ? endOfTime : absoluteTicks(least);
  }

  /** Takes events in broker order; returns how many were taken before one that is out of reach (all: the length). */
  take(events: readonly InputEvent[], partition: number, reportUnreadable: boolean): number {
    this.source = events;
    this.lines = null;
    this.partition = partition;
    this.reports = reportUnreadable;
    const body = (index: number) => events[index]!.body;
    for (let from = 0; from < events.length; ) {
      const rows = this.scanner.bodies(events.length, from, body);
      const taken = this.admitRows(rows, from);
      if (taken < rows) return from + taken;
      from += rows;
    }
    this.source = [];
    return events.length;
  }

  /** Takes JSON lines; returns the place of the first line that is out of reach (none: the length). */
  takeLines(lines: Uint8Array, partition: number, arrival: bigint, reportUnreadable: boolean): number {
    this.lines = { body: lines, arrival };
    this.partition = partition;
    this.reports = reportUnreadable;
    for (let at = 0; at < lines.length; at = this.scanner.next) {
      const rows = this.scanner.lines(lines, at);
      const taken = this.admitRows(rows, 0);
      if (taken < rows) return this.scanner.start(taken);
    }
    return lines.length;
  }

  /**
   * Judges the rows that were scanned, moves those that stay to the front of the columns, and hands them on. Returns how
   * many were taken before one that is out of reach. `from` is the event of the first row.
   */
  private admitRows(rows: number, from: number): number {
    const { refused } = this.scanner;
    let row = 0;
    try {
      while (row < rows) {
        if (refused[row] === 1) this.admitGeneral(row, from);
        else {
          const end = this.timeColumn < 0 ? row : this.admitRun(row, rows, from);
          if (end > row) {
            row = end;
            continue;
          }
          const time = this.judgeRow(row, row, from, null);
          if (!Number.isNaN(time)) {
            this.moveCells(row, row + 1);
            this.keep(time, row, from);
          }
        }
        row++;
      }
    } catch (error) {
      if (!(error instanceof OutOfReach)) throw error;
    }
    this.flush();
    return row;
  }

  /** Admits rows from `begin` on as long as they need no second look; returns the first that does. */
  private admitRun(begin: number, rows: number, from: number): number {
    const { times, places, origins, partition, source, lines, tolerance, early, late } = this;
    const { refused } = this.scanner;
    const { numbers, kinds } = this.stores[this.timeColumn]!;
    const isFile = this.settings.options.mode === "file";
    let arrival = lines === null ? Number.NaN : this.relativeArrival(lines.arrival);
    let watermark = this.watermarks[partition]!;
    let greatest = this.greatest[partition]!;
    let to = this.count;
    let place = partition * placeFactor + this.sequences[partition]!;
    let row = begin;
    for (; row < rows; row++, to++) {
      if (refused[row] === 1 || kinds[row]! < tags.stamp) break;
      const time = numbers[row]!;
      if (!isFile) {
        if (lines === null) arrival = this.relativeArrival(source[from + row]!.arrival);
        // A comparison with an arrival out of reach (NaN) is never true, which sends the event the exact way.
        if (!(time <= arrival + early && arrival - time <= late && time >= watermark)) break;
        if (time > greatest) {
          greatest = time;
          if (time - tolerance > watermark) watermark = time - tolerance;
        }
      }
      times[to] = time;
      places[to] = place++;
      origins[to] = from + row;
    }
    this.watermarks[partition] = watermark;
    this.greatest[partition] = greatest;
    this.moveCells(begin, row);
    this.sequences[partition]! += row - begin;
    this.count = to;
    return row;
  }

  /** Moves the cells of rows [begin, end) to where the next admitted rows belong, which is not behind them. */
  private moveCells(begin: number, end: number): void {
    const to = this.count;
    if (to === begin || begin === end) return;
    for (const { numbers, kinds, boxes } of this.stores) {
      numbers.copyWithin(to, begin, end);
      for (let row = begin; row < end; row++)
        if (kinds[row] === tags.boxed) boxes[to + row - begin] = boxes[row]!;
      kinds.copyWithin(to, begin, end);
    }
  }

  /** Admits the row whose cells are in their place already. */
  private keep(time: number, row: number, from: number): void {
    const { partition, count } = this;
    this.times[count] = time;
    this.places[count] = partition * placeFactor + this.sequences[partition]!++;
    this.origins[count] = from + row;
    this.count = count + 1;
  }

  private eventAt(row: number, from: number): InputEvent {
    return this.lines ?? this.source[from + row]!;
  }

  /** The event of a row alone, also when events come as lines. */
  private bodyAt(row: number, from: number): Uint8Array | AsaRecord {
    const { body } = this.eventAt(row, from);
    if (this.lines === null || body instanceof AsaRecord) return body;
    return body.subarray(this.scanner.start(row), this.scanner.end(row));
  }

  /** Takes a row that the scanner refused by the JSON reader. */
  private admitGeneral(row: number, from: number): void {
    const decoded = this.decoder.decode(this.bodyAt(row, from));
    if (!decoded.ok) {
      if (this.reports)
        this.diagnose(
          "InputDeserializerError.InvalidData",
          "dropped",
          decoded.message,
          this.eventAt(row, from),
          undefined,
          undefined,
        );
      return;
    }
    if (decoded.records.length > 1) this.checkReach(decoded.records);
    for (const record of decoded.records) {
      // Cells behind this row belong to rows that wait for their turn.
      if (this.count > row) this.flush();
      for (let c = 0; c < this.uses.length; c++) this.storeMember(c, record);
      const time = this.judgeRow(this.count, row, from, record);
      if (!Number.isNaN(time)) this.keep(time, row, from);
    }
  }

  private storeMember(column: number, record: AsaRecord): void {
    const use = this.uses[column]!;
    const store = this.stores[column]!;
    storeValue(store, this.count, this.memberReaders[column]!(record), use, this.interner);
    if (use.marksAbsent === true && record.get(use.name) === undefined)
      store.numbers[this.count] = Number.NaN;
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

  /** The final time of a row whose cells are at `cell`; NaN when it is dropped. */
  private judgeRow(cell: number, row: number, from: number, record: AsaRecord | null): number {
    const { options } = this.settings;
    const { partition } = this;
    if (this.timeColumn < 0) {
      const isFile = options.mode === "file";
      const ticks = isFile ? (options.fileRunStart ?? 0n) : this.eventAt(row, from).arrival;
      if (!inReach(ticks)) throw new OutOfReach();
      const time = relativeTicks(ticks);
      if (isFile) return time;
      // Arrival times order themselves; one that runs backwards counts as simultaneous with the last.
      this.watermarks[partition] = Math.max(time, this.watermarks[partition]!);
      return this.watermarks[partition]!;
    }
    const { numbers, kinds } = this.stores[this.timeColumn]!;
    const claimed = kinds[cell]! >= tags.stamp ? numbers[cell]! : this.claimedTime(cell, row, from, record);
    if (Number.isNaN(claimed) || options.mode === "file") return claimed;
    return this.finalTime(claimed, row, from, record);
  }

  /** The time of an event whose time is not in the plain form; NaN when it is dropped. */
  private claimedTime(cell: number, row: number, from: number, record: AsaRecord | null): number {
    const store = this.stores[this.timeColumn]!;
    const { marksAbsent } = this.uses[this.timeColumn]!;
    if (marksAbsent === true && Number.isNaN(store.numbers[cell]!))
      this.takeBrokerTime(cell, this.eventAt(row, from));
    const value = loadValue(store, cell, this.interner);
    const ticks =
      value instanceof DateTime ? value.ticks : typeof value === "string" ? parseDateTime(value) : null;
    if (ticks !== null) {
      if (!inReach(ticks)) throw new OutOfReach();
      return relativeTicks(ticks);
    }
    if (!this.isHeard) return Number.NaN;
    const raw = record ?? this.recordAt(row, from);
    const column = this.settings.relation.timestampColumn;
    const event = this.eventAt(row, from);
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

  /** Puts the broker's column into the cell of TIMESTAMP BY of an event that does not have it. */
  private takeBrokerTime(cell: number, { metadata, arrival }: InputEvent): void {
    const { numbers, kinds, boxes } = this.stores[this.timeColumn]!;
    numbers[cell] = 0;
    if (metadata === undefined) return;
    const { name } = this.uses[this.timeColumn]!;
    const value = metadataValue(metadata, arrival, ["EventHub", name]);
    const isMoment = value instanceof DateTime && inReach(arrival);
    kinds[cell] = isMoment ? tags.time : tags.boxed;
    if (isMoment) numbers[cell] = relativeTicks(arrival);
    else boxes[cell] = value;
  }

  /** The time that the policies leave the event; NaN when they drop it. */
  private finalTime(claimed: number, row: number, from: number, record: AsaRecord | null): number {
    const { partition } = this;
    const event = this.eventAt(row, from);
    const watermark = this.watermarks[partition]!;
    const ticks = absoluteTicks(claimed);
    const known = watermark === noTime ? null : absoluteTicks(watermark);
    const verdict = judge(this.settings.options.policies, ticks, event.arrival, known);
    let time = claimed;
    if (verdict.kind !== "keep") {
      if (verdict.kind === "adjust" && !inReach(verdict.time)) throw new OutOfReach();
      if (this.isHeard) {
        const raw = record ?? this.recordAt(row, from);
        const action = verdict.kind === "drop" ? "dropped" : "adjusted";
        this.diagnose(verdict.reason, action, verdict.message, event, raw, ticks);
      }
      if (verdict.kind === "drop") return Number.NaN;
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

  private recordAt(row: number, from: number): AsaRecord | undefined {
    const decoded = this.decoder.decode(this.bodyAt(row, from));
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
    const what = { kind, action, input: this.settings.relation.input, message };
    this.settings.diagnose(diagnosticOf(what, event, record, time));
  }

  private flush(): void {
    const { count } = this;
    if (count === 0) return;
    this.count = 0;
    this.settings.take(count);
  }

  /** What reads the events, for `explain`. */
  generatedText(): string {
    return this.scanner.describe();
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

  /** No event comes any more. */
  finish(): void {
    this.watermarks.fill(Number.POSITIVE_INFINITY);
  }

  save(writer: StateWriter): void {
    writer.array(this.greatest);
    writer.array(this.watermarks);
    writer.array(this.sequences);
    for (const time of this.advanced) writer.optionalInteger(time);
  }

  load(reader: StateReader): void {
    this.greatest.set(reader.array(Float64Array));
    this.watermarks.set(reader.array(Float64Array));
    this.sequences.set(reader.array(Float64Array));
    for (let i = 0; i < this.advanced.length; i++) this.advanced[i] = reader.optionalInteger();
  }
}
