import { resolve } from "node:path";
import { compile, type ExplainStage, explain as explainQuery } from "../engine";
import { functionDeclarations, inputDeclarations } from "../project";
import { readTextFile } from "../settings";
import type { Arguments } from "./arguments";
import type { CliContext, ExitCode } from "./context";
import { findingOf, findingText } from "./findings";
import { findQuery } from "./queries";

export const explainOptions = {
  stage: { type: "string" },
  project: { type: "string" },
  dialect: { type: "string", multiple: true },
} as const;

const stages: readonly [ExplainStage, ...ExplainStage[]] = ["logical", "ast", "tokens", "physical", "code"];

/** `asa explain`: prints one stage of the compiler's work; mistakes of the query go to standard error. */
export async function explain(args: Arguments, context: CliContext): Promise<ExitCode> {
  const { file, project } = findQuery(
    resolve(context.cwd, args.atMost(1).words[0] ?? "."),
    args.text("project"),
  );
  const stage = args.choice("stage", stages);
  const text = readTextFile(file);
  const options = {
    file,
    purpose: "local",
    inputs: inputDeclarations(project?.inputs ?? []),
    functions: functionDeclarations(project?.functions ?? []),
    dialect: args.pairs("dialect"),
  } as const;
  const { diagnostics } = compile(text, options);
  for (const diagnostic of diagnostics)
    context.err(`${findingText(findingOf(diagnostic, text, context.cwd))}\n`);
  context.out(`${explainQuery(text, stage, options).trimEnd()}\n`);
  return diagnostics.some(({ severity }) => severity === "error") ? 1 : 0;
}
