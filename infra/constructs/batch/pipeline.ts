import { readRepositoryFile } from "../../config/repository";
import { fillPlaces } from "../analytics/kusto-script-text";

/** An activity as Data Factory takes it. */
export interface PipelineActivity {
  readonly name: string;
  readonly type: string;
  readonly dependsOn?: readonly { readonly activity: string }[];
  readonly linkedServiceName?: { readonly referenceName: string };
  readonly inputs?: readonly { readonly referenceName: string }[];
  readonly outputs?: readonly { readonly referenceName: string }[];
  readonly typeProperties?: { readonly ifTrueActivities?: readonly PipelineActivity[] };
}

export interface PipelineDefinition {
  readonly name: string;
  readonly description: string;
  readonly concurrency: number;
  readonly parameters: Readonly<Record<string, string>>;
  readonly activities: readonly PipelineActivity[];
}

/** What a pipeline may refer to. */
export interface PipelineReferences {
  readonly linkedServices: readonly string[];
  readonly datasets: readonly string[];
}

/**
 * Reads a pipeline from `data-plane/adf` and checks what the provider does not: that activities are unique and that what
 * they refer to exists. @throws Error INFRA_PIPELINE naming every mistake
 */
export function readPipeline(
  file: string,
  places: Readonly<Record<string, string>>,
  references: PipelineReferences,
): PipelineDefinition {
  const pipeline = JSON.parse(
    fillPlaces(readRepositoryFile(`infra/data-plane/adf/${file}`), places),
  ) as PipelineDefinition;
  const mistakes = mistakesOf(pipeline.activities, references);
  if (mistakes.length > 0) throw new Error(`INFRA_PIPELINE: ${file}: ${mistakes.join("; ")}`);
  return pipeline;
}

/** Mistakes of activities that stand side by side, and of those inside them. */
function mistakesOf(activities: readonly PipelineActivity[], references: PipelineReferences): string[] {
  const mistakes: string[] = [];
  const names = activities.map(({ name }) => name);
  for (const name of names.filter((candidate, index) => names.indexOf(candidate) !== index)) {
    mistakes.push(`two activities are named "${name}"`);
  }
  for (const { name, dependsOn, linkedServiceName, inputs, outputs, typeProperties } of activities) {
    for (const { activity } of dependsOn ?? []) {
      if (!names.includes(activity))
        mistakes.push(`"${name}" depends on "${activity}", which does not exist`);
    }
    if (
      linkedServiceName !== undefined &&
      !references.linkedServices.includes(linkedServiceName.referenceName)
    ) {
      mistakes.push(
        `"${name}" uses linked service "${linkedServiceName.referenceName}", which does not exist`,
      );
    }
    for (const { referenceName } of [...(inputs ?? []), ...(outputs ?? [])]) {
      if (!references.datasets.includes(referenceName)) {
        mistakes.push(`"${name}" uses dataset "${referenceName}", which does not exist`);
      }
    }
    mistakes.push(...mistakesOf(typeProperties?.ifTrueActivities ?? [], references));
  }
  return mistakes;
}
