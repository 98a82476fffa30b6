import { resolve } from "node:path";
import { compile } from "../engine";
import { functionDeclarations, inputDeclarations } from "../project";
import { foreignCall } from "../run";
import { readTextFile } from "../settings";
import { type Arguments, usage } from "./arguments";
import type { CliContext, ExitCode } from "./context";
import { type Finding, findingOf, findingOfError } from "./findings";
import { findQueries, type QueryTarget } from "./queries";
import { writeFindings } from "./report";

export const checkOptions = {
  project: { type: "string" },
  format: { type: "string" },
  report: { type: "string" },
  dialect: { type: "string", multiple: true },
  "warnings-as-errors": { type: "boolean" },
} as const;

/** `asa check`: compiles queries as the service would and reports every finding. */
export async function check(args: Arguments, context: CliContext): Promise<ExitCode> {
  const paths = args.words.length === 0 ? ["."] : args.words;
  const format = args.choice("format", ["text", "sarif", "junit"]);
  const dialect = args.pairs("dialect");
  const projectPath = args.text("project");
  const findings: Finding[] = [];
  const checked: string[] = [];
  for (const path of paths) {
    let targets: readonly QueryTarget[];
    try {
      targets = findQueries(resolve(context.cwd, path), projectPath && resolve(context.cwd, projectPath));
    } catch (error) {
      findings.push(findingOfError(error, context.cwd));
      continue;
    }
    for (const target of targets) {
      checked.push(target.file);
      try {
        findings.push(...checkQuery(target, dialect, context.cwd));
      } catch (error) {
        findings.push(findingOfError(error, context.cwd));
      }
    }
  }
  if (checked.length === 0 && findings.length === 0)
    throw usage("there is nothing to check", "Name a file or a folder.");
  const failing = args.flag("warnings-as-errors")
    ? findings.length > 0
    : findings.some(({ severity }) => severity === "error");
  writeFindings(findings, checked, format, args.text("report"), context);
  return failing ? 1 : 0;
}

/** Findings of one query with the inputs, outputs and functions of its project. */
export function checkQuery(
  { file, project }: QueryTarget,
  dialect: Readonly<Record<string, string>>,
  cwd: string,
): Finding[] {
  const text = readTextFile(file);
  const outputs = project?.outputs.map(({ alias }) => alias) ?? [];
  const { diagnostics } = compile(text, {
    file,
    purpose: "check",
    inputs: inputDeclarations(project?.inputs ?? []),
    functions: functionDeclarations(project?.functions ?? []),
    ...(outputs.length === 0 ? {} : { outputs }),
    dialect,
  });
  const foreign = foreignCall(text, project?.foreignFunctions ?? []);
  return [
    ...diagnostics.map((diagnostic) => findingOf(diagnostic, text, cwd)),
    ...(foreign === undefined ? [] : [findingOfError(foreign, cwd)]),
  ];
}
