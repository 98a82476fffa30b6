import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { FunctionDeclaration, InputDeclaration } from "../../api";
import { AsaToolError } from "../errors";
import { findProjectFile, type ProjectItemKind, type ProjectList, readProjectList } from "./asaproj";
import { type ForeignFunction, type FunctionDefinition, readFunction } from "./functions";
import { type InputDefinition, readInput } from "./inputs";
import { defaultJobSettings, type JobSettings, readJobConfig } from "./job-config";
import { type OutputDefinition, readOutput } from "./outputs";

/** An official Stream Analytics project folder, read whole. */
export interface Project {
  readonly name: string;
  readonly folder: string;
  /** The project file. */
  readonly file: string;
  /** Absolute path of the query; undefined when the project names none. */
  readonly query: string | undefined;
  readonly settings: JobSettings;
  /** Live and mock definitions; one alias may occur as both. */
  readonly inputs: readonly InputDefinition[];
  readonly outputs: readonly OutputDefinition[];
  readonly functions: readonly FunctionDefinition[];
  readonly foreignFunctions: readonly ForeignFunction[];
}

/**
 * Reads a project of either generation; `path` is its folder or its project file. Empty definition files are skipped.
 *
 * @throws {AsaToolError} with a code that names the file's kind and the file's place
 */
export function loadProject(path: string): Project {
  const list = readProjectList(path);
  const files = (kind: ProjectItemKind): string[] =>
    list.items.filter((item) => item.kind === kind).map((item) => item.file);
  const functions: FunctionDefinition[] = [];
  const foreignFunctions: ForeignFunction[] = [];
  for (const { file, kind } of functionItems(list)) {
    const definition = readFunction(file, kind);
    if (definition === undefined) continue;
    if ("reason" in definition) foreignFunctions.push(definition);
    else if (!functions.some((known) => sameName(known.name, definition.name))) functions.push(definition);
  }
  const jobConfig = files("JobConfig")[0];
  return {
    name: list.name,
    folder: list.folder,
    file: list.file,
    query: list.startFile ?? onlyQuery(list.folder),
    settings: jobConfig === undefined ? unlistedJobConfig(list.folder) : readJobConfig(jobConfig),
    inputs: [...files("InputMock"), ...files("Input")]
      .map(readInput)
      .filter((input): input is InputDefinition => input !== undefined),
    outputs: files("Output")
      .map(readOutput)
      .filter((output): output is OutputDefinition => output !== undefined),
    functions,
    foreignFunctions,
  };
}

/** Reads the project at or above a folder; undefined when there is none. */
export function loadNearestProject(start: string): Project | undefined {
  const file = findProjectFile(start);
  return file === undefined ? undefined : loadProject(file);
}

/** The query of a project. @throws {AsaToolError} ASA_PROJECT_INVALID, ASA_FILE_NOT_FOUND */
export function queryFileOf(project: Project): string {
  if (project.query === undefined)
    throw new AsaToolError("ASA_PROJECT_INVALID", `project "${project.name}" names no query`, {
      place: { file: project.file },
      hint: 'Set "startFile" to the .asaql file.',
    });
  if (!existsSync(project.query))
    throw new AsaToolError("ASA_FILE_NOT_FOUND", `query "${basename(project.query)}" does not exist`, {
      place: { file: project.file },
      hint: 'Correct "startFile" in the project file.',
    });
  return project.query;
}

/** The inputs as the compiler wants them: one declaration per alias, none when the project lists no input. */
export function inputDeclarations(inputs: readonly InputDefinition[]): InputDeclaration[] {
  const byAlias = new Map<string, InputDeclaration>();
  for (const { alias, kind, contractColumns } of inputs) {
    const key = alias.toLowerCase();
    const known = byAlias.get(key);
    if (known === undefined || (known.contractColumns === undefined && contractColumns !== undefined))
      byAlias.set(key, { alias, kind, ...(contractColumns === undefined ? {} : { contractColumns }) });
  }
  return [...byAlias.values()];
}

/** Returns what the compiler needs to know of a project's functions. */
export function functionDeclarations(functions: readonly FunctionDefinition[]): FunctionDeclaration[] {
  return functions.map(({ name, kind, outputType }) => ({ name, kind, outputType }));
}

/** Local stand-ins win over live definitions of the same alias. */
export function localInputs(inputs: readonly InputDefinition[]): InputDefinition[] {
  const byAlias = new Map<string, InputDefinition>();
  for (const input of inputs) {
    const key = input.alias.toLowerCase();
    const known = byAlias.get(key);
    if (known === undefined || (known.data === undefined && input.data !== undefined))
      byAlias.set(key, input);
  }
  return [...byAlias.values()];
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The listed functions, and scripts of the Functions folder that a hand-written list left out. */
function functionItems(list: ProjectList): { readonly file: string; readonly kind: ProjectItemKind }[] {
  const kinds: readonly ProjectItemKind[] = ["JSFunction", "CSharpFunction", "MLFunction"];
  const listed = list.items.filter((item) => kinds.includes(item.kind));
  if (listed.length > 0) return listed;
  const folder = join(list.folder, "Functions");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.js$/i.test(name))
    .sort()
    .map((name) => ({ file: join(folder, name), kind: "JSFunction" as const }));
}

function unlistedJobConfig(folder: string): JobSettings {
  const file = join(folder, "JobConfig.json");
  return existsSync(file) ? readJobConfig(file) : defaultJobSettings;
}

/** A folder with a single query needs no startFile. */
function onlyQuery(folder: string): string | undefined {
  const queries = readdirSync(folder).filter((name) => /\.asaql$/i.test(name));
  return queries.length === 1 ? join(folder, queries[0] as string) : undefined;
}
