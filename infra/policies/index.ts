import { about, type Finding } from "../checks/finding";
import { ReferenceResolver } from "../checks/references";
import type { SynthesisedStage } from "../checks/synthesis";
import type { Policy } from "./policy";
import { policies } from "./rules";

export { applyExceptions, covers, type Exception, exceptions, exceptionsPage } from "./exceptions";
export { policies } from "./rules";

/** Runs the security rules over a stage; every broken rule is a finding under the rule's id. */
export function checkPolicies(stage: SynthesisedStage, rules: readonly Policy[] = policies): Finding[] {
  const context = { stage, resolver: new ReferenceResolver(stage) };
  return stage.resources.flatMap((resource) =>
    rules
      .filter(({ types, holds }) => types.includes(resource.type) && !holds(resource, context))
      .map(({ id, title }) => about(resource, id, title)),
  );
}
