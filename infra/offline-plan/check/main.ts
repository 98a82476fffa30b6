import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { loadStages } from "../../checks/synthesise";
import { type StageName, stageNames } from "../../config/stages";
import { synthesiseRevision } from "../base";
import { checkMarkdown, checkTable, isBlocking } from "../check-report";
import { type Change, compareStages } from "../compare";
import { OfflinePlanError } from "../terraform";

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      base: { type: "string" },
      "base-synth": { type: "string" },
      synth: { type: "string" },
      stage: { type: "string", multiple: true },
      waive: { type: "string", multiple: true },
      markdown: { type: "string" },
      json: { type: "boolean" },
    },
  });
  if (values.base === undefined && values["base-synth"] === undefined) {
    console.error("PLAN_CHECK_USAGE: name the revision to compare with, as --base main");
    return 2;
  }
  const wanted = (values.stage ?? [...stageNames]) as StageName[];
  const { stages, failed } = await loadStages(values.synth, wanted);
  for (const { stack, message } of failed) console.error(`PLAN_CHECK_SYNTH: stage "${stack}": ${message}`);
  const bases =
    values["base-synth"] !== undefined
      ? (await loadStages(values["base-synth"], wanted)).stages
      : synthesiseRevision(values.base!, wanted);
  const changes = bases.flatMap((base) => {
    const head = stages.find(({ name }) => name === base.name);
    return head === undefined ? [] : compareStages(base, head);
  });
  const waivers = values.waive ?? [];
  const waived = new Set<Change>(
    changes.filter((change) => isBlocking(change) && waivers.includes(change.path)),
  );
  const unused = waivers.filter((path) => ![...waived].some((change) => change.path === path));
  for (const path of unused) console.error(`PLAN_CHECK_WAIVER_UNUSED: nothing at "${path}" needs a waiver`);
  const blocking = changes.filter((change) => isBlocking(change) && !waived.has(change));
  const base = values.base ?? "the base";
  if (values.markdown !== undefined) writeFileSync(values.markdown, checkMarkdown(changes, waived, base));
  if (values.json) console.log(JSON.stringify(changes, null, 2));
  else console.log(checkTable(changes, waived));
  if (blocking.length > 0) {
    console.error(
      `PLAN_CHECK_BLOCKED: ${blocking.length} changes lose state or are refused; --waive PATH lets one through`,
    );
  }
  return blocking.length + unused.length + failed.length === 0 ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(
      error instanceof OfflinePlanError ? `${error.code}: ${error.message}\n  hint: ${error.hint}` : error,
    );
    process.exitCode = 2;
  },
);
