import { parseArgs } from "node:util";
import { stageNames } from "../../config/stages";
import { deployOrder, destroyOrder } from "../stack-order";

const { values } = parseArgs({
  options: {
    stage: { type: "string" },
    destroy: { type: "boolean" },
    guarded: { type: "boolean" },
  },
});
const stage = stageNames.find((name) => name === values.stage);
if (stage === undefined) {
  console.error(`STACKS_USAGE: npm run stacks -- --stage ${stageNames.join("|")} [--destroy] [--guarded]`);
  process.exitCode = 2;
} else {
  for (const { name, guarded } of values.destroy ? destroyOrder(stage) : deployOrder(stage)) {
    console.log(name);
    if (values.guarded) for (const address of guarded) console.log(`  keeps ${address}`);
  }
}
