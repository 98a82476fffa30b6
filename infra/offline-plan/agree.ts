import type { SynthesisedStage } from "../checks";
import { compareStages } from "./compare";
import type { StackPlan } from "./planner";

/** Where the plan check and the provider's own plan say different things about replacement. */
export function comparePlans(
  base: SynthesisedStage,
  head: SynthesisedStage,
  plans: readonly StackPlan[],
): string[] {
  const expected = new Set(
    compareStages(base, head)
      .filter(({ kind }) => kind === "replace")
      .map(({ stack, address }) => `${stack}:${address}`),
  );
  const found = new Set(
    plans.flatMap(({ stack, replaced }) => replaced.map(({ address }) => `${stack}:${address}`)),
  );
  return [
    ...[...expected]
      .filter((key) => !found.has(key))
      .map((key) => `plan-check replaces ${key}, the provider does not`),
    ...[...found]
      .filter((key) => !expected.has(key))
      .map((key) => `the provider replaces ${key}, plan-check does not`),
  ];
}
