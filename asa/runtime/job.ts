import type { InputEvent, Job, JobOptions, OutputRow, RuntimeDiagnostic, SnapshotTask } from "../api";
import { generate } from "../codegen/generate";
import { AsaError } from "../errors";
import { interpret } from "../interpreter/index";
import type { LogicalPlan, StreamInput } from "../plan/logical-plan";
import { type PhysicalRelation, physicalPlan } from "../plan/physical";
import type { AsaRecord } from "../values/value";
import { isBlank } from "./columnar/admission";
import { columnarBranches, relationsOf } from "./columnar/branches";
import { ColumnarInput } from "./columnar/input";
import { Interner } from "./columnar/interner";
import { inReach } from "./columnar/ticks";
import type { ExpressionCompiler, RuntimeContext } from "./context";
import { Graph } from "./graph";
import { BodyDecoder } from "./input/decode";
import { ReferenceStore } from "./input/reference-store";
import { StreamInputReader } from "./input/stream-input";
import { readSnapshot } from "./snapshot";
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
  private readonly readers: (StreamInputReader | ColumnarInput)[];
  /** Relations that no graph has an operator for: a columnar input runs them. */
  private readonly columns: ReadonlySet<number>;
  private readonly graphs = new Map<string, Graph>();
  private readonly decoder: BodyDecoder;
  private readonly partitions: Readonly<Record<string, number>>;
  private snapshotTask: StateSnapshot | null = null;
  private rows: OutputRow[] = [];
  private failure: unknown = null;
  private finished = false;

  constructor(plan: LogicalPlan, options: JobOptions, compilerFactory: CompilerFactory) {
    this.plan = plan;
    this.options = options;
    this.decoder = new BodyDecoder(plan.dialect, options.bodies);
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
    const inputs = plan.relations.filter(
      (relation): relation is StreamInput => relation.kind === "stream-input",
    );
    const modes = physicalPlan(plan).relations;
    const fast = inputs.filter((relation) => {
      if (modes[relation.id]!.mode === "rows" || options.evaluator === "interpreter") return false;
      if (compilerFactory !== chosen) return false;
      // Without TIMESTAMP BY all events of a file have one moment, known beforehand.
      return relation.timestampBy !== null || options.mode !== "file" || inReach(options.fileRunStart ?? 0n);
    });
    this.columns = new Set(fast.flatMap((relation) => relationsOf(plan, modes, relation)));
    this.readers = [];
    for (const relation of inputs) {
      if (!fast.includes(relation)) this.readers.push(this.rowInput(relation));
      else this.readers.push(this.columnarInput(relation, modes));
    }
  }

  private columnarInput(relation: StreamInput, modes: readonly PhysicalRelation[]): ColumnarInput {
    const { context, options } = this;
    const { columns, keys } = modes[relation.id]!;
    const interner = new Interner();
    return new ColumnarInput({
      relation,
      columns,
      keys,
      branches: columnarBranches(context, modes, relation, this.graph(""), interner),
      interner,
      relations: relationsOf(context.plan, modes, relation).map((id) => context.plan.relations[id]!),
      context,
      options,
      partitions: this.partitionsOf(relation.input),
      diagnose: this.diagnose,
    });
  }

  /** Goes on by rows with an input and what it ran over columns. */
  private toRows(index: number): StreamInputReader {
    const fast = this.readers[index] as ColumnarInput;
    const reader = this.rowInput(fast.relation);
    const graph = this.graph("");
    for (const { relation, state } of fast.operatorStates()) graph.activate(relation, state);
    const writer = new StateWriter();
    fast.saveRows(writer);
    reader.load(new StateReader(writer.result()));
    this.readers[index] = reader;
    return reader;
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
      graph = new Graph(this.context, (row) => this.rows.push(row), this.columns);
      this.graphs.set(substream, graph);
      // Every input knows every key, so that a join waits for the clock of the side that has no event of the key.
      for (const reader of this.readers ?? []) reader.ensure(substream);
    }
    return graph;
  }

  private readersOf(input: string): (StreamInputReader | ColumnarInput)[] {
    const folded = input.toLowerCase();
    const readers = this.readers.filter((reader) => reader.input.toLowerCase() === folded);
    if (readers.length > 0) return readers;
    throw new AsaError("ASA_JOB_INPUT", `the job has no stream input "${input}"`, {
      hint: `Its stream inputs are: ${[...new Set(this.readers.map((reader) => reader.input))].join(", ")}.`,
    });
  }

  private check(): void {
    if (this.failure !== null) {
      throw new AsaError("ASA_JOB_FAILED", "the job has failed and takes no more calls", {
        cause: this.failure,
      });
    }
  }

  /** Runs one call; what it released is delivered even when it fails in the end. */
  private run(work: () => void): void {
    this.check();
    try {
      work();
    } catch (error) {
      this.failure = error;
      throw error;
    } finally {
      const { rows } = this;
      this.rows = [];
      if (rows.length > 0) this.options.onRows(rows);
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
    this.run(() => {
      this.pushRows(readers, slot, () => lineEvents(lines, 0, arrival));
      for (const reader of readers) {
        if (!(reader instanceof ColumnarInput)) continue;
        const taken = reader.takeLines(lines, slot, arrival, reader === readers[0]);
        if (taken < lines.length)
          this.pushRows([this.toRows(this.readers.indexOf(reader))], slot, () =>
            lineEvents(lines, taken, arrival),
          );
      }
      for (const reader of this.readersOf(input)) reader.settle();
    });
  }

  push(input: string, partition: number, events: readonly InputEvent[]): void {
    const { readers, slot } = this.entrance(input, partition);
    this.run(() => {
      this.pushRows(readers, slot, () => events);
      for (const reader of readers) {
        if (!(reader instanceof ColumnarInput)) continue;
        const taken = reader.take(events, slot, reader === readers[0]);
        // What is out of the doubles' reach, and all that follows, goes by rows.
        if (taken < events.length)
          this.pushRows([this.toRows(this.readers.indexOf(reader))], slot, () => events.slice(taken));
      }
      for (const reader of this.readersOf(input)) reader.settle();
    });
  }

  private pushRows(
    readers: readonly (StreamInputReader | ColumnarInput)[],
    slot: number,
    events: () => readonly InputEvent[],
  ): void {
    const byRows = readers.filter((reader) => reader instanceof StreamInputReader);
    if (byRows.length === 0) return;
    const reports = byRows.includes(readers[0] as StreamInputReader);
    for (const event of events()) {
      const decoded = this.decoder.decode(event.body);
      byRows.forEach((reader, index) => {
        // A body that cannot be read is one finding, however often the query reads the input.
        if (decoded.ok || (index === 0 && reports)) reader.accept(event, slot, decoded);
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
      for (const reader of readers) {
        let current = reader;
        if (reader.advance(partition, arrival) === false) {
          current = this.toRows(this.readers.indexOf(reader));
          current.advance(partition, arrival);
        }
        current.settle();
      }
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
        for (const reader of this.readers) if (reader instanceof ColumnarInput) reader.save(writer);
      },
    );
    return this.snapshotTask;
  }

  private save(writer: StateWriter): void {
    this.check();
    writer.flag(this.finished);
    for (const reader of this.readers) {
      writer.flag(reader instanceof ColumnarInput);
      reader.save(writer);
    }
    writer.list(this.graphs, this.graphs.size, ([substream, graph]) => {
      writer.text(substream);
      graph.save(writer);
    });
    this.references.save(writer);
  }

  restore(snapshot: Uint8Array): void {
    this.check();
    const { state, rowsOnly } = readSnapshot(this.plan, snapshot);
    const reader = new StateReader(state);
    this.finished = reader.flag();
    for (let i = 0; i < this.readers.length; i++) {
      const columns = !rowsOnly && reader.flag();
      const byColumns = this.readers[i] instanceof ColumnarInput;
      if (columns && !byColumns) throw stateMismatch("the snapshot was made by generated code");
      // A state by rows is carried on by rows.
      if (!columns && byColumns) this.toRows(i);
      this.readers[i]!.load(reader);
    }
    const count = reader.count();
    for (let i = 0; i < count; i++) this.graph(reader.text()).load(reader);
    this.references.load(reader);
  }
}

/** The lines from `from` on as events. */
function lineEvents(lines: Uint8Array, from: number, arrival: bigint): InputEvent[] {
  const events: InputEvent[] = [];
  for (let at = from; at < lines.length; ) {
    const feed = lines.indexOf(10, at);
    const end = feed < 0 ? lines.length : feed;
    const body = lines.subarray(at, end);
    if (!isBlank(body)) events.push({ body, arrival });
    at = end + 1;
  }
  return events;
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
