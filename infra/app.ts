import { App } from "./bindings/cdktf";
import { assertCapacity } from "./capacity";
import type { Deployment } from "./config/deployment";
import { type StageName, stageNames, stages } from "./config/stages";
import { AlertsStack } from "./stacks/alerts-stack";
import { AnalyticsStack } from "./stacks/analytics-stack";
import { BatchContentStack } from "./stacks/batch-content-stack";
import { BatchStack } from "./stacks/batch-stack";
import { BiStack } from "./stacks/bi-stack";
import { BootstrapStack } from "./stacks/bootstrap-stack";
import { IdentityStack } from "./stacks/identity-stack";
import { IngestionStack } from "./stacks/ingestion-stack";
import { LakeStack } from "./stacks/lake-stack";
import { NetworkStack } from "./stacks/network-stack";
import { ObservabilityStack } from "./stacks/observability-stack";
import { ServingStack } from "./stacks/serving-stack";
import { SpeedStack } from "./stacks/speed-stack";
import { WarehouseStack } from "./stacks/warehouse-stack";

/** Adds every stack of a stage to the app, in the order in which they are deployed. */
export function addStage(
  app: App,
  name: StageName,
  deployment?: Deployment,
  bootstrapState: "local" | "azurerm" = "azurerm",
): void {
  assertCapacity(stages[name]);
  const common = { stage: stages[name], ...(deployment && { deployment }) };
  const bootstrap = new BootstrapStack(app, { ...common, state: bootstrapState }).outputs;
  const network = new NetworkStack(app, common).outputs;
  const observability = new ObservabilityStack(app, { ...common, network, bootstrap }).outputs;
  const identity = new IdentityStack(app, { ...common, network, observability }).outputs;
  const around = { ...common, network, observability, identity };
  const lake = new LakeStack(app, around).outputs;
  const ingestion = new IngestionStack(app, { ...around, lake }).outputs;
  const serving = new ServingStack(app, around).outputs;
  const analytics = new AnalyticsStack(app, { ...around, bootstrap, lake, ingestion, serving }).outputs;
  const speed = new SpeedStack(app, { ...around, lake, ingestion, serving, analytics }).outputs;
  const batch = new BatchStack(app, { ...around, lake, serving, analytics, speed }).outputs;
  new BatchContentStack(app, { ...common, batch, lake, serving });
  new WarehouseStack(app, { ...around, lake });
  const bi = new BiStack(app, { ...around, bootstrap, analytics }).outputs;
  new AlertsStack(app, { ...common, observability, ingestion, serving, analytics, speed, batch, bi });
}

/**
 * Builds the app of the given stages; all of them by default. The bootstrap stack's state is local on its very first run,
 * before the account that keeps states exists.
 */
export function buildApp(
  names: readonly StageName[] = stageNames,
  outdir?: string,
  bootstrapState: "local" | "azurerm" = "azurerm",
): App {
  const app = new App(outdir === undefined ? {} : { outdir });
  for (const name of names) addStage(app, name, undefined, bootstrapState);
  return app;
}
