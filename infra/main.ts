import { buildApp } from "./app";
import { type StageName, stageNames } from "./config/stages";

const wanted = process.env["STAGE"];
if (wanted !== undefined && !stageNames.includes(wanted as StageName)) {
  process.stderr.write(`INFRA_STAGE_UNKNOWN: stage "${wanted}" is not one of ${stageNames.join(", ")}\n`);
  process.exit(2);
}
const state = process.env["STATE"] ?? "azurerm";
if (state !== "local" && state !== "azurerm") {
  process.stderr.write(`INFRA_STATE_UNKNOWN: state "${state}" is not one of local, azurerm\n`);
  process.exit(2);
}
buildApp(wanted === undefined ? undefined : [wanted as StageName], undefined, state).synth();
