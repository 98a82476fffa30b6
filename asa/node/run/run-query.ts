import type {
  CompileDiagnostic,
  CompileOptions,
  OutputRow,
  RuntimeDiagnostic,
  TimePolicies,
} from "../../api";
import { compile, createJob } from "../engine";
import { createFunctionHost, type FunctionLimits } from "../functions";
import { createParallelJob, type ParallelJobOptions } from "../parallel";
import type { ForeignFunction, FunctionDefinition } from "../project";
import { fileEvents, type LoadedInput, type ReplayEvent, referenceRows } from "./events";
import { foreignCall } from "./foreign-call";
import { shardCount, shardsOf } from "./shards";

/** A query with all it needs to run on this machine. */
export interface LocalRun {
  readonly text: string;
  /** The query's file, for messages. */
  readonly file: string;
  readonly inputs: readonly LoadedInput[];
  readonly functions: readonly FunctionDefinition[];
  readonly foreignFunctions: readonly ForeignFunction[];
  readonly functionLimits?: FunctionLimits;
  readonly dialect?: Readonly<Record<string, string | boolean | number>>;
  /** Timestamp of events without TIMESTAMP BY, in ticks. */
  readonly start: bigint;
  /** Undefined: a file run, in which all events are sorted by time and nothing is late. */
  readonly replay?: {
    readonly policies: TimePolicies;
    readonly partitions: Readonly<Record<string, number>>;
    /** All events in order of arrival. */
    readonly events: readonly ReplayEvent[];
  };
  /**
   * Runs a file run on worker threads, its events dealt out by the column named for each input (default PartitionId).
   * Rows of the same time may come in another order than without.
   */
  readonly parallel?: {
    readonly workers: number;
    readonly partitionKeys: Readonly<Record<string, string>>;
  };
}

/** What running a query over files gave. */
export interface LocalRunResult {
  /** Errors and warnings of the compiler; rows are absent when one is an error. */
  readonly diagnostics: readonly CompileDiagnostic[];
  /** Rows by output, in the casing of INTO; an output without rows is absent. */
  readonly outputs: ReadonlyMap<string, readonly OutputRow[]>;
  /** Dropped and adjusted events. */
  readonly events: readonly RuntimeDiagnostic[];
}

const unlimited: TimePolicies = {
  lateToleranceTicks: null,
  outOfOrderToleranceTicks: null,
  policy: "adjust",
};

/**
 * Compiles a query and runs it over local data to the end of input.
 *
 * @throws {AsaToolError} for unusable functions and data, and when a function fails while the job runs
 */
export async function runQuery(run: LocalRun): Promise<LocalRunResult> {
  const compileOptions: CompileOptions = {
    file: run.file,
    inputs: run.inputs.map(({ definition: { alias, kind } }) => ({ alias, kind })),
    functions: run.functions.map(({ name, kind, outputType }) => ({ name, kind, outputType })),
    purpose: "local",
    ...(run.dialect === undefined ? {} : { dialect: run.dialect }),
  };
  const compiled = compile(run.text, compileOptions);
  const foreign = foreignCall(run.text, run.foreignFunctions);
  if (foreign !== undefined) throw foreign;
  const outputs = new Map<string, OutputRow[]>();
  const events: RuntimeDiagnostic[] = run.inputs.flatMap((input) => input.diagnostics);
  if (compiled.plan === null) return { diagnostics: compiled.diagnostics, outputs, events };
  const onRows = (rows: readonly OutputRow[]): void => {
    for (const row of rows) {
      const known = outputs.get(row.output);
      if (known === undefined) outputs.set(row.output, [row]);
      else known.push(row);
    }
  };
  const onDiagnostic = (diagnostic: RuntimeDiagnostic) => events.push(diagnostic);
  if (run.parallel !== undefined && run.replay === undefined) {
    await runParallel(run, compileOptions, run.parallel, { onRows, onDiagnostic });
    return { diagnostics: compiled.diagnostics, outputs, events };
  }

  const functions = await createFunctionHost(run.functions, run.functionLimits);
  try {
    const job = createJob(compiled.plan, {
      mode: run.replay === undefined ? "file" : "replay",
      policies: run.replay?.policies ?? unlimited,
      fileRunStart: run.start,
      ...(run.replay === undefined ? {} : { partitions: run.replay.partitions }),
      functions,
      onRows,
      onDiagnostic,
    });
    for (const input of run.inputs)
      if (input.definition.kind === "reference")
        job.setReference(input.definition.alias, referenceRows(input));
    if (run.replay === undefined) {
      for (const input of run.inputs)
        if (input.definition.kind === "stream") job.push(input.definition.alias, 0, fileEvents(input));
    } else {
      for (const { input, partition, event } of run.replay.events) job.push(input, partition, [event]);
    }
    job.finish();
  } finally {
    functions.dispose();
  }
  return { diagnostics: compiled.diagnostics, outputs, events };
}

async function runParallel(
  run: LocalRun,
  compileOptions: CompileOptions,
  { workers, partitionKeys }: NonNullable<LocalRun["parallel"]>,
  takers: Pick<ParallelJobOptions, "onRows" | "onDiagnostic">,
): Promise<void> {
  const streams = run.inputs.filter(({ definition }) => definition.kind === "stream");
  const keys = new Map(Object.entries(partitionKeys).map(([alias, column]) => [alias.toLowerCase(), column]));
  const job = await createParallelJob({
    query: run.text,
    compile: compileOptions,
    functions: run.functions,
    ...(run.functionLimits === undefined ? {} : { functionLimits: run.functionLimits }),
    mode: "file",
    policies: unlimited,
    fileRunStart: run.start,
    partitions: Object.fromEntries(streams.map(({ definition: { alias } }) => [alias, shardCount])),
    partitionKeys,
    workers,
    ...takers,
  });
  try {
    const calls: Promise<void>[] = [];
    for (const input of run.inputs) {
      const { alias, kind } = input.definition;
      if (kind === "reference") calls.push(job.setReference(alias, referenceRows(input)));
    }
    for (const input of streams) {
      const { alias } = input.definition;
      const shards = shardsOf(fileEvents(input), keys.get(alias.toLowerCase()) ?? "PartitionId");
      for (const [shard, events] of shards.entries()) calls.push(job.push(alias, shard, events));
    }
    await Promise.all([...calls, job.finish()]);
  } finally {
    await job.close();
  }
}
