import { checkPolicies } from "../policies";
import { checkConsumerGroups } from "./consumer-groups";
import { checkDiagnostics, checkPrivateLinks } from "./coverage";
import type { Finding } from "./finding";
import { checkFlowRoles } from "./flow-roles";
import { checkOrder, checkReferences } from "./graph-checks";
import { checkNames, checkTags } from "./names";
import { checkPortable } from "./portable";
import { checkRoleEdges } from "./role-edges";
import { checkSchema } from "./schema-check";
import { checkSecrets } from "./secrets";
import { checkServiceRules } from "./service-rules";
import { checkGuards } from "./stateful";
import type { SynthesisedStage } from "./synthesis";

export type { Finding } from "./finding";
export { deployOrder, stackOrder } from "./graph-checks";
export { ReferenceResolver, referencesIn } from "./references";
export { roleEdgesOf } from "./role-edges";
export { isStateful, statefulTypes } from "./stateful";
export {
  blocksOf,
  isObject,
  type JsonObject,
  type JsonValue,
  readStack,
  readSynthesis,
  type SynthesisedResource,
  type SynthesisedStack,
  type SynthesisedStage,
  stageOf,
} from "./synthesis";

/** Runs every check over one stage, before exceptions; names are unique over stages and checked by `checkNames`. */
export function checkStage(stage: SynthesisedStage): Finding[] {
  return [
    ...checkReferences(stage),
    ...checkOrder(stage),
    ...checkSchema(stage.resources),
    ...checkServiceRules(stage),
    ...checkConsumerGroups(stage),
    ...checkRoleEdges(stage),
    ...checkFlowRoles(stage),
    ...checkPrivateLinks(stage),
    ...checkDiagnostics(stage),
    ...checkGuards(stage),
    ...checkTags(stage),
    ...checkPortable(stage),
    ...checkSecrets(stage),
    ...checkPolicies(stage),
  ];
}

/** Runs every check over all stages; the findings of each stage by its name. */
export function checkStages(stages: readonly SynthesisedStage[]): Map<string, Finding[]> {
  const found = new Map(stages.map((stage) => [stage.name, checkStage(stage)]));
  for (const finding of checkNames(stages)) {
    const stage = stages.find(({ stacks }) => stacks.some(({ name }) => name === finding.stack));
    if (stage !== undefined) found.get(stage.name)!.push(finding);
  }
  return found;
}
