import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadStages } from "../checks/synthesise";
import { type StageName, stageNames } from "../config/stages";
import { comparePlans, lossesOf } from "./agree";
import { synthesiseRevision } from "./base";
import { Planner } from "./planner";
import { hasProblem, planReport } from "./report";
import { startStandIn } from "./stand-in";
import { OfflinePlanError, runTerraform } from "./terraform";

/** Exit code when no provider or no terraform can be had: nothing was checked. */
export const exitNoProvider = 3;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      stage: { type: "string", multiple: true },
      synth: { type: "string" },
      base: { type: "string" },
      "base-synth": { type: "string" },
      waive: { type: "string", multiple: true },
      "plugin-dir": { type: "string" },
      keep: { type: "boolean" },
    },
  });
  const wanted = (values.stage ?? [...stageNames]) as StageName[];
  const unknown = wanted.find((stage) => !stageNames.includes(stage));
  if (unknown !== undefined) {
    console.error(`OFFLINE_PLAN_STAGE_UNKNOWN: stage "${unknown}" is not one of ${stageNames.join(", ")}`);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), "offline-plan-"));
  const standIn = await startStandIn();
  try {
    await runTerraform(folder, ["version"], process.env);
    const { stages, failed } = await loadStages(values.synth, wanted);
    for (const { stack, message } of failed)
      console.error(`OFFLINE_PLAN_SYNTH: stage "${stack}": ${message}`);
    const bases =
      values["base-synth"] !== undefined
        ? (await loadStages(values["base-synth"], wanted)).stages
        : values.base !== undefined
          ? synthesiseRevision(values.base, wanted)
          : [];
    let problems = failed.length;
    const waivers = new Set(values.waive ?? []);
    for (const stage of stages) {
      const planner = new Planner({
        folder,
        standIn,
        ...(values["plugin-dir"] !== undefined && { pluginDir: values["plugin-dir"] }),
      });
      const base = bases.find(({ name }) => name === stage.name);
      const before = base === undefined ? undefined : await planner.planBase(base);
      if (base !== undefined && before !== undefined) {
        const broken = [...before.values()].filter(({ diagnostics }) =>
          diagnostics.some(({ severity }) => severity === "error"),
        );
        // Without its state the other revision looks as if nothing were deployed.
        if (broken.length > 0) console.log(`the base revision's plans fail:\n${planReport(base, broken)}`);
        problems += broken.length;
      }
      const plans = await planner.plan(stage, before);
      console.log(planReport(stage, plans));
      problems += plans.filter(hasProblem).length;
      if (base !== undefined) {
        const differences = comparePlans(base, stage, plans);
        for (const difference of differences) console.log(`disagree: ${difference}`);
        if (differences.length === 0) console.log(`plan-check agrees on stage ${stage.name}`);
        const losses = lossesOf(base, stage, plans).filter(({ path }) => !waivers.has(path));
        for (const { path, why } of losses) console.log(`must not go through: ${path}: ${why}`);
        problems += differences.length + losses.length;
      }
    }
    const foreign = standIn.requests.filter(
      // Databricks asks whether a host has a configuration of its own, and goes on without one.
      ({ status, path }) => status !== 200 && path !== "/.well-known/databricks-config",
    );
    for (const { method, path } of foreign) console.log(`unanswered: ${method} ${path}`);
    console.log(
      `${standIn.requests.length} requests to the stand-in; ${problems === 0 ? "all plans hold" : `${problems} problems`}`,
    );
    return problems === 0 ? 0 : 1;
  } catch (error) {
    if (error instanceof OfflinePlanError) {
      console.error(`${error.code}: ${error.message}\n  hint: ${error.hint}`);
      return error.code === "OFFLINE_PLAN_NO_PROVIDER" || error.code === "OFFLINE_PLAN_NO_TERRAFORM"
        ? exitNoProvider
        : 1;
    }
    throw error;
  } finally {
    await standIn.close();
    if (values.keep) console.log(`kept: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
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
