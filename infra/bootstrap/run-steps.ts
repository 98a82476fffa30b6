import { BootstrapError } from "./errors";
import type { Step } from "./step";

export interface RunOptions {
  /** Names of the steps to run; all of them when empty. */
  readonly only: readonly string[];
  /** Shows what would be done and asks no service. */
  readonly dryRun: boolean;
  readonly print: (line: string) => void;
}

/**
 * Runs steps in order, each only when the service does not hold its result yet, and looks again afterwards. Stops at the
 * first that fails.
 * @throws BootstrapError BOOTSTRAP_STEP_UNKNOWN, BOOTSTRAP_NOT_HELD, and those of the steps
 */
export async function runSteps(steps: readonly Step[], options: RunOptions): Promise<void> {
  const unknown = options.only.find((name) => !steps.some((step) => step.name === name));
  if (unknown !== undefined) {
    throw new BootstrapError(
      "BOOTSTRAP_STEP_UNKNOWN",
      `this stage has no step "${unknown}"`,
      `its steps: ${steps.map(({ name }) => name).join(", ")}`,
    );
  }
  for (const step of steps) {
    if (options.only.length > 0 && !options.only.includes(step.name)) continue;
    if (options.dryRun) {
      options.print(`${step.name}:`);
      for (const line of step.plan()) options.print(`  ${line}`);
      continue;
    }
    if (await step.isDone()) {
      options.print(`${step.name}: nothing to do`);
      continue;
    }
    await step.apply();
    if (!(await step.isDone())) {
      throw new BootstrapError(
        "BOOTSTRAP_NOT_HELD",
        `${step.name}: the service took the change and does not show it`,
        "run the step again; when it stays so, compare the service with infra/data-plane by hand",
      );
    }
    options.print(`${step.name}: done`);
  }
}
