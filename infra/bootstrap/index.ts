export { canonical, holds } from "./canonical";
export { BootstrapError, type BootstrapErrorCode, bootstrapErrors } from "./errors";
export { type RunOptions, runSteps } from "./run-steps";
export { type HttpDeps, ServiceClient, type TokenSource } from "./service-client";
export { type SqlRunner, type SqlTarget, sqlcmd } from "./sqlcmd";
export { deployOrder, destroyOrder, type OrderedStack, sortStacks } from "./stack-order";
export { type PowerProps, StagePower } from "./stage-power";
export { stepsOf } from "./stage-steps";
export type { Step } from "./step";
export { type TwinModel, type TwinRoute, twinModels, twinRoutes } from "./steps/digital-twins";
export {
  type Dashboard,
  type DataSource,
  dataExplorerSource,
  grafanaDashboards,
  grafanaSource,
} from "./steps/grafana";
export { type LinkSource, managedLinks } from "./steps/managed-links";
export { joinScripts, type SqlScript, sqlScripts } from "./steps/sql-scripts";
export { type TargetProps, type Targets, targetsOf } from "./targets";
