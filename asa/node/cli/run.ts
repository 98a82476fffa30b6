import { join, resolve } from "node:path";
import type { OutputRow } from "../../api";
import { ticksFromUnixMillis } from "../../values";
import { AsaError } from "../engine";
import { AsaToolError } from "../errors";
import {
  formatNamed,
  formatOfFile,
  jsonLines,
  jsonLinesText,
  type Serialization,
  writeOutput,
} from "../formats";
import { defaultJobSettings, type InputDefinition, localInputs, type Project } from "../project";
import { type LoadedInput, type LocalRunResult, loadInput, replayEvents, runQuery } from "../run";
import { readTextFile } from "../settings";
import { type Arguments, usage } from "./arguments";
import type { CliContext, ExitCode } from "./context";
import { findingOf, findingOfError, findingText, shownPath } from "./findings";
import { findQuery } from "./queries";

export const runOptions = {
  project: { type: "string" },
  input: { type: "string", multiple: true },
  reference: { type: "string", multiple: true },
  output: { type: "string" },
  "output-format": { type: "string" },
  print: { type: "boolean" },
  start: { type: "string" },
  replay: { type: "string" },
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
  const inputs = await loadInputs(args, project, context.cwd);
  const arrivalField = args.text("replay");
  const workers = args.number("workers") ?? 0;
  if (workers > 0 && arrivalField !== undefined)
    throw usage(
      "--workers and --replay do not go together",
      "A replay is one partition: leave one of them out.",
    );
  const running = runQuery({
    text,
    file,
    inputs,
    functions: project?.functions ?? [],
    foreignFunctions: project?.foreignFunctions ?? [],
    start: startTicks(args.text("start"), context.now()),
    dialect: args.pairs("dialect"),
    ...(arrivalField === undefined ? {} : { replay: replayOf(inputs, arrivalField, project) }),
    ...(workers > 0 ? { parallel: { workers, partitionKeys: args.pairs("partition-key") } } : {}),
  });
  let result: LocalRunResult;
  try {
    result = await running;
  } catch (error) {
    context.err(`${findingText(findingOfError(error, context.cwd, { file, text }))}\n`);
    return error instanceof AsaError ? 1 : 2;
  }
  for (const diagnostic of result.diagnostics)
    context.err(`${findingText(findingOf(diagnostic, text, context.cwd))}\n`);
  if (result.diagnostics.some(({ severity }) => severity === "error")) return 1;
  for (const { kind, action, input, message } of result.events)
    context.err(`${input}: ${kind}, event ${action}: ${message}\n`);
  if (args.flag("print")) printRows(result.outputs, context);
  else await writeFiles(result.outputs, args, project, context);
  return 0;
}

async function loadInputs(
  args: Arguments,
  project: Project | undefined,
  cwd: string,
): Promise<LoadedInput[]> {
  const streams = fileInputs(args.pairs("input"), "stream", cwd, project);
  const references = fileInputs(args.pairs("reference"), "reference", cwd, project);
  const named = [...streams, ...references];
  const taken = new Set(named.map(({ alias }) => alias.toLowerCase()));
  const others = localInputs(project?.inputs ?? []).filter(
    ({ alias, data }) => !taken.has(alias.toLowerCase()) && data !== undefined,
  );
  const definitions = [...named, ...others];
  if (definitions.length === 0) {
    const [live] = project?.inputs ?? [];
    if (live !== undefined) return [await loadInput(live)];
    throw usage("the query has no local data", "Pass --input ALIAS=FILE for each input.");
  }
  const loaded: LoadedInput[] = [];
  for (const definition of definitions) loaded.push(await loadInput(definition));
  return loaded;
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

function replayOf(inputs: readonly LoadedInput[], arrivalField: string, project: Project | undefined) {
  const events = inputs
    .filter(({ definition }) => definition.kind === "stream")
    .flatMap((input) => replayEvents(input, { arrivalField, partitionField: undefined, partitions: 1 }));
  events.sort((a, b) => (a.event.arrival < b.event.arrival ? -1 : a.event.arrival > b.event.arrival ? 1 : 0));
  return { policies: (project?.settings ?? defaultJobSettings).policies, partitions: {}, events };
}

function startTicks(text: string | undefined, now: number): bigint {
  if (text === undefined) return ticksFromUnixMillis(now);
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw usage(`--start is "${text}"`, "Give an ISO 8601 time, such as 2026-01-05T08:00:00Z.");
  return ticksFromUnixMillis(ms);
}

function printRows(outputs: ReadonlyMap<string, readonly OutputRow[]>, context: CliContext): void {
  for (const [name, rows] of outputs) {
    if (outputs.size > 1) context.err(`${name}: ${rows.length} rows\n`);
    context.out(jsonLinesText(rows));
  }
}

async function writeFiles(
  outputs: ReadonlyMap<string, readonly OutputRow[]>,
  args: Arguments,
  project: Project | undefined,
  context: CliContext,
): Promise<void> {
  const stamp = new Date(context.now()).toISOString().replaceAll(/[-:T]|\..*/g, "");
  const folder = resolve(
    context.cwd,
    args.text("output") ?? join(project?.folder ?? context.cwd, "LocalRunOutputs", stamp),
  );
  if (outputs.size === 0) context.out("no output has rows\n");
  for (const [name, rows] of outputs) {
    const path = await writeOutput(folder, name, rows, serializationOf(name, args, project), context.now());
    context.out(`${name}: ${rows.length} rows in ${shownPath(path, context.cwd)}\n`);
  }
}

/** The official local run writes JSON lines whatever the output's format is; `project` asks for the real one. */
function serializationOf(name: string, args: Arguments, project: Project | undefined): Serialization {
  const format = args.text("output-format");
  if (format === undefined) return jsonLines;
  const known = project?.outputs.find(
    ({ alias }) => alias.toLowerCase() === name.toLowerCase(),
  )?.serialization;
  if (format.toLowerCase() === "project") return known ?? jsonLines;
  try {
    return { ...jsonLines, ...known, format: formatNamed(format, "--output-format") };
  } catch (error) {
    if (error instanceof AsaToolError) throw usage(error.message, error.hint ?? "");
    throw error;
  }
}
