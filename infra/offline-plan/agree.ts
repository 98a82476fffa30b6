import { isStateful, type SynthesisedStage } from "../checks";
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

/** A change that needs a waiver, by the path of its construct. */
export interface Loss {
  readonly path: string;
  readonly why: string;
}

/**
 * What must not go through: stateful resources that the provider itself would replace or destroy, and changes that it lets
 * through and the service refuses.
 */
export function lossesOf(
  base: SynthesisedStage,
  head: SynthesisedStage,
  plans: readonly StackPlan[],
): Loss[] {
  const named = (stage: SynthesisedStage, stack: string, address: string) =>
    stage.byKey.get(`${stack}:${address}`);
  const provider = plans.flatMap(({ stack, replaced, destroyed }) => [
    ...replaced.map(({ address, forcedBy }) => ({
      resource: named(head, stack, address),
      why: `the provider replaces it, forced by ${forcedBy.join(", ") || "a resource that it depends on"}`,
    })),
    ...destroyed.map((address) => ({
      resource: named(base, stack, address),
      why: "the provider destroys it",
    })),
  ]);
  const refused = compareStages(base, head).flatMap((change) =>
    change.refused.map((why) => ({ path: change.path, why: `refused by the service: ${why}` })),
  );
  return [
    ...provider.flatMap(({ resource, why }) =>
      resource !== undefined && isStateful(resource) ? [{ path: resource.path, why }] : [],
    ),
    ...refused,
  ];
}
