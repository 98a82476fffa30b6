import type { AsaRecord, StaticType, Value } from "./values/value";

/** A place in a query text; line and column are 1-based, offsets are UTF-16 units. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
}

/** One finding of the compiler; codes and their meaning stand in asa/errors.ts. */
export interface CompileDiagnostic {
  readonly severity: "error" | "warning";
  readonly code: string;
  readonly message: string;
  readonly file: string;
  readonly range: SourceRange;
  readonly detail?: string;
  readonly hint?: string;
}

/** An input as the project, the test case or the platform declares it. */
export interface InputDeclaration {
  readonly alias: string;
  readonly kind: "stream" | "reference";
  /** Column names of the event contract; used for warnings only, an input stays open unless CREATE TABLE closes it. */
  readonly contractColumns?: readonly string[];
}

/** A user-defined function as the compiler sees it; without `outputType` its result is of any type. */
export interface FunctionDeclaration {
  readonly name: string;
  readonly kind: "scalar" | "aggregate";
  readonly outputType?: StaticType;
}

/** What the compiler knows of the project around a query; every member may be absent. */
export interface CompileOptions {
  /** Shown in diagnostics. @default "query.asaql" */
  readonly file?: string;
  /** Empty or absent: any input name passes as an open stream input. */
  readonly inputs?: readonly InputDeclaration[];
  /** Absent: any INTO name passes. */
  readonly outputs?: readonly string[];
  readonly functions?: readonly FunctionDeclaration[];
  /** `check` judges a query for the service, `local` for local runs and tests (OPEN-39, OPEN-43). @default "check" */
  readonly purpose?: "check" | "local";
  /** Ordering policies the job will run with; used for warnings only. */
  readonly policies?: TimePolicies;
  /** Switches of the open points; see asa/dialect.ts for names and defaults. */
  readonly dialect?: Readonly<Record<string, string | boolean | number>>;
}

/** What becomes of an event outside the tolerances. */
export type OrderPolicy = "adjust" | "drop";

/** Event-ordering policies of a job; null means unlimited. */
export interface TimePolicies {
  readonly lateToleranceTicks: bigint | null;
  readonly outOfOrderToleranceTicks: bigint | null;
  readonly policy: OrderPolicy;
  /** @default 5 minutes */
  readonly earlyToleranceTicks?: bigint;
}

/** What the broker knows of an event; all members absent in a file run. */
export interface EventMetadata {
  readonly partition: number;
  readonly sequence: bigint;
  readonly offset?: string;
  readonly partitionKey?: string | null;
  readonly properties?: AsaRecord;
  readonly system?: AsaRecord;
}

/** One event as it is pushed into a job. */
export interface InputEvent {
  /** JSON bytes of one event, or an already decoded record. */
  readonly body: Uint8Array | AsaRecord;
  /** Arrival (enqueued) time in ticks. */
  readonly arrival: bigint;
  readonly metadata?: EventMetadata;
}

/** A row that left the job; `columns` and `values` go together, in select order. */
export interface OutputRow {
  readonly output: string;
  /** System.Timestamp() of the row. */
  readonly time: bigint;
  readonly columns: readonly string[];
  readonly values: readonly Value[];
}

/** Rows of one output as JSON lines, each closed by a line feed, as `writeJsonObject` writes them. */
export interface OutputLines {
  readonly output: string;
  /** Valid during the call only: the bytes are overwritten afterwards. */
  readonly lines: Uint8Array;
  readonly rows: number;
}

/** An event that was dropped or adjusted, or a value that could not be read; nothing vanishes without one of these. */
export interface RuntimeDiagnostic {
  readonly kind:
    | "LateInputEvent"
    | "EarlyInputEvent"
    | "OutOfOrderEvent"
    | "InvalidInputTimeStamp"
    | "InvalidInputTimeStampKey"
    | "InputDeserializerError.InvalidData"
    | "InputDeserializerError.MissingColumns"
    | "InputDeserializerError.TypeConversionError"
    | "InputDeserializerError.InvalidHeader"
    | "InputDeserializerError.InvalidCompressionType"
    | "OutputDataConversionError.TypeConversionError";
  readonly action: "dropped" | "adjusted";
  readonly input: string;
  readonly message: string;
  readonly metadata?: EventMetadata;
  /** The event as read, when it could be read. */
  readonly event?: AsaRecord;
  readonly applicationTime?: bigint;
  readonly arrival?: bigint;
}

/** Calls JavaScript functions of a job; asa/node provides one that runs them in a WebAssembly sandbox. */
export interface FunctionHost {
  callScalar(name: string, args: readonly Value[]): Value;
  createAggregate(name: string): {
    accumulate(value: Value, timeTicks: bigint): void;
    compute(): Value;
    snapshot(): Value[];
  };
}

/** How a job runs: mode, policies, partitions, and who takes its rows and diagnostics. */
export interface JobOptions {
  /**
   * `live`: policies apply, watermarks follow the events and `advance`; `file`: all events sorted by time, nothing late,
   * the end of input flushes; `replay`: policies apply to the given arrival times, the end of input flushes.
   */
  readonly mode: "live" | "file" | "replay";
  readonly policies: TimePolicies;
  /** Partitions of each stream input, by alias; 1 where absent. */
  readonly partitions?: Readonly<Record<string, number>>;
  /** Timestamp of events without TIMESTAMP BY in a file run. */
  readonly fileRunStart?: bigint;
  readonly functions?: FunctionHost;
  /**
   * `any`, as the service reads: an object, an array of objects, or objects one after another in one body; `object`: a body
   * is exactly one object, anything else is dropped by name. @default "any"
   */
  readonly bodies?: "any" | "object";
  /** Takes rows, many of one call in several pieces. It must not call the job. */
  readonly onRows: (rows: readonly OutputRow[]) => void;
  /**
   * Takes the rows of all outputs as bytes in place of `onRows`, which is not called then. The cheapest way out: rows of
   * typed operators are never objects. Rows of one output come in its order; outputs come one after another.
   */
  readonly onLines?: (lines: OutputLines) => void;
  readonly onDiagnostic?: (diagnostic: RuntimeDiagnostic) => void;
  /** How expressions are evaluated: generated code, or the reference interpreter. @default "generated" */
  readonly evaluator?: "generated" | "interpreter";
  /**
   * The fastest way in which JSON events may be read. All give the same results; the default uses WebAssembly where it is
   * there. @default "layout"
   */
  readonly scanner?: "layout" | "any-order" | "script" | "reader";
}

/**
 * A snapshot in the making. Only `capture` needs a moment between two calls of the job; the rest may be done in pieces
 * while the job goes on: `prepare` until it is true, `capture`, `seal` until it is true, `pieces`.
 */
export interface SnapshotTask {
  /**
   * Copies what may still change, up to a megabyte a call; true when all was copied once. `capture` then takes only what has
   * changed since; without it, `capture` takes all.
   */
  prepare(): boolean;
  /** Takes the state of this moment. @throws {AsaError} ASA_SNAPSHOT_ORDER when called a second time */
  capture(): void;
  /** Works on what was captured, up to a megabyte a call; true when nothing is left. May be left out: then `pieces` does it. */
  seal(): boolean;
  /** The bytes that `Job.snapshot` gives, in pieces one after another. @throws {AsaError} ASA_SNAPSHOT_ORDER before `capture` */
  readonly pieces: readonly Uint8Array[];
}

/**
 * A running job. Calls are synchronous: rows that a call releases are delivered through `onRows` before it returns.
 */
export interface Job {
  /** Hands over events of one input partition, in broker order. */
  push(input: string, partition: number, events: readonly InputEvent[]): void;
  /**
   * Hands over events of one partition as JSON lines, one object a line, all with one arrival time; a last line without
   * line feed is a line. Blank lines are skipped. The bytes are not kept.
   */
  pushLines(input: string, partition: number, lines: Uint8Array, arrival: bigint): void;
  /** Replaces a reference input's rows; in effect from `from` on (absent: always). */
  setReference(input: string, rows: readonly AsaRecord[], from?: bigint): void;
  /** States that nothing with an arrival before `arrival` will come on this partition (an idle partition's progress). */
  advance(input: string, partition: number, arrival: bigint): void;
  /** Ends the input: every open window, session and pending row is flushed. */
  finish(): void;
  /** Smallest watermark over all inputs and partitions, in ticks; null before anything is known. */
  readonly watermark: bigint | null;
  /** Serialises the whole state; format versioned, restorable by `createJob(...).restore`. */
  snapshot(): Uint8Array;
  /** Begins a snapshot whose work is done in pieces, so that a large state stops the job for a few milliseconds only. */
  beginSnapshot(): SnapshotTask;
  /** @throws {AsaError} ASA_STATE_MISMATCH when the snapshot belongs to another query or an unknown format. */
  restore(snapshot: Uint8Array): void;
}
