import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CompileDiagnostic, OutputRow } from "../../api";
import { AsaRecord } from "../../values";
import { AsaToolError } from "../errors";
import { formatOfFile, jsonLines, jsonLinesText } from "../formats";
import {
  defaultJobSettings,
  type InputDefinition,
  loadNearestProject,
  loadProject,
  localInputs,
  type Project,
  queryFileOf,
} from "../project";
import { type LoadedInput, loadInput, referenceRows, replayEvents, runQuery } from "../run";
import { readTextFile } from "../settings";
import { compareRows, type RowDifference } from "./compare";
import { compareDiagnostics } from "./compare-diagnostics";
import { type ExpectedOutput, readTestConfig, type TestCase, type TestConfig } from "./test-config";

export type OutputVerdict = "Matched" | "NotEqual" | "Missing" | "Unexpected" | "Unrequired";

export interface OutputResult {
  readonly alias: string;
  readonly verdict: OutputVerdict;
  /** Data file of the expected rows; undefined for an output that nobody expected. */
  readonly expectedFile: string | undefined;
  /** Where the rows of this run were written; undefined when there are none or no folder was given. */
  readonly file: string | undefined;
  readonly differences: readonly RowDifference[];
}

export interface CaseResult {
  readonly name: string;
  readonly passed: boolean;
  readonly outputs: readonly OutputResult[];
  /** Errors that kept the case from running, and wrong diagnostics. */
  readonly problems: readonly string[];
  readonly error: Error | undefined;
  readonly milliseconds: number;
}

/** What the cases of one configuration gave. */
export interface TestResult {
  readonly config: TestConfig;
  readonly script: string;
  readonly diagnostics: readonly CompileDiagnostic[];
  readonly cases: readonly CaseResult[];
}

/** Which cases run, over which project, and where their rows go. */
export interface TestOptions {
  /** Project file or folder; its query runs and `Script` is informative. */
  readonly project?: string;
  /** Where the rows of each case are written, one folder a case. */
  readonly outputFolder?: string;
  /** Only cases whose name contains this text. */
  readonly filter?: string;
  /** @default 1e-9 */
  readonly tolerance?: number;
  readonly dialect?: Readonly<Record<string, string | boolean | number>>;
  /** Clock of durations, in milliseconds. */
  readonly now: () => number;
}

/** Timestamp of events without TIMESTAMP BY, the same in every run so that results can be written down. */
const caseStart = 639_031_968_000_000_000n;

/**
 * Runs the cases of a test configuration.
 *
 * @throws {AsaToolError} when the configuration, the project or the query cannot be read
 */
export async function runTests(configFile: string, options: TestOptions): Promise<TestResult> {
  const config = readTestConfig(configFile);
  const named = options.project === undefined ? undefined : loadProject(options.project);
  const script = named !== undefined ? queryFileOf(named) : scriptOf(config);
  const project = named ?? loadNearestProject(dirname(script));
  const text = readTextFile(script);
  const cases: CaseResult[] = [];
  let diagnostics: readonly CompileDiagnostic[] = [];
  for (const testCase of config.cases) {
    if (options.filter !== undefined && !testCase.name.toLowerCase().includes(options.filter.toLowerCase()))
      continue;
    const started = options.now();
    const outcome = await runCase(testCase, { text, script, project, config, options });
    if (outcome.diagnostics.length > 0) diagnostics = outcome.diagnostics;
    cases.push({ ...outcome.result, milliseconds: options.now() - started });
  }
  return { config, script, diagnostics, cases };
}

function scriptOf(config: TestConfig): string {
  if (config.script !== undefined) return config.script;
  const project = loadNearestProject(dirname(config.file));
  if (project !== undefined) return queryFileOf(project);
  throw new AsaToolError("ASA_TEST_CONFIG_INVALID", "the test configuration names no query", {
    place: { file: config.file },
    hint: 'Set "Script" to the query\'s path, or keep the file inside a project.',
  });
}

interface CaseContext {
  readonly text: string;
  readonly script: string;
  readonly project: Project | undefined;
  readonly config: TestConfig;
  readonly options: TestOptions;
}

type CaseOutcome = {
  readonly result: Omit<CaseResult, "milliseconds">;
  readonly diagnostics: readonly CompileDiagnostic[];
};

async function runCase(testCase: TestCase, context: CaseContext): Promise<CaseOutcome> {
  const failed = (error: Error | undefined, diagnostics: readonly CompileDiagnostic[] = []): CaseOutcome => ({
    result: { name: testCase.name, passed: false, outputs: [], problems: [], error },
    diagnostics,
  });
  try {
    const inputs = await loadCaseInputs(testCase, context.project);
    const run = await runQuery({
      text: context.text,
      file: context.script,
      inputs,
      functions: context.project?.functions ?? [],
      foreignFunctions: context.project?.foreignFunctions ?? [],
      start: caseStart,
      ...(context.options.dialect === undefined ? {} : { dialect: context.options.dialect }),
      ...(testCase.mode === "replay" ? { replay: replayOf(testCase, inputs, context) } : {}),
    });
    if (run.diagnostics.some(({ severity }) => severity === "error"))
      return failed(undefined, run.diagnostics);
    const outputs = await judge(testCase, run.outputs, context.options);
    const problems = compareDiagnostics(testCase.expectedDiagnostics, run.events);
    const passed =
      problems.length === 0 &&
      outputs.every(({ verdict }) => verdict === "Matched" || verdict === "Unrequired");
    return {
      result: { name: testCase.name, passed, outputs, problems, error: undefined },
      diagnostics: run.diagnostics,
    };
  } catch (error) {
    return failed(error as Error);
  }
}

/** The case's inputs win over the project's; those of the project that have local data complete them. */
async function loadCaseInputs(testCase: TestCase, project: Project | undefined): Promise<LoadedInput[]> {
  const own = testCase.inputs.map(({ definition }) => definition);
  const aliases = new Set(own.map(({ alias }) => alias.toLowerCase()));
  const others = localInputs(project?.inputs ?? []).filter(
    (input) => input.data !== undefined && !aliases.has(input.alias.toLowerCase()),
  );
  const loaded: LoadedInput[] = [];
  for (const definition of own) loaded.push(await loadInput(declared(definition, project)));
  if (testCase.mode === "file") for (const definition of others) loaded.push(await loadInput(definition));
  return loaded;
}

/** A test input takes its delimiter from the project's definition of that alias when it names none itself. */
function declared(definition: InputDefinition, project: Project | undefined): InputDefinition {
  const known = localInputs(project?.inputs ?? []).find(
    ({ alias }) => alias.toLowerCase() === definition.alias.toLowerCase(),
  );
  if (known === undefined || known.serialization.format !== definition.serialization.format)
    return definition;
  const delimiter =
    definition.serialization.delimiter === ","
      ? known.serialization.delimiter
      : definition.serialization.delimiter;
  return { ...definition, serialization: { ...definition.serialization, delimiter } };
}

function replayOf(testCase: TestCase, inputs: readonly LoadedInput[], context: CaseContext) {
  const events = inputs.flatMap((input, index) => {
    if (input.definition.kind === "reference") return [];
    const replay = testCase.inputs[index]?.replay;
    if (replay?.arrivalField === undefined)
      throw new AsaToolError(
        "ASA_TEST_CONFIG_INVALID",
        `input "${input.definition.alias}" of replay case "${testCase.name}" has no "ArrivalField"`,
        {
          place: { file: context.config.file },
          hint: "Name the field of the data file that holds the arrival time.",
        },
      );
    return replayEvents(input, {
      arrivalField: replay.arrivalField,
      partitionField: replay.partitionField,
      partitions: replay.partitions,
    });
  });
  const partitions = Object.fromEntries(
    testCase.inputs.map(({ definition, replay }) => [definition.alias, replay.partitions]),
  );
  events.sort((a, b) => (a.event.arrival < b.event.arrival ? -1 : a.event.arrival > b.event.arrival ? 1 : 0));
  return { policies: (context.project?.settings ?? defaultJobSettings).policies, partitions, events };
}

async function judge(
  testCase: TestCase,
  outputs: ReadonlyMap<string, readonly OutputRow[]>,
  options: TestOptions,
): Promise<OutputResult[]> {
  const produced = new Map([...outputs].map(([name, rows]) => [name.toLowerCase(), { name, rows }]));
  const results: OutputResult[] = [];
  for (const expected of testCase.expected) {
    const actual = produced.get(expected.alias.toLowerCase());
    produced.delete(expected.alias.toLowerCase());
    const file = actual === undefined ? undefined : writeRows(testCase, actual.name, actual.rows, options);
    results.push(await judgeOne(expected, actual?.rows ?? [], file, options));
  }
  for (const { name, rows } of produced.values())
    results.push({
      alias: name,
      verdict: "Unexpected",
      expectedFile: undefined,
      file: writeRows(testCase, name, rows, options),
      differences: compareRows([], rows.map(recordOfRow)),
    });
  return results;
}

async function judgeOne(
  expected: ExpectedOutput,
  rows: readonly OutputRow[],
  file: string | undefined,
  options: TestOptions,
): Promise<OutputResult> {
  const base = { alias: expected.alias, expectedFile: expected.file, file };
  if (!expected.required) return { ...base, verdict: "Unrequired", differences: [] };
  const wanted = await expectedRows(expected);
  const differences = compareRows(wanted, rows.map(recordOfRow), {
    ignore: expected.ignoreFields,
    ...(options.tolerance === undefined ? {} : { tolerance: options.tolerance }),
  });
  if (differences.length === 0) return { ...base, verdict: "Matched", differences };
  return { ...base, verdict: rows.length === 0 ? "Missing" : "NotEqual", differences };
}

async function expectedRows({ alias, file }: ExpectedOutput): Promise<AsaRecord[]> {
  const loaded = await loadInput({
    alias,
    kind: "reference",
    role: "mock",
    serialization: { ...jsonLines, format: formatOfFile(file) ?? "json" },
    data: { kind: "file", file },
    source: undefined,
    eventHub: undefined,
    consumerGroup: undefined,
    contractColumns: undefined,
    file,
  });
  return referenceRows(loaded);
}

function recordOfRow({ columns, values }: OutputRow): AsaRecord {
  return new AsaRecord(columns, values);
}

function writeRows(
  testCase: TestCase,
  output: string,
  rows: readonly OutputRow[],
  { outputFolder }: TestOptions,
): string | undefined {
  if (outputFolder === undefined) return undefined;
  const fileName = (text: string): string => text.replaceAll(/[^\p{L}\p{N}._-]/gu, "_");
  const folder = join(outputFolder, fileName(testCase.name));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${fileName(output)}.json`);
  writeFileSync(file, jsonLinesText(rows));
  return file;
}
