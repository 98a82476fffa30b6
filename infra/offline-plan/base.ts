import { type ExecFileSyncOptions, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSynthesis, type SynthesisedStage } from "../checks";
import { stageNames } from "../config/stages";
import { OfflinePlanError } from "./terraform";

/**
 * Synthesises stages of another revision in a work tree of its own, which is removed; installed packages are those of
 * the project. Stages that the revision does not know are left out.
 *
 * @throws OfflinePlanError PLAN_CHECK_BASE when the revision cannot be checked out or built
 */
export function synthesiseRevision(
  revision: string,
  stages: readonly string[],
  root = process.cwd(),
): SynthesisedStage[] {
  const folder = mkdtempSync(join(tmpdir(), "plan-base-"));
  const tree = join(folder, "tree");
  const options: ExecFileSyncOptions = { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" };
  const git = (...args: readonly string[]) => execFileSync("git", [...args], { ...options, cwd: root });
  try {
    git("worktree", "add", "--detach", "--force", tree, revision);
    symlinkSync(join(root, "node_modules"), join(tree, "node_modules"), "dir");
    try {
      execFileSync(
        process.execPath,
        [join(tree, "node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"],
        {
          ...options,
          cwd: tree,
        },
      );
    } catch {
      // Type errors of an old revision do not stop it from being synthesised: tsc writes the modules anyway.
    }
    const found: SynthesisedStage[] = [];
    for (const stage of stages) {
      try {
        execFileSync(process.execPath, [join("dist", "infra", "main.js")], {
          ...options,
          cwd: tree,
          env: { ...process.env, STAGE: stage },
        });
      } catch (error) {
        const text = String((error as { stderr?: unknown }).stderr ?? error);
        if (text.includes("INFRA_STAGE_UNKNOWN")) continue;
        throw new OfflinePlanError(
          "PLAN_CHECK_BASE",
          `stage "${stage}" of ${revision} cannot be synthesised: ${text.slice(0, 800)}`,
          "name a revision that synthesises with --base",
        );
      }
      found.push(...readSynthesis(join(tree, "cdktf.out"), stageNames).filter(({ name }) => name === stage));
    }
    return found;
  } catch (error) {
    if (error instanceof OfflinePlanError) throw error;
    const text = String((error as { stderr?: unknown }).stderr ?? error);
    throw new OfflinePlanError(
      "PLAN_CHECK_BASE",
      `revision "${revision}" cannot be checked out: ${text.slice(0, 800)}`,
      "name an existing revision with --base",
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
    try {
      git("worktree", "prune");
    } catch {
      // The next prune removes it.
    }
  }
}
