import type { InputEvent, Job, JobOptions, RuntimeDiagnostic, SnapshotTask } from "../api";
import { generate } from "../codegen/generate";
import { AsaError } from "../errors";
import { interpret } from "../interpreter/index";
import type { LogicalPlan, StreamInput } from "../plan/logical-plan";
import type { AsaRecord } from "../values/value";
import {
  type Arrangement,
  arrangementOf,
  physicalRelations,
  TypedGraph,
  typedContext,
  typedOutputs,
  typedRelations,
} from "./columnar/build";
import { ColumnarInput } from "./columnar/input";
import { PaneAggregator } from "./columnar/panes";
import { loadSecondFormat } from "./columnar/second-format";
import { Texts } from "./columnar/texts";
import { inReach } from "./columnar/ticks";
import type { ExpressionCompiler, RuntimeContext } from "./context";
import { JobDelivery } from "./delivery";
import { Graph } from "./graph";
import { BodyDecoder } from "./input/decode";
import { ReferenceStore } from "./input/reference-store";
import { StreamInputReader } from "./input/stream-input";
import { type PushedBatch, pushedEvents, pushedLines } from "./pushed-batch";
import { readSnapshot, rowsOnly, secondFormat, thirdFormat } from "./snapshot";
import { StateSnapshot, wholeSnapshot } from "./snapshot-task";
import { StateReader, stateMismatch } from "./state/reader";
import { StateWriter } from "./state/writer";

/** Makes the evaluators of a job; without one `JobOptions.evaluator` decides. */
export type CompilerFactory = (plan: LogicalPlan, options: JobOptions) => ExpressionCompiler;

const chosen: CompilerFactory = (plan, options) =>
  (options.evaluator === "interpreter" ? interpret : generate)(plan, options.functions);

class RunningJob implements Job {
  private readonly plan: LogicalPlan;
  private readonly options: JobOptions;
  private readonly context: RuntimeContext;
  private readonly references: ReferenceStore;
  private readonly generated: boolean;
  private readers: (StreamInputReader | ColumnarInput)[] = [];
  private texts = new Texts("script");
  private arrangement: Arrangement = "columns";
  /** Operators over columns; null when all runs by rows. */
  private typed: TypedGraph | null = null;
  /** Relations and outputs that no graph has an operator for. */
  private columns: ReadonlySet<number> = new Set();
  private outputs: ReadonlyMap<string, number> = new Map();
  private readonly delivery: JobDelivery;
  private readonly graphs = new Map<string, Graph>();
  private readonly decoder: BodyDecoder;
  private readonly partitions: Readonly<Record<string, number>>;
  private snapshotTask: StateSnapshot | null = null;
  private busy = false;
  private failure: unknown = null;
  private finished = false;

  constructor(plan: LogicalPlan, options: JobOptions, compilerFactory: CompilerFactory) {
    this.plan = plan;
    this.options = options;
    this.decoder = new BodyDecoder(plan.dialect, options.bodies);
    this.delivery = new JobDelivery(options);
    const diagnose = (diagnostic: RuntimeDiagnostic) => options.onDiagnostic?.(diagnostic);
    this.references = new ReferenceStore(plan, diagnose);
    this.context = {
      plan,
      dialect: plan.dialect,
      functions: options.functions,
      compile: compilerFactory(plan, options),
      reference: (input) => this.references.lookup(input),
    };
    const given = Object.entries(options.partitions ?? {});
    this.partitions = Object.fromEntries(given.map(([input, count]) => [input.toLowerCase(), count]));
    this.generated = options.evaluator !== "interpreter" && compilerFactory === chosen;
    this.start("columns");
  }

  /** Builds all that runs, without state. */
  private start(arrangement: Arrangement): void {
    const { plan, options } = this;
    const inputs = plan.relations.filter(
      (relation): relation is StreamInput => relation.kind === "stream-input",
    );
    const modes = physicalRelations(plan, arrangement);
    const fast = inputs.filter((relation) => {
      if (!this.generated || modes[relation.id]!.mode === "rows") return false;
      if (inputs.some(({ over }) => over.length > 0)) return false;
      // Without TIMESTAMP BY all events of a file have one moment, known beforehand.
      return relation.timestampBy !== null || options.mode !== "file" || inReach(options.fileRunStart ?? 0n);
    });
    this.arrangement = arrangement;
    this.texts = new Texts(fast.length > 0 ? options.scanner : "script");
    this.delivery.start(this.texts);
    this.graphs.clear();
    this.columns = typedRelations(plan, modes, fast, arrangement);
    this.outputs = typedOutputs(plan, this.columns);
    this.readers = [];
    const { texts } = this;
    const typed = new TypedGraph(
      this.context,
      texts,
      modes,
      this.columns,
      (relation) => this.graph("").output(relation),
      this.delivery,
    );
    this.typed = fast.length > 0 ? typed : null;
    for (const relation of inputs) {
      if (!fast.includes(relation)) {
        this.readers.push(this.rowInput(relation));
        continue;
      }
      const { columns, keys } = modes[relation.id]!;
      const input = new ColumnarInput({
        relation,
        columns,
        keys,
        branches: typed.branchesOf(relation),
        typed: typedContext(this.context, texts),
        options,
        partitions: this.partitionsOf(relation.input),
        origins: typed.origins,
        told: !typed.pageOrigins,
        diagnose: this.diagnose,
      });
      texts.add(input);
      this.readers.push(input);
    }
    texts.seal();
  }

  /** Goes on by rows with all that ran over columns. */
  private toRows(): void {
    const { typed } = this;
    if (typed === null) return;
    this.typed = null;
    const graph = this.graph("");
    const states = new Map(typed.states.map((state) => [state.relation.id, state]));
    for (const id of this.columns) {
      const relation = this.plan.relations[id]!;
      const writer = new StateWriter();
      states.get(id)?.saveRows(writer);
      graph.activate(relation, states.has(id) ? new StateReader(writer.result()) : null);
    }
    graph.activateSinks();
    this.columns = new Set();
    this.outputs = new Map();
    for (const [index, fast] of this.readers.entries()) {
      if (!(fast instanceof ColumnarInput)) continue;
      const reader = this.rowInput(fast.relation);
      const writer = new StateWriter();
      fast.saveRows(writer);
      reader.load(new StateReader(writer.result()));
      this.readers[index] = reader;
    }
  }

  private readonly diagnose = (diagnostic: RuntimeDiagnostic): void =>
    this.options.onDiagnostic?.(diagnostic);

  private rowInput(relation: StreamInput): StreamInputReader {
    const { context, options } = this;
    return new StreamInputReader({
      relation,
      options,
      dialect: context.dialect,
      compile: context.compile,
      partitions: this.partitionsOf(relation.input),
      target: (substream) => this.graph(substream).entry(relation),
      diagnose: this.diagnose,
    });
  }

  private partitionsOf(input: string): number {
    return this.options.mode === "file" ? 1 : (this.partitions[input.toLowerCase()] ?? 1);
  }

  private graph(substream: string): Graph {
    let graph = this.graphs.get(substream);
    if (graph === undefined) {
      graph = new Graph(this.context, this.delivery.row, this.columns, this.outputs);
      this.graphs.set(substream, graph);
      // Every input knows every key, so that a join waits for the clock of the side that has no event of the key.
      for (const reader of this.readers ?? []) reader.ensure(substream);
    }
    return graph;
  }

  /** The numbers of the readers of an input. */
  private readersOf(input: string): number[] {
    const folded = input.toLowerCase();
    const found = [...this.readers.keys()].filter(
      (index) => this.readers[index]!.input.toLowerCase() === folded,
    );
    if (found.length > 0) return found;
    throw new AsaError("ASA_JOB_INPUT", `the job has no stream input "${input}"`, {
      hint: `Its stream inputs are: ${[...new Set(this.readers.map((reader) => reader.input))].join(", ")}.`,
    });
  }

  private check(): void {
    if (this.busy) {
      throw new AsaError(
        "ASA_JOB_BUSY",
        "the job was called while it hands over what another call released",
        {
          hint: "Call the job after the call that releases rows or diagnostics has returned.",
        },
      );
    }
    if (this.failure !== null) {
      throw new AsaError("ASA_JOB_FAILED", "the job has failed and takes no more calls", {
        cause: this.failure,
      });
    }
  }

  /** Runs one call; what it released is delivered even when it fails in the end. */
  private run(work: () => void): void {
    this.check();
    this.busy = true;
    try {
      work();
    } catch (error) {
      this.failure = error;
      throw error;
    } finally {
      try {
        this.delivery.flush();
      } finally {
        this.busy = false;
      }
    }
  }

  /** The readers of an input that takes events still, and the number under which they know the partition. */
  private entrance(input: string, partition: number) {
    this.check();
    const readers = this.readersOf(input);
    if (this.finished) throw new AsaError("ASA_JOB_FINISHED", `input "${input}" has ended`);
    const slot = this.options.mode === "file" ? 0 : partition;
    if (!Number.isInteger(slot) || slot < 0 || slot >= this.partitionsOf(input)) {
      throw new AsaError("ASA_JOB_INPUT", `input "${input}" has no partition ${partition}`, {
        hint: "Give the number of partitions in the job's options.",
      });
    }
    return { readers, slot };
  }

  pushLines(input: string, partition: number, lines: Uint8Array, arrival: bigint): void {
    const { readers, slot } = this.entrance(input, partition);
    this.pushBatch(readers, slot, pushedLines(lines, slot, arrival));
  }

  push(input: string, partition: number, events: readonly InputEvent[]): void {
    const { readers, slot } = this.entrance(input, partition);
    this.pushBatch(readers, slot, pushedEvents(events, slot));
  }

  private pushBatch(readers: readonly number[], slot: number, batch: PushedBatch): void {
    this.run(() => {
      const byRows = readers.filter((index) => this.readers[index] instanceof StreamInputReader);
      this.pushRows(byRows, slot, byRows[0] === readers[0], () => batch.events(0));
      for (const index of readers) {
        if (byRows.includes(index)) continue;
        const reader = this.readers[index]!;
        // What is out of the doubles' reach, and all that follows, goes by rows.
        let taken = 0;
        if (reader instanceof ColumnarInput) {
          taken = batch.take(reader, index === readers[0]);
          if (taken === batch.length) continue;
          this.toRows();
        }
        this.pushRows([index], slot, index === readers[0], () => batch.events(taken));
      }
      for (const index of readers) this.readers[index]!.settle();
      this.texts.compact();
    });
  }

  private pushRows(
    readers: readonly number[],
    slot: number,
    reports: boolean,
    events: () => readonly InputEvent[],
  ): void {
    if (readers.length === 0) return;
    for (const event of events()) {
      const decoded = this.decoder.decode(event.body);
      readers.forEach((reader, position) => {
        // A body that cannot be read is one finding, however often the query reads the input.
        if (decoded.ok || (position === 0 && reports))
          (this.readers[reader] as StreamInputReader).accept(event, slot, decoded);
      });
    }
  }

  setReference(input: string, rows: readonly AsaRecord[], from?: bigint): void {
    this.check();
    this.references.set(input, rows, from ?? null);
  }

  advance(input: string, partition: number, arrival: bigint): void {
    this.check();
    const readers = this.readersOf(input);
    if (this.finished || this.options.mode === "file") return;
    if (!Number.isInteger(partition) || partition < 0 || partition >= this.partitionsOf(input)) {
      throw new AsaError("ASA_JOB_INPUT", `input "${input}" has no partition ${partition}`);
    }
    this.run(() => {
      for (const index of readers) {
        if (this.readers[index]!.advance(partition, arrival) === false) {
          this.toRows();
          this.readers[index]!.advance(partition, arrival);
        }
        this.readers[index]!.settle();
      }
      this.texts.compact();
    });
  }

  finish(): void {
    this.check();
    if (this.finished) return;
    this.finished = true;
    this.run(() => {
      for (const reader of this.readers) reader.finish();
    });
  }

  get watermark(): bigint | null {
    let least: bigint | null = null;
    for (const { watermark } of this.readers) {
      if (watermark === null) return null;
      if (least === null || watermark < least) least = watermark;
    }
    return least;
  }

  snapshot(): Uint8Array {
    return wholeSnapshot(this.plan, (writer) => this.save(writer));
  }

  beginSnapshot(): SnapshotTask {
    this.check();
    this.snapshotTask?.outdate();
    this.snapshotTask = new StateSnapshot(
      this.plan,
      (writer) => this.save(writer),
      (writer) => {
        if (this.typed === null) return;
        this.texts.save(writer);
        for (const state of this.typed.states) if (state instanceof PaneAggregator) state.save(writer);
        // Encoded once and kept.
        this.references.save(writer);
      },
    );
    return this.snapshotTask;
  }

  private save(writer: StateWriter): void {
    this.check();
    writer.flag(this.finished);
    writer.text(this.typed === null ? "rows" : this.arrangement);
    if (this.typed !== null) {
      this.texts.save(writer);
      for (const state of this.typed.states) state.save(writer);
    }
    for (const reader of this.readers) reader.save(writer);
    writer.list(this.graphs, this.graphs.size, ([substream, graph]) => {
      writer.text(substream);
      graph.save(writer);
    });
    this.references.save(writer);
  }

  restore(snapshot: Uint8Array): void {
    this.check();
    const { state, version } = readSnapshot(this.plan, snapshot);
    const reader = new StateReader(state, version <= thirdFormat);
    this.finished = reader.flag();
    if (version === secondFormat) this.restoreSecond(reader);
    else {
      const arrangement = version === rowsOnly ? "rows" : reader.text();
      // A state by rows is carried on by rows.
      if (arrangement === "rows") this.toRows();
      else this.arrange(arrangementOf(arrangement));
      if (this.typed !== null) {
        this.texts.load(reader);
        for (const state of this.typed.states) state.load(reader);
      }
      for (const input of this.readers) input.load(reader);
    }
    const count = reader.count();
    for (let i = 0; i < count; i++) this.graph(reader.text()).load(reader);
    this.references.load(reader, version !== rowsOnly && version !== secondFormat);
  }

  /** Goes on with the relations over columns that a snapshot has typed state of. */
  private arrange(arrangement: Arrangement | null): void {
    if (arrangement === null) throw stateMismatch("the snapshot was made by a later version");
    if (this.typed === null) throw stateMismatch("the snapshot was made by generated code");
    if (arrangement !== this.arrangement) this.start(arrangement);
  }

  /** Goes on with what the second format knew as typed, and all else by rows. */
  private restoreSecond(reader: StateReader): void {
    if (this.typed !== null) this.start("panes");
    for (const input of this.readers) {
      const byColumns = reader.flag();
      if (byColumns && input instanceof ColumnarInput && this.typed !== null)
        loadSecondFormat(reader, input, this.plan, this.typed.states, this.texts.interner);
      else if (!byColumns && this.readers.length === 1) {
        this.toRows();
        this.readers[0]!.load(reader);
      } else if (!byColumns && input instanceof StreamInputReader) input.load(reader);
      else throw stateMismatch("the snapshot was made by an older version, with only some inputs by rows");
    }
  }
}

/**
 * Starts a job over a checked plan. Calls are synchronous and deterministic: the same calls give the same rows.
 *
 * A row is final, and leaves, once every partition's watermark has passed its time. An error of the query stops the job:
 * it is thrown from the call that met it, and every later call throws ASA_JOB_FAILED with it as cause.
 */
export function createJob(
  plan: LogicalPlan,
  options: JobOptions,
  compilerFactory: CompilerFactory = chosen,
): Job {
  return new RunningJob(plan, options, compilerFactory);
}
