import { App } from "./bindings/cdktf";
import type { Deployment } from "./config/deployment";
import { type StageName, stageNames, stages } from "./config/stages";
import { IdentityStack } from "./stacks/identity-stack";
import { IngestionStack } from "./stacks/ingestion-stack";
import { LakeStack } from "./stacks/lake-stack";
import { NetworkStack } from "./stacks/network-stack";
import { ObservabilityStack } from "./stacks/observability-stack";

/** Adds every stack of a stage to the app, in the order in which they are deployed. */
export function addStage(app: App, name: StageName, deployment?: Deployment): void {
  const common = { stage: stages[name], ...(deployment && { deployment }) };
  const network = new NetworkStack(app, common).outputs;
  const observability = new ObservabilityStack(app, common).outputs;
  const identity = new IdentityStack(app, { ...common, network, observability }).outputs;
  const lake = new LakeStack(app, { ...common, network, observability, identity }).outputs;
  new IngestionStack(app, { ...common, network, observability, lake });
}

/** Builds the app of the given stages; all of them by default. */
export function buildApp(names: readonly StageName[] = stageNames, outdir?: string): App {
  const app = new App(outdir === undefined ? {} : { outdir });
  for (const name of names) addStage(app, name);
  return app;
}
