import type { InputEvent, JobOptions, RuntimeDiagnostic } from "../../api";
import type { Dialect } from "../../dialect";
import { memberReader } from "../../interpreter/paths";
import type { StreamInput } from "../../plan/logical-plan";
import { parseDateTime } from "../../values/datetime";
import { JsonReader } from "../../values/json-read";
import { AsaRecord, DateTime, type Value } from "../../values/value";
import { BodyDecoder } from "../input/decode";
import { judge } from "../input/policy";
import { endOfTime } from "../row";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { type ColumnStore, type ColumnUse, loadValue, makeStore, storeValue, tags } from "./columns";
import type { Interner } from "./interner";
import { type Scan, ScannerFactory } from "./scanner";
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
  private readonly scanners: ScannerFactory;
  private readonly memberReaders: readonly ((record: AsaRecord) => Value)[];
  private scan: Scan;
  private readonly times = new Float64Array(batchRows);
  private readonly places = new Float64Array(batchRows);
  private readonly events: InputEvent[] = [];
  private count = 0;
  private readonly early: number;
  private readonly late: number;
  private readonly tolerance: number;

  constructor(settings: AdmissionSettings) {
    const { relation, dialect, options, partitions } = settings;
    this.settings = settings;
    this.interner = settings.interner;
    const { timestampBy } = relation;
    const time: readonly ColumnUse[] =
      timestampBy?.kind === "column" ? [{ name: timestampBy.name, as: "time" }] : [];
    this.uses = [...settings.uses, ...time];
    this.timeColumn = timestampBy === null ? -1 : this.uses.length - 1;
    this.stores = this.uses.map(() => makeStore(batchRows));
    this.memberReaders = this.uses.map(({ name }) => memberReader(name, dialect));
    this.decoder = new BodyDecoder(dialect, options.bodies);
    this.scanners = new ScannerFactory(this.uses, this.stores, this.interner, new JsonReader());
    this.scan = this.scanners.make();
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
      eventOf: (row) => this.events[row]!,
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
        store.kinds[row]! >= tags.stamp ? store.numbers[row]! : this.claimedTime(event, row, record);
      if (Number.isNaN(claimed)) return;
      if (options.mode === "file") time = claimed;
      else {
        time = this.finalTime(claimed, event, partition, record);
        if (Number.isNaN(time)) return;
      }
    }
    this.times[row] = time;
    this.places[row] = partition * placeFactor + this.sequences[partition]!++;
    this.events[row] = event;
    this.count = row + 1;
    if (this.count === batchRows) this.flush();
  }

  /** The time of an event whose time is not in the plain form; NaN when it is dropped. */
  private claimedTime(event: InputEvent, row: number, record: AsaRecord | null): number {
    const value = loadValue(this.stores[this.timeColumn]!, row, this.interner);
    const ticks =
      value instanceof DateTime ? value.ticks : typeof value === "string" ? parseDateTime(value) : null;
    if (ticks !== null) {
      if (!inReach(ticks)) throw new OutOfReach();
      return relativeTicks(ticks);
    }
    const raw = record ?? this.recordOf(event);
    const column = this.settings.relation.timestampColumn;
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
      const known = watermark === noTime ? null : absoluteTicks(watermark);
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
      input: this.settings.relation.input,
      message,
      arrival: event.arrival,
      ...(event.metadata === undefined ? {} : { metadata: event.metadata }),
      ...(record === undefined ? {} : { event: record }),
      ...(time === undefined ? {} : { applicationTime: time }),
    });
  }

  private flush(): void {
    const { count } = this;
    if (this.scanners.stale) this.scan = this.scanners.make();
    if (count === 0) return;
    this.count = 0;
    this.settings.take(count);
  }

  /** Text of the generated scanner, for `explain`. */
  generatedText(): string {
    return this.scanners.text();
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
