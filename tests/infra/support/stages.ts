import { checkStages, type SynthesisedResource, type SynthesisedStage, stageOf } from "../../../infra/checks";
import { synthesise } from "../../../infra/checks/synthesise";
import type { StageName } from "../../../infra/config/stages";

/** Stages as synthesis writes them now. @throws Error when one cannot be synthesised */
export async function synthesised(...names: StageName[]): Promise<SynthesisedStage[]> {
  const { stages, failed } = await synthesise(names.length === 0 ? undefined : names);
  if (failed.length > 0)
    throw new Error(failed.map(({ stack, message }) => `${stack}: ${message}`).join("\n"));
  return [...stages];
}

/** The stage with its resources changed; a resource for which `change` gives undefined is taken out. */
export function mutated(
  stage: SynthesisedStage,
  change: (resource: SynthesisedResource) => SynthesisedResource | undefined,
): SynthesisedStage {
  const stacks = stage.stacks.map((stack) => ({
    ...stack,
    resources: stack.resources.flatMap((resource) => change(resource) ?? []),
  }));
  return stageOf(stage.name, stacks);
}

/** A stage of one stack with the given resources. */
export function stageWith(
  resources: readonly Partial<SynthesisedResource>[],
  { name = "prod", stack = "ingestion" }: { name?: string; stack?: string } = {},
): SynthesisedStage {
  const full = resources.map((resource, index): SynthesisedResource => {
    const type = resource.type ?? "azurerm_resource_group";
    const id = resource.name ?? `r${index}`;
    return {
      stack: `${name}-${stack}`,
      type,
      name: id,
      address: `${type}.${id}`,
      key: `${name}-${stack}:${type}.${id}`,
      path: `${name}-${stack}/${id}`,
      args: {},
      lifecycle: {},
      dependsOn: [],
      ...resource,
    };
  });
  return stageOf(name, [
    {
      stage: name,
      shortName: stack,
      name: `${name}-${stack}`,
      resources: full,
      data: [],
      outputs: {},
      remoteStates: new Map(),
      json: {},
    },
  ]);
}

export { checkStages };
