import { join, resolve } from "node:path";
import type { OutputLines } from "../../api";
import { ticksFromUnixMillis } from "../../values";
import { AsaError, type LogicalPlan } from "../engine";
import { AsaToolError } from "../errors";
import { formatNamed, formatOfFile, jsonLines, type Serialization } from "../formats";
import { defaultJobSettings, type InputDefinition, localInputs, type Project } from "../project";
import { type LoadedInput, type LocalRun, loadInput, openInput, replayEvents, runQueryInto } from "../run";
import { readTextFile } from "../settings";
import { type Arguments, usage } from "./arguments";
import type { CliContext, ExitCode } from "./context";
import { findingOf, findingOfError, findingText } from "./findings";
import { FileOutputs, type OutputFiles, PrintedOutputs } from "./outputs";
import { DiagnosticReport, Progress } from "./progress";
import { findQuery } from "./queries";

export const runOptions = {
  project: { type: "string" },
  input: { type: "string", multiple: true },
  reference: { type: "string", multiple: true },
  output: { type: "string" },
  "output-format": { type: "string" },
  print: { type: "boolean" },
  start: { type: "string" },
  overwrite: { type: "boolean" },
  replay: { type: "string" },
  "partition-field": { type: "string" },
  partitions: { type: "string" },
  workers: { type: "string" },
  "partition-key": { type: "string", multiple: true },
  dialect: { type: "string", multiple: true },
} as const;

/** `asa run`: runs a query over local data files and writes its outputs. */
export async function run(args: Arguments, context: CliContext): Promise<ExitCode> {
  const { file, project } = findQuery(
    resolve(context.cwd, args.atMost(1).words[0] ?? "."),
    args.text("project"),
  );
  const text = readTextFile(file);
  const definitions = inputDefinitions(args, project, context.cwd);
  const workers = args.whole("workers") ?? 0;
  const replay = await replayOf(args, definitions, project, workers);
  const inputs = replay?.inputs ?? definitions.map(openInput);
  const outputs = args.flag("print")
    ? new PrintedOutputs(context)
    : new FileOutputs(filesOf(args, project, context), context);
  const progress = new Progress(inputs, context);
  const report = new DiagnosticReport(context);
  const lines = (some: OutputLines): void => outputs.lines(some);
  let compiled = true;
  try {
    await runQueryInto(
      {
        text,
        file,
        inputs,
        functions: project?.functions ?? [],
        foreignFunctions: project?.foreignFunctions ?? [],
        start: startTicks(args.text("start"), context.now()),
        dialect: args.pairs("dialect"),
        ...(replay === undefined ? {} : { replay: replay.replay }),
        ...(workers > 0 ? { parallel: { workers, partitionKeys: args.pairs("partition-key") } } : {}),
      },
      {
        onCompiled(plan, diagnostics) {
          compiled = plan !== null;
          for (const diagnostic of diagnostics)
            context.err(`${findingText(findingOf(diagnostic, text, context.cwd))}\n`);
          if (plan !== null) checkAliases(args, plan);
          if (plan !== null) outputs.begin(plan.outputs.map(({ name }) => name));
        },
        onRows: (rows) => outputs.rows(rows),
        get onLines() {
          return outputs.takesLines && workers === 0 ? lines : undefined;
        },
        onDiagnostic: (diagnostic) => report.add(diagnostic),
        onRead: (bytes, again) => progress.read(bytes, again),
      },
    );
    progress.end();
    report.end();
    if (compiled) await outputs.end();
    return compiled ? 0 : 1;
  } catch (error) {
    progress.end();
    report.end();
    outputs.abort();
    context.err(`${findingText(findingOfError(error, context.cwd, { file, text }))}\n`);
    return error instanceof AsaError ? 1 : 2;
  }
}

/** Data for an input that the query does not read would be left out without a word. */
function checkAliases(args: Arguments, { relations }: LogicalPlan): void {
  const read = relations.flatMap((relation) =>
    relation.kind === "stream-input" || relation.kind === "reference-input" ? [relation.input] : [],
  );
  const folded = new Set(read.map((alias) => alias.toLowerCase()));
  for (const option of ["input", "reference", "partition-key"])
    for (const alias of Object.keys(args.pairs(option)))
      if (!folded.has(alias.toLowerCase()))
        throw usage(
          `--${option} names "${alias}", which the query does not read`,
          `Its inputs are: ${[...new Set(read)].join(", ")}.`,
        );
}

/** The inputs with local data: those that the command line names, and all others of the project. */
function inputDefinitions(args: Arguments, project: Project | undefined, cwd: string): InputDefinition[] {
  const streams = fileInputs(args.pairs("input"), "stream", cwd, project);
  const references = fileInputs(args.pairs("reference"), "reference", cwd, project);
  const named = [...streams, ...references];
  const taken = new Set(named.map(({ alias }) => alias.toLowerCase()));
  const others = localInputs(project?.inputs ?? []).filter(
    ({ alias, data }) => !taken.has(alias.toLowerCase()) && data !== undefined,
  );
  const definitions = [...named, ...others];
  if (definitions.length > 0) return definitions;
  const [live] = project?.inputs ?? [];
  if (live !== undefined) return [live];
  throw usage("the query has no local data", "Pass --input ALIAS=FILE for each input.");
}

/** Inputs that the command line names, with the format and alias of the project's definition where there is one. */
export function fileInputs(
  pairs: Readonly<Record<string, string>>,
  kind: "stream" | "reference",
  cwd: string,
  project: Project | undefined,
): InputDefinition[] {
  return Object.entries(pairs).map(([alias, path]) => {
    const known = project?.inputs.find((input) => input.alias.toLowerCase() === alias.toLowerCase());
    const file = resolve(cwd, path);
    const base = known?.serialization ?? jsonLines;
    return {
      alias: known?.alias ?? alias,
      kind: known?.kind ?? kind,
      role: "mock",
      serialization: {
        ...base,
        format: formatOfFile(file) ?? base.format,
        delimiter: /\.tsv(\.|$)/i.test(file) ? "\t" : base.delimiter,
      },
      data: { kind: "file", file },
      source: undefined,
      eventHub: undefined,
      consumerGroup: undefined,
      contractColumns: undefined,
      file,
    };
  });
}

/** The events of a replay by arrival, and the inputs that they come from; undefined for a file run. */
async function replayOf(
  args: Arguments,
  definitions: readonly InputDefinition[],
  project: Project | undefined,
  workers: number,
): Promise<{ inputs: readonly LoadedInput[]; replay: NonNullable<LocalRun["replay"]> } | undefined> {
  const arrivalField = args.text("replay");
  const partitionField = args.text("partition-field");
  const partitions = args.whole("partitions") ?? (partitionField === undefined ? 1 : 16);
  if (arrivalField === undefined) {
    if (partitionField === undefined && args.text("partitions") === undefined) return undefined;
    throw usage(
      "--partition-field and --partitions belong to a replay",
      "Name the arrival time with --replay FIELD.",
    );
  }
  if (partitions < 1 || partitions > 1024)
    throw usage(`--partitions is "${partitions}"`, "Give a whole number from 1 to 1024.");
  if (workers > 0 && partitionField === undefined)
    throw usage(
      "--workers needs the partitions of a replay",
      "Name their field with --partition-field. Within one partition an event is late or out of order beside all " +
        "events before it, so that threads with some of the events each would keep what the job drops.",
    );
  const inputs: LoadedInput[] = [];
  for (const definition of definitions) inputs.push(await loadInput(definition));
  const streams = inputs.filter(({ definition }) => definition.kind === "stream");
  const events = streams.flatMap((input) =>
    replayEvents(input, { arrivalField, partitionField, partitions }),
  );
  events.sort((a, b) => (a.event.arrival < b.event.arrival ? -1 : a.event.arrival > b.event.arrival ? 1 : 0));
  return {
    inputs,
    replay: {
      policies: (project?.settings ?? defaultJobSettings).policies,
      partitions: Object.fromEntries(streams.map(({ definition: { alias } }) => [alias, partitions])),
      events,
    },
  };
}

function startTicks(text: string | undefined, now: number): bigint {
  if (text === undefined) return ticksFromUnixMillis(now);
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw usage(`--start is "${text}"`, "Give an ISO 8601 time, such as 2026-01-05T08:00:00Z.");
  return ticksFromUnixMillis(ms);
}

/** Where the files of a run go, and in which formats. */
function filesOf(args: Arguments, project: Project | undefined, context: CliContext): OutputFiles {
  const stamp = new Date(context.now()).toISOString().replaceAll(/[-:T]|\..*/g, "");
  return {
    folder: resolve(
      context.cwd,
      args.text("output") ?? join(project?.folder ?? context.cwd, "LocalRunOutputs", stamp),
    ),
    replace: args.flag("overwrite"),
    serializationOf: serializations(args.text("output-format"), project),
  };
}

/** The official local run writes JSON lines whatever the output's format is; `project` asks for the real one. */
function serializations(
  format: string | undefined,
  project: Project | undefined,
): (output: string) => Serialization {
  if (format === undefined) return () => jsonLines;
  const known = (name: string): Serialization | undefined =>
    project?.outputs.find(({ alias }) => alias.toLowerCase() === name.toLowerCase())?.serialization;
  if (format.toLowerCase() === "project") return (name) => known(name) ?? jsonLines;
  try {
    const chosen = formatNamed(format, "--output-format");
    return (name) => ({ ...jsonLines, ...known(name), format: chosen });
  } catch (error) {
    if (error instanceof AsaToolError) throw usage(error.message, error.hint ?? "");
    throw error;
  }
}
