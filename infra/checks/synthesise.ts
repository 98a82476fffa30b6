import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as Application from "../app";
import { type StageName, stageNames } from "../config/stages";
import type { Finding } from "./finding";
import { readSynthesis, type SynthesisedStage } from "./synthesis";

export interface Synthesised {
  readonly stages: readonly SynthesisedStage[];
  /** Stages that cannot be synthesised, and why. */
  readonly failed: readonly Finding[];
}

/** Synthesises stages into folders of their own, which are removed; a stage that cannot be synthesised is a finding. */
export async function synthesise(names: readonly StageName[] = stageNames): Promise<Synthesised> {
  const stages: SynthesisedStage[] = [];
  const failed: Finding[] = [];
  for (const name of names) {
    const folder = mkdtempSync(join(tmpdir(), "synth-"));
    try {
      // Loaded late: reading what was synthesised before needs neither the bindings nor a configuration that holds.
      const { buildApp } = require("../app") as typeof Application;
      buildApp([name], folder).synth();
      stages.push(...readSynthesis(folder, stageNames));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      failed.push({ check: "synth", stack: name, address: "stage", path: name, message });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return { stages, failed };
}

/** Stages from a folder that synthesis wrote before, or freshly synthesised. */
export async function loadStages(
  folder: string | undefined,
  names: readonly StageName[] = stageNames,
): Promise<Synthesised> {
  if (folder === undefined) return synthesise(names);
  const stages = readSynthesis(folder, stageNames).filter(({ name }) => names.includes(name as StageName));
  return { stages, failed: [] };
}
