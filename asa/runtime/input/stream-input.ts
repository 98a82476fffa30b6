import type { InputEvent, JobOptions, RuntimeDiagnostic } from "../../api";
import type { Dialect } from "../../dialect";
import { AsaError } from "../../errors";
import type { Expression, StreamInput } from "../../plan/logical-plan";
import { parseDateTime } from "../../values/datetime";
import { tupleKey } from "../../values/group-key";
import { type AsaRecord, DateTime, type Value } from "../../values/value";
import { type Evaluator, endOfTime, noValues, type Row } from "../row";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { Conformer } from "./conform";
import type { Decoded } from "./decode";
import { diagnosticOf } from "./diagnostic";
import { addMetadataColumns } from "./metadata";
import { OrderingBuffer } from "./ordering";
import { judge, Timeline } from "./policy";

/** Where a stream input sends its ordered rows; with substreams there is one target per key. */
export interface InputTarget {
  row(row: Row): void;
  progress(time: bigint): void;
}

export interface StreamInputSettings {
  readonly relation: StreamInput;
  readonly options: JobOptions;
  readonly dialect: Dialect;
  readonly compile: (expression: Expression) => Evaluator;
  readonly partitions: number;
  /** The target of a substream, `""` without TIMESTAMP BY ... OVER. */
  readonly target: (substream: string) => InputTarget;
  readonly diagnose: (diagnostic: RuntimeDiagnostic) => void;
}

/** One timeline: all events, or those of one substream key. */
class Substream {
  readonly timelines: readonly Timeline[];
  readonly buffer = new OrderingBuffer();
  readonly target: InputTarget;
  readonly sequences: number[];
  told: bigint | null = null;

  constructor(partitions: number, target: InputTarget) {
    this.timelines = Array.from({ length: partitions }, () => new Timeline());
    this.sequences = new Array<number>(partitions).fill(0);
    this.target = target;
  }

  /** Least watermark of the partitions; null while one is unknown. */
  get watermark(): bigint | null {
    let least: bigint | null = null;
    for (const { watermark } of this.timelines) {
      if (watermark === null) return null;
      if (least === null || watermark < least) least = watermark;
    }
    return least;
  }

  /** `moment`: the time of all events that come, when they have one. */
  settle(moment: bigint | null): void {
    const time = this.watermark;
    if (time !== null) this.release(time, time);
    else if (moment !== null) this.release(moment + 1n, moment);
  }

  private release(before: bigint, reached: bigint): void {
    // What has the one moment of all events is in order as it comes.
    if (this.told !== null && reached <= this.told && before === reached) return;
    this.told = reached;
    this.buffer.release(before, (row) => this.target.row(row));
    this.target.progress(reached);
  }
}

/**
 * Reads events of one input for one use of it in the query: shape, time, policies and order.
 *
 * Rows leave by (time, partition, arrival within the partition), each once its time is before every partition's watermark.
 */
export class StreamInputReader {
  private readonly settings: StreamInputSettings;
  private readonly conformer: Conformer | null;
  private readonly timestampBy: Evaluator | null;
  private readonly over: readonly Evaluator[];
  private readonly partitionBy: readonly Evaluator[];
  private readonly substreams = new Map<string, Substream>();
  /** What `advance` reached, for substreams that begin later. */
  private readonly advanced: (bigint | null)[];
  private finished = false;

  constructor(settings: StreamInputSettings) {
    const { relation, compile, partitions, dialect } = settings;
    this.settings = settings;
    this.conformer = relation.declared === null ? null : new Conformer(relation.declared, dialect);
    this.timestampBy = relation.timestampBy === null ? null : compile(relation.timestampBy);
    this.over = relation.over.map(compile);
    this.partitionBy = relation.partitionBy.map(compile);
    this.advanced = new Array<bigint | null>(partitions).fill(null);
    if (this.over.length === 0) this.substream("");
  }

  get input(): string {
    return this.settings.relation.input;
  }

  /** Least watermark over partitions and substreams; null while nothing is known. */
  get watermark(): bigint | null {
    let least: bigint | null = null;
    for (const { watermark } of this.substreams.values()) {
      if (watermark === null) return null;
      if (least === null || watermark < least) least = watermark;
    }
    return least;
  }

  private substream(key: string): Substream {
    let found = this.substreams.get(key);
    if (found === undefined) {
      const target = this.settings.target(key);
      // Making the first graph of a key makes the key known to every input, this one too.
      found = this.substreams.get(key) ?? new Substream(this.settings.partitions, target);
      this.advanced.forEach((time, partition) => {
        if (time !== null) found!.timelines[partition]!.reach(time);
      });
      this.substreams.set(key, found);
    }
    return found;
  }

  /** Makes the timeline of a substream known before its first event. */
  ensure(key: string): void {
    if (this.over.length > 0) this.substream(key);
  }

  /** Takes one event; call `settle` after a batch. */
  accept(event: InputEvent, partition: number, decoded: Decoded): void {
    if (!decoded.ok) {
      this.drop("InputDeserializerError.InvalidData", decoded.message, event, undefined, undefined);
      return;
    }
    for (const record of decoded.records) this.acceptRecord(event, partition, record);
  }

  private acceptRecord(event: InputEvent, partition: number, raw: AsaRecord): void {
    const { options } = this.settings;
    let record = raw;
    if (this.conformer !== null) {
      const conformed = this.conformer.conform(raw);
      if (!conformed.ok) {
        this.drop(conformed.kind, conformed.message, event, raw, undefined);
        return;
      }
      record = conformed.record;
    }
    const metadata = event.metadata ?? null;
    if (metadata !== null && options.mode !== "file")
      record = addMetadataColumns(record, metadata, event.arrival);
    const base = { record, time: 0n, arrival: event.arrival, metadata };
    const probe: Row = { time: 0n, slots: [base], computed: noValues, partition: "", window: null };
    const claimed = this.applicationTime(probe, event, raw);
    if (claimed === null) return;
    const keys = this.over.map((key) => key(probe));
    if (keys.includes(null)) {
      this.drop("InvalidInputTimeStampKey", "a key of TIMESTAMP BY ... OVER is NULL", event, raw, claimed);
      return;
    }
    if (this.over.length > 0) this.noteArrival(partition, event.arrival);
    const substream = this.substream(this.over.length === 0 ? "" : tupleKey(keys));
    const timeline = substream.timelines[partition]!;
    const time = this.finalTime(claimed, event, timeline, raw);
    if (time === null) return;
    const slot = { record, time, arrival: event.arrival, metadata };
    const partitionKey =
      this.partitionBy.length === 0 ? "" : tupleKey(this.partitionBy.map((key) => key(probe)));
    substream.buffer.add({ slot, key: partitionKey, partition, sequence: substream.sequences[partition]!++ });
  }

  private applicationTime(probe: Row, event: InputEvent, raw: AsaRecord): bigint | null {
    const { options, relation } = this.settings;
    if (this.timestampBy === null)
      return options.mode === "file" ? (options.fileRunStart ?? 0n) : event.arrival;
    let value: Value;
    try {
      value = this.timestampBy(probe);
    } catch (error) {
      if (!(error instanceof AsaError)) throw error;
      // A failing conversion in TIMESTAMP BY drops the event; anywhere else it stops the job.
      this.drop("InvalidInputTimeStamp", error.message, event, raw, undefined);
      return null;
    }
    const ticks =
      value instanceof DateTime ? value.ticks : typeof value === "string" ? parseDateTime(value) : null;
    if (ticks !== null) return ticks;
    const column = relation.timestampColumn;
    if (value === null && column !== null && raw.get(column) === undefined) {
      this.drop(
        "InputDeserializerError.MissingColumns",
        `column "${column}" is missing`,
        event,
        raw,
        undefined,
      );
    } else {
      const what = value === null ? "NULL" : "no datetime";
      this.drop("InvalidInputTimeStamp", `the value of TIMESTAMP BY is ${what}`, event, raw, undefined);
    }
    return null;
  }

  private finalTime(time: bigint, event: InputEvent, timeline: Timeline, raw: AsaRecord): bigint | null {
    const { options } = this.settings;
    if (options.mode === "file") return time;
    if (this.timestampBy === null) {
      // Arrival times order themselves; one that runs backwards counts as simultaneous with the last.
      const kept = timeline.watermark !== null && time < timeline.watermark ? timeline.watermark : time;
      timeline.reach(kept);
      return kept;
    }
    const { policies } = options;
    const verdict = judge(policies, time, event.arrival, timeline.watermark);
    if (verdict.kind === "drop") {
      this.drop(verdict.reason, verdict.message, event, raw, time);
      return null;
    }
    if (verdict.kind === "adjust") {
      this.diagnose(verdict.reason, "adjusted", verdict.message, event, raw, time);
    }
    timeline.seen(verdict.time, policies.outOfOrderToleranceTicks);
    return verdict.time;
  }

  private drop(
    kind: RuntimeDiagnostic["kind"],
    message: string,
    event: InputEvent,
    record: AsaRecord | undefined,
    time: bigint | undefined,
  ): void {
    this.diagnose(kind, "dropped", message, event, record, time);
  }

  private diagnose(
    kind: RuntimeDiagnostic["kind"],
    action: RuntimeDiagnostic["action"],
    message: string,
    event: InputEvent,
    record: AsaRecord | undefined,
    time: bigint | undefined,
  ): void {
    const what = { kind, action, input: this.input, message };
    this.settings.diagnose(diagnosticOf(what, event, record, time));
  }

  /** Notes that the partition has reached an arrival time; returns the application time before which nothing comes. */
  private noteArrival(partition: number, arrival: bigint): bigint | null {
    const { options } = this.settings;
    const late = options.policies.lateToleranceTicks;
    if (options.mode === "file" || (this.timestampBy !== null && late === null)) return null;
    const time = this.timestampBy === null ? arrival : arrival - late!;
    const before = this.advanced[partition] ?? null;
    if (before === null || time > before) this.advanced[partition] = time < 0n ? 0n : time;
    return time;
  }

  /** Nothing with an earlier arrival will come on the partition. */
  advance(partition: number, arrival: bigint): void {
    const time = this.noteArrival(partition, arrival);
    if (time === null) return;
    for (const { timelines } of this.substreams.values()) timelines[partition]!.reach(time);
  }

  /** Releases what became final. */
  settle(): void {
    if (this.over.length > 0) this.advanceKeys();
    for (const substream of this.substreams.values()) substream.settle(this.moment);
  }

  /** In a file run, events without TIMESTAMP BY have one time. */
  private get moment(): bigint | null {
    const { options } = this.settings;
    return options.mode === "file" && this.timestampBy === null ? (options.fileRunStart ?? 0n) : null;
  }

  /** Late tolerance bounds how far keys may diverge: what a partition has reached, each of its keys has too. */
  private advanceKeys(): void {
    for (const { timelines } of this.substreams.values()) {
      this.advanced.forEach((time, partition) => {
        if (time !== null) timelines[partition]!.reach(time);
      });
    }
  }

  finish(): void {
    this.finished = true;
    for (const { timelines } of this.substreams.values()) {
      for (const timeline of timelines) timeline.reach(endOfTime);
    }
    this.settle();
  }

  save(writer: StateWriter): void {
    writer.flag(this.finished);
    for (const time of this.advanced) writer.optionalInteger(time);
    writer.list(this.substreams, this.substreams.size, ([key, substream]) => {
      writer.text(key);
      writer.optionalInteger(substream.told);
      substream.timelines.forEach((timeline, index) => {
        for (const time of timeline.state) writer.optionalInteger(time);
        writer.count(substream.sequences[index]!);
      });
      substream.buffer.save(writer);
    });
  }

  load(reader: StateReader): void {
    this.finished = reader.flag();
    for (let i = 0; i < this.advanced.length; i++) this.advanced[i] = reader.optionalInteger();
    const count = reader.count();
    for (let i = 0; i < count; i++) {
      const substream = this.substream(reader.text());
      substream.told = reader.optionalInteger();
      substream.timelines.forEach((timeline, index) => {
        timeline.restore(reader.optionalInteger(), reader.optionalInteger());
        substream.sequences[index] = reader.count();
      });
      substream.buffer.load(reader);
    }
  }
}
