import { parseArgs } from "node:util";
import { deployment } from "../../config/deployment";
import { abbreviations, nameMaker, type ResourceKind } from "../../config/names";
import { stageNames } from "../../config/stages";

const { values, positionals } = parseArgs({
  options: { stage: { type: "string" } },
  allowPositionals: true,
});
const stage = stageNames.find((name) => name === values.stage);
const [kind, what] = positionals;
if (stage === undefined || kind === undefined || !(kind in abbreviations)) {
  console.error(`NAMES_USAGE: npm run names -- --stage ${stageNames.join("|")} KIND [WHAT]`);
  console.error(`  kinds: ${Object.keys(abbreviations).join(", ")}`);
  process.exitCode = 2;
} else {
  console.log(nameMaker(deployment, stage)(kind as ResourceKind, what));
}
