import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadStages } from "../checks/synthesise";
import { type StageName, stageNames } from "../config/stages";
import { architectureImage } from "./index";

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      stage: { type: "string", default: "prod" },
      synth: { type: "string" },
      out: { type: "string" },
    },
  });
  const name = values.stage as StageName;
  if (!stageNames.includes(name)) {
    console.error(`GRAPH_STAGE_UNKNOWN: stage "${name}" is not one of ${stageNames.join(", ")}`);
    return 2;
  }
  const { stages, failed } = await loadStages(values.synth, [name]);
  const [stage] = stages;
  if (stage === undefined) {
    console.error(`GRAPH_SYNTH: stage "${name}" cannot be synthesised: ${failed[0]?.message ?? "no stacks"}`);
    return 1;
  }
  const folder = values.out ?? join("docs", "images");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `infra-${name}.svg`);
  writeFileSync(file, architectureImage(stage));
  console.log(file);
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  },
);
