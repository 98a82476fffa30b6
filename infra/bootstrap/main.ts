import { parseArgs } from "node:util";
import { deployment } from "../config/deployment";
import { type StageName, stageNames, stages } from "../config/stages";
import { cliTokens } from "./cli-tokens";
import { BootstrapError, runSteps, sqlcmd, stepsOf, targetsOf } from "./index";

const usage = "npm run bootstrap -- --stage dev|test|prod [--step NAME]... [--dry-run] [--list]";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stage: { type: "string" },
      step: { type: "string", multiple: true },
      "dry-run": { type: "boolean" },
      list: { type: "boolean" },
    },
  });
  const wanted = stageNames.find((name) => name === values.stage && name !== "all-flags");
  if (wanted === undefined) {
    throw new BootstrapError(
      "BOOTSTRAP_STAGE",
      values.stage === undefined ? "no stage was named" : `stage "${values.stage}" is not deployed`,
      usage,
    );
  }
  const stage = stages[wanted satisfies StageName];
  const steps = stepsOf(stage, targetsOf({ stage, deployment, tokens: cliTokens() }), sqlcmd());
  if (values.list) {
    for (const { name } of steps) console.log(name);
    return;
  }
  await runSteps(steps, {
    only: values.step ?? [],
    dryRun: values["dry-run"] ?? false,
    print: (line) => console.log(line),
  });
}

main().catch((error: unknown) => {
  process.exitCode = 1;
  if (error instanceof BootstrapError)
    console.error(`${error.code}: ${error.message}\n  hint: ${error.hint}`);
  else console.error(error instanceof Error ? error.message : error);
});
