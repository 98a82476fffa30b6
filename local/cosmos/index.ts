export { cosmosCoverage } from "./coverage";
export {
  type CosmosDatabaseSpec,
  type CosmosOptions,
  type CosmosServer,
  emulatorKey,
  startCosmos,
} from "./server";
export { topologyDatabases } from "./topology-databases";
