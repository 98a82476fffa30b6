import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { AsaToolError } from "../errors";
import { type InputDefinition, inputOf, isWindowsAbsolute, resolveProjectPath } from "../project";
import { readSettings, type Settings } from "../settings";

/** How the events of an input reach a case in replay mode. */
export interface ReplayInput {
  /** Field with the arrival time; undefined: events arrive at the moment that `TIMESTAMP BY` reads. */
  readonly arrivalField: string | undefined;
  /** Field with the partition's number; undefined: all in partition 0. */
  readonly partitionField: string | undefined;
  readonly partitions: number;
}

export interface TestInput {
  readonly definition: InputDefinition;
  readonly replay: ReplayInput;
}

export interface ExpectedOutput {
  readonly alias: string;
  readonly file: string;
  readonly ignoreFields: readonly string[];
  readonly required: boolean;
}

/** An event that a replay case wants to see dropped or adjusted. */
export interface ExpectedDiagnostic {
  readonly kind: string;
  readonly action: string | undefined;
  readonly input: string | undefined;
  /** Fields of the event that must be equal, as JSON text of each value. */
  readonly event: ReadonlyMap<string, unknown>;
}

export interface TestCase {
  readonly name: string;
  /** `file`: as the official tool runs it; `replay`: ordering policies apply to given arrival times. */
  readonly mode: "file" | "replay";
  readonly inputs: readonly TestInput[];
  readonly expected: readonly ExpectedOutput[];
  /** Undefined: not checked. */
  readonly expectedDiagnostics: readonly ExpectedDiagnostic[] | undefined;
}

/** The official test configuration, with the extensions for replay cases. */
export interface TestConfig {
  readonly file: string;
  /** Absolute path of the query as `Script` names it; undefined when it names none that exists here. */
  readonly script: string | undefined;
  readonly cases: readonly TestCase[];
}

/**
 * Reads testConfig.json; paths in it are relative to the file.
 *
 * @throws {AsaToolError} ASA_TEST_CONFIG_INVALID, ASA_JSON_INVALID, ASA_FILE_NOT_FOUND
 */
export function readTestConfig(file: string): TestConfig {
  const settings = readSettings(file, "ASA_TEST_CONFIG_INVALID");
  if (settings === undefined)
    throw new AsaToolError("ASA_TEST_CONFIG_INVALID", "the test configuration is empty", {
      place: { file },
      hint: 'It needs "Script" and "TestCases".',
    });
  const folder = dirname(file);
  const cases = settings.list("TestCases");
  if (cases === undefined)
    throw settings.error('the test configuration has no "TestCases"', "Add at least one test case.");
  const names = new Set<string>();
  return {
    file,
    script: scriptOf(settings, folder),
    cases: cases.map((entry, index) => {
      const testCase = caseOf(settings.of(entry, `test case ${index + 1}`), folder, index);
      if (names.has(testCase.name))
        throw settings.error(
          `two test cases are called "${testCase.name}"`,
          "Give each case a name of its own.",
        );
      names.add(testCase.name);
      return testCase;
    }),
  };
}

/** The official tool writes an absolute path; on another machine the query beside it is meant. */
function scriptOf(settings: Settings, folder: string): string | undefined {
  const script = settings.text("Script");
  if (script === undefined) return undefined;
  if (!isWindowsAbsolute(script)) {
    const file = resolveProjectPath(folder, script);
    if (existsSync(file)) return file;
  }
  const name = script.replaceAll("\\", "/").split("/").at(-1) as string;
  for (const place of [resolveProjectPath(folder, name), resolveProjectPath(dirname(folder), name)])
    if (existsSync(place)) return place;
  if (isWindowsAbsolute(script)) return undefined;
  throw settings.error(`script "${script}" does not exist`, 'Correct "Script"; it is relative to this file.');
}

function caseOf(settings: Settings, folder: string, index: number): TestCase {
  const name = settings.text("Name") ?? `Case ${index + 1}`;
  const mode = settings.text("Mode")?.toLowerCase() ?? "file";
  if (mode !== "file" && mode !== "replay")
    throw settings.error(`mode "${mode}" of case "${name}" does not exist`, 'Use "file" or "replay".');
  const inputs = (settings.list("Inputs") ?? []).map((entry, number) =>
    testInput(settings.of(entry, `input ${number + 1} of case "${name}"`), settings, folder, name),
  );
  const aliases = new Set<string>();
  for (const { definition } of inputs) {
    const alias = definition.alias.toLowerCase();
    if (aliases.has(alias))
      throw settings.error(
        `case "${name}" has two inputs "${definition.alias}"`,
        "Merge their data into one file.",
      );
    aliases.add(alias);
  }
  return {
    name,
    mode,
    inputs,
    expected: (settings.list("ExpectedOutputs") ?? []).map((entry, number) =>
      expectedOutput(settings.of(entry, `expected output ${number + 1} of case "${name}"`), folder, name),
    ),
    expectedDiagnostics: settings
      .list("ExpectedDiagnostics")
      ?.map((entry, number) =>
        expectedDiagnostic(settings.of(entry, `expected diagnostic ${number + 1} of case "${name}"`), name),
      ),
  };
}

function testInput(settings: Settings, testCase: Settings, folder: string, name: string): TestInput {
  const definition = inputOf(settings, folder);
  if (definition.data === undefined)
    throw settings.error(
      `input "${definition.alias}" of case "${name}" has no "FilePath"`,
      "Name its data file.",
    );
  const partitions = settings.integer("Partitions") ?? testCase.integer("Partitions") ?? 1;
  if (partitions < 1 || partitions > 1024)
    throw settings.error(`"Partitions" of case "${name}" is ${partitions}`, "Use 1 to 1024.");
  return {
    definition,
    replay: {
      arrivalField: settings.text("ArrivalField") ?? testCase.text("ArrivalField"),
      partitionField: settings.text("PartitionField") ?? testCase.text("PartitionField"),
      partitions,
    },
  };
}

function expectedOutput(settings: Settings, folder: string, name: string): ExpectedOutput {
  const what = `an expected output of case "${name}"`;
  return {
    alias: settings.requiredText(what, "OutputAlias", "Name"),
    file: resolveProjectPath(folder, settings.requiredText(what, "FilePath")),
    ignoreFields: (settings.list("IgnoreFields") ?? []).map(String),
    required: settings.boolean("Required") ?? true,
  };
}

function expectedDiagnostic(settings: Settings, name: string): ExpectedDiagnostic {
  const event = settings.get("Event");
  return {
    kind: settings.requiredText(`an expected diagnostic of case "${name}"`, "Kind"),
    action: settings.text("Action")?.toLowerCase(),
    input: settings.text("InputAlias"),
    event: new Map(Object.entries((event ?? {}) as Record<string, unknown>)),
  };
}
