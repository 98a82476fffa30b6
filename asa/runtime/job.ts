import type { InputEvent, Job, JobOptions, OutputRow, RuntimeDiagnostic } from "../api";
import { generate } from "../codegen/generate";
import { AsaError } from "../errors";
import { interpret } from "../interpreter/index";
import type { LogicalPlan, StreamInput } from "../plan/logical-plan";
import type { AsaRecord } from "../values/value";
import type { ExpressionCompiler, RuntimeContext } from "./context";
import { Graph } from "./graph";
import { BodyDecoder } from "./input/decode";
import { ReferenceStore } from "./input/reference-store";
import { StreamInputReader } from "./input/stream-input";
import { readSnapshot, writeSnapshot } from "./snapshot";
import { StateReader } from "./state/reader";
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
  private readonly readers: readonly StreamInputReader[];
  private readonly graphs = new Map<string, Graph>();
  private readonly decoder: BodyDecoder;
  private readonly partitions: Readonly<Record<string, number>>;
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
    this.readers = inputs.map(
      (relation) =>
        new StreamInputReader({
          relation,
          options,
          dialect: plan.dialect,
          compile: this.context.compile,
          partitions: this.partitionsOf(relation.input),
          target: (substream) => this.graph(substream).entry(relation),
          diagnose,
        }),
    );
  }

  private partitionsOf(input: string): number {
    return this.options.mode === "file" ? 1 : (this.partitions[input.toLowerCase()] ?? 1);
  }

  private graph(substream: string): Graph {
    let graph = this.graphs.get(substream);
    if (graph === undefined) {
      graph = new Graph(this.context, (row) => this.rows.push(row));
      this.graphs.set(substream, graph);
      // Every input knows every key, so that a join waits for the clock of the side that has no event of the key.
      for (const reader of this.readers ?? []) reader.ensure(substream);
    }
    return graph;
  }

  private readersOf(input: string): StreamInputReader[] {
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

  push(input: string, partition: number, events: readonly InputEvent[]): void {
    this.check();
    const readers = this.readersOf(input);
    if (this.finished) throw new AsaError("ASA_JOB_FINISHED", `input "${input}" has ended`);
    const slot = this.options.mode === "file" ? 0 : partition;
    if (!Number.isInteger(slot) || slot < 0 || slot >= this.partitionsOf(input)) {
      throw new AsaError("ASA_JOB_INPUT", `input "${input}" has no partition ${partition}`, {
        hint: "Give the number of partitions in the job's options.",
      });
    }
    this.run(() => {
      for (const event of events) {
        const decoded = this.decoder.decode(event.body);
        readers.forEach((reader, index) => {
          // A body that cannot be read is one finding, however often the query reads the input.
          if (decoded.ok || index === 0) reader.accept(event, slot, decoded);
        });
      }
      for (const reader of readers) reader.settle();
    });
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
        reader.advance(partition, arrival);
        reader.settle();
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
    this.check();
    const writer = new StateWriter();
    writer.flag(this.finished);
    for (const reader of this.readers) reader.save(writer);
    writer.list(this.graphs, this.graphs.size, ([substream, graph]) => {
      writer.text(substream);
      graph.save(writer);
    });
    this.references.save(writer);
    return writeSnapshot(this.plan, writer.result());
  }

  restore(snapshot: Uint8Array): void {
    this.check();
    const reader = new StateReader(readSnapshot(this.plan, snapshot));
    this.finished = reader.flag();
    for (const input of this.readers) input.load(reader);
    const count = reader.count();
    for (let i = 0; i < count; i++) this.graph(reader.text()).load(reader);
    this.references.load(reader);
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
