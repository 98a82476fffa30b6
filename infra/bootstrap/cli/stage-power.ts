import { parseArgs } from "node:util";
import { deployment } from "../../config/deployment";
import { stageNames, stages } from "../../config/stages";
import { cliTokens } from "../cli-tokens";
import { BootstrapError } from "../errors";
import { StagePower } from "../stage-power";

const usage = "npm run stage-power -- --stage dev|test|prod --stop|--start|--check";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stage: { type: "string" },
      stop: { type: "boolean" },
      start: { type: "boolean" },
      check: { type: "boolean" },
    },
  });
  const stage = stageNames.find((name) => name === values.stage && name !== "all-flags");
  const verbs = (["stop", "start", "check"] as const).filter((verb) => values[verb]);
  const verb = verbs[0];
  if (stage === undefined || verb === undefined || verbs.length > 1)
    throw new BootstrapError("POWER_USAGE", "a stage and one of --stop, --start, --check are needed", usage);
  const power = new StagePower({ stage: stages[stage], deployment, tokens: cliTokens() });
  for (const line of await power[verb]()) console.log(line);
}

main().catch((error: unknown) => {
  process.exitCode = 1;
  if (error instanceof BootstrapError)
    console.error(`${error.code}: ${error.message}\n  hint: ${error.hint}`);
  else console.error(error instanceof Error ? error.message : error);
});
