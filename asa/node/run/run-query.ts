import type {
  CompileDiagnostic,
  CompileOptions,
  InputEvent,
  OutputLines,
  OutputRow,
  RuntimeDiagnostic,
  TimePolicies,
} from "../../api";
import { compile, createJob, disorderMeter, type LogicalPlan } from "../engine";
import { createFunctionHost, type FunctionLimits } from "../functions";
import { createParallelJob, type ParallelJob } from "../parallel";
import type { ForeignFunction, FunctionDefinition } from "../project";
import { type ReplayEvent, referenceRows } from "./events";
import { feed } from "./feed";
import { foreignCall } from "./foreign-call";
import { shardCount, shardsOf, shardsOfLines } from "./shards";
import { type InputSource, loadInput } from "./source";

/** A query with all it needs to run on this machine. */
export interface LocalRun {
  readonly text: string;
  /** The query's file, for messages. */
  readonly file: string;
  readonly inputs: readonly InputSource[];
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
   * Runs on worker threads. Events of a file run are dealt out by the column named for each input (default PartitionId);
   * those of a replay have their partitions. Rows of the same time may come in another order than without.
   */
  readonly parallel?: {
    readonly workers: number;
    readonly partitionKeys: Readonly<Record<string, string>>;
  };
  /** Files that have at least so many bytes together are read twice, so that rows need not wait for their end. @default 32 MiB */
  readonly readTwiceFrom?: number;
}

/** Takes what a run gives, as it comes. */
export interface LocalRunTakers {
  /** Called once, before any row; rows follow only when no finding is an error. */
  readonly onCompiled?: (plan: LogicalPlan | null, diagnostics: readonly CompileDiagnostic[]) => void;
  readonly onRows: (rows: readonly OutputRow[]) => void;
  /** Takes rows as JSON lines in place of `onRows`, where the run can give them so. Asked for after `onCompiled`. */
  readonly onLines?: ((lines: OutputLines) => void) | undefined;
  /** Dropped and adjusted events. */
  readonly onDiagnostic: (diagnostic: RuntimeDiagnostic) => void;
  /** Bytes of data files that were read; `again`: by the second reading. */
  readonly onRead?: (bytes: number, again: boolean) => void;
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

/**
 * Compiles a query, runs it over local data to the end of input, and collects all that it gives.
 *
 * @throws {AsaToolError} for unusable functions and data, and when a function fails while the job runs
 */
export async function runQuery(run: LocalRun): Promise<LocalRunResult> {
  const outputs = new Map<string, OutputRow[]>();
  const events: RuntimeDiagnostic[] = [];
  const onRows = (rows: readonly OutputRow[]): void => {
    for (const row of rows) {
      const known = outputs.get(row.output);
      if (known === undefined) outputs.set(row.output, [row]);
      else known.push(row);
    }
  };
  const diagnostics = await runQueryInto(run, { onRows, onDiagnostic: (event) => events.push(event) });
  return { diagnostics, outputs, events };
}

/**
 * Compiles a query and runs it over local data to the end of input, handing over what it gives.
 *
 * @returns errors and warnings of the compiler
 * @throws {AsaToolError} for unusable functions and data, and when a function fails while the job runs
 */
export async function runQueryInto(
  run: LocalRun,
  takers: LocalRunTakers,
): Promise<readonly CompileDiagnostic[]> {
  const compileOptions: CompileOptions = {
    file: run.file,
    inputs: run.inputs.map(({ definition: { alias, kind } }) => ({ alias, kind })),
    functions: run.functions.map(({ name, kind, outputType }) => ({ name, kind, outputType })),
    purpose: "local",
    ...(run.dialect === undefined ? {} : { dialect: run.dialect }),
  };
  const { plan, diagnostics } = compile(run.text, compileOptions);
  const foreign = foreignCall(run.text, run.foreignFunctions);
  if (foreign !== undefined) throw foreign;
  takers.onCompiled?.(plan, diagnostics);
  if (plan !== null) {
    const sources = await sourcesOf(run, plan, takers);
    await (run.parallel === undefined
      ? runHere(run, plan, sources, takers)
      : runOnThreads(run, run.parallel, compileOptions, sources, takers));
  }
  return diagnostics;
}

const unlimited: TimePolicies = {
  lateToleranceTicks: null,
  outOfOrderToleranceTicks: null,
  policy: "adjust",
};

/** The rows of reference inputs, the stream inputs, and how their events are put in order. */
interface Sources {
  readonly references: readonly { readonly alias: string; readonly rows: ReturnType<typeof referenceRows> }[];
  readonly streams: readonly InputSource[];
  readonly mode: "file" | "replay";
  readonly policies: TimePolicies;
  /** See `FeedOptions.reached`. */
  readonly reached?: ReadonlyMap<InputSource, readonly number[]> | undefined;
  readonly onRead?: ((bytes: number) => void) | undefined;
}

const readTwiceFrom = 32 << 20;

async function sourcesOf(run: LocalRun, plan: LogicalPlan, takers: LocalRunTakers): Promise<Sources> {
  const references: { alias: string; rows: ReturnType<typeof referenceRows> }[] = [];
  for (const { definition } of run.inputs) {
    if (definition.kind !== "reference") continue;
    const loaded = await loadInput(definition);
    for (const diagnostic of loaded.diagnostics) takers.onDiagnostic(diagnostic);
    references.push({ alias: definition.alias, rows: referenceRows(loaded) });
  }
  const read = new Set(
    plan.relations.flatMap((each) => (each.kind === "stream-input" ? [each.input.toLowerCase()] : [])),
  );
  const streams = run.inputs.filter(
    ({ definition: { kind, alias } }) => kind === "stream" && read.has(alias.toLowerCase()),
  );
  if (run.replay !== undefined) return { references, streams, mode: "replay", policies: run.replay.policies };
  const { onRead } = takers;
  const meter = isLarge(streams, run.readTwiceFrom ?? readTwiceFrom) ? disorderMeter(plan) : null;
  if (meter === null)
    return {
      references,
      streams,
      mode: "file",
      policies: unlimited,
      onRead: (bytes) => onRead?.(bytes, false),
    };
  const reached = new Map(streams.map((source) => [source, [] as number[]]));
  await feed(streams, meter, { onRead: (bytes) => onRead?.(bytes, false) }, (source) =>
    reached.get(source)!.push(meter.reached(source.definition.alias)),
  );
  const { ticks } = meter;
  const sources = { references, streams, onRead: (bytes: number) => onRead?.(bytes, true) };
  if (ticks === null) return { ...sources, mode: "file", policies: unlimited };
  // Nothing is early, late or out of order, and so nothing is dropped or adjusted.
  const policies: TimePolicies = {
    lateToleranceTicks: null,
    outOfOrderToleranceTicks: ticks,
    policy: "adjust",
    earlyToleranceTicks: 1n << 62n,
  };
  return { ...sources, mode: "replay", policies, reached };
}

function isLarge(streams: readonly InputSource[], least: number): boolean {
  let sum = 0;
  for (const { bytes } of streams) {
    if (bytes === null) return false;
    sum += bytes;
  }
  return sum >= least;
}

async function runHere(
  run: LocalRun,
  plan: LogicalPlan,
  sources: Sources,
  { onRows, onLines, onDiagnostic }: LocalRunTakers,
): Promise<void> {
  const functions = await createFunctionHost(run.functions, run.functionLimits);
  try {
    const job = createJob(plan, {
      mode: sources.mode,
      policies: sources.policies,
      fileRunStart: run.start,
      ...(run.replay === undefined ? {} : { partitions: run.replay.partitions }),
      functions,
      onRows,
      ...(onLines === undefined ? {} : { onLines }),
      onDiagnostic,
    });
    for (const { alias, rows } of sources.references) job.setReference(alias, rows);
    if (run.replay !== undefined) {
      for (const { input, partition, event } of run.replay.events) job.push(input, partition, [event]);
    } else {
      // Events without TIMESTAMP BY have the moment of the run, however the job is told.
      const arrival = run.start;
      await feed(
        sources.streams,
        {
          push: (input, events) =>
            job.push(
              input,
              0,
              events.map(({ body }) => ({ body, arrival })),
            ),
          pushLines: (input, lines) => job.pushLines(input, 0, lines, arrival),
        },
        { ...sources, onDiagnostic },
      );
    }
    job.finish();
  } finally {
    functions.dispose();
  }
}

async function runOnThreads(
  run: LocalRun,
  { workers, partitionKeys }: NonNullable<LocalRun["parallel"]>,
  compileOptions: CompileOptions,
  sources: Sources,
  { onRows, onDiagnostic }: LocalRunTakers,
): Promise<void> {
  const { streams } = sources;
  const job = await createParallelJob({
    query: run.text,
    compile: compileOptions,
    functions: run.functions,
    ...(run.functionLimits === undefined ? {} : { functionLimits: run.functionLimits }),
    mode: sources.mode,
    policies: sources.policies,
    fileRunStart: run.start,
    partitions:
      run.replay?.partitions ??
      Object.fromEntries(streams.map(({ definition: { alias } }) => [alias, shardCount])),
    partitionKeys,
    workers,
    onRows,
    onDiagnostic,
  });
  try {
    const calls = new CallsInFlight(workers * 2 * shardCount);
    for (const { alias, rows } of sources.references) await calls.add(job.setReference(alias, rows));
    if (run.replay !== undefined) await pushReplay(job, run.replay.events, calls);
    else {
      const keys = new Map(
        Object.entries(partitionKeys).map(([alias, column]) => [alias.toLowerCase(), column]),
      );
      const column = (input: string): string => keys.get(input.toLowerCase()) ?? "PartitionId";
      const deal = async (input: string, shards: readonly (readonly InputEvent[])[]): Promise<void> => {
        for (const [shard, events] of shards.entries())
          if (events.length > 0)
            await calls.add(
              job.push(
                input,
                shard,
                events.map(({ body }) => ({ body, arrival: run.start })),
              ),
            );
      };
      await feed(
        streams,
        {
          push: (input, events) => deal(input, shardsOf(events, column(input))),
          pushLines: (input, lines) => deal(input, shardsOfLines(lines, column(input))),
        },
        { ...sources, onDiagnostic },
      );
    }
    await calls.add(job.finish());
    await calls.all();
  } finally {
    await job.close();
  }
}

/** Events of one partition that follow each other go in one call. */
async function pushReplay(
  job: ParallelJob,
  events: readonly ReplayEvent[],
  calls: CallsInFlight,
): Promise<void> {
  const batch = 1000;
  for (let from = 0; from < events.length; from += batch) {
    const groups = new Map<string, ReplayEvent[]>();
    for (const event of events.slice(from, from + batch)) {
      const key = `${event.partition} ${event.input}`;
      const known = groups.get(key);
      if (known === undefined) groups.set(key, [event]);
      else known.push(event);
    }
    for (const group of groups.values()) {
      const { input, partition } = group[0]!;
      await calls.add(
        job.push(
          input,
          partition,
          group.map(({ event }) => event),
        ),
      );
    }
  }
}

/** Calls of a parallel job under way: enough that every thread has work, and no more. */
class CallsInFlight {
  private readonly most: number;
  private readonly open: Promise<void>[] = [];

  constructor(most: number) {
    this.most = most;
  }

  async add(call: Promise<void>): Promise<void> {
    // An error is thrown where the call is waited for.
    call.catch(() => {});
    this.open.push(call);
    while (this.open.length > this.most) await this.open.shift();
  }

  async all(): Promise<void> {
    await Promise.all(this.open.splice(0));
  }
}
