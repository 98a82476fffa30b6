import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CompileOptions,
  compile,
  formatDiagnostic,
  type LogicalPlan,
  type TimePolicies,
} from "../../asa";
import {
  createFunctionHost,
  functionDeclarations,
  type JavaScriptFunctionHost,
  loadProject,
  queryFileOf,
} from "../../asa/node";
import { jobNamed, type StreamJob } from "../../contracts";
import type { JobSource } from "./live-job";

/** A released job, compiled, with the policies of its JobConfig.json. */
export interface LoadedJob {
  readonly definition: StreamJob;
  readonly plan: LogicalPlan;
  readonly policies: TimePolicies;
  /** Runs the job's JavaScript functions; undefined when it has none. */
  readonly functions: JavaScriptFunctionHost | undefined;
  /** What worker threads compile the same job from. */
  readonly source: JobSource;
}

/**
 * Compiles a job of the topology from its project folder.
 * @throws Error with the compiler's findings when the query is not accepted
 */
export async function loadJob(repositoryDir: string, name: string, version: string): Promise<LoadedJob> {
  const definition = jobNamed(name, version);
  const project = loadProject(join(repositoryDir, definition.folder));
  const file = queryFileOf(project);
  const text = readFileSync(file, "utf8");
  const options: CompileOptions = {
    file: join(definition.folder, file.slice(project.folder.length + 1)),
    inputs: definition.inputs.map(({ alias }) => ({ alias, kind: "stream" })),
    outputs: definition.outputs.map(({ alias }) => alias),
    functions: functionDeclarations(project.functions),
  };
  const { diagnostics, plan } = compile(text, options);
  if (plan === null) {
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    throw new Error(errors.map((diagnostic) => formatDiagnostic(diagnostic, text)).join("\n"));
  }
  const functions = project.functions.length === 0 ? undefined : await createFunctionHost(project.functions);
  const source = { query: text, compile: options, functions: project.functions };
  return { definition, plan, policies: project.settings.policies, functions, source };
}
