import { about, type Finding } from "./finding";
import type { SynthesisedResource, SynthesisedStage } from "./synthesis";

/** Types whose destruction loses data, or a name that others hold on to. */
export const statefulTypes: ReadonlySet<string> = new Set([
  "azurerm_storage_account",
  "azurerm_storage_container",
  "azurerm_cosmosdb_account",
  "azurerm_cosmosdb_sql_database",
  "azurerm_cosmosdb_sql_container",
  "azurerm_kusto_cluster",
  "azurerm_kusto_database",
  "azurerm_key_vault",
  "azurerm_key_vault_key",
  "azurerm_mssql_server",
  "azurerm_mssql_database",
  "azurerm_eventhub_namespace",
  "azurerm_eventhub",
  "azurerm_iothub",
  "azurerm_iothub_dps",
  "azurerm_digital_twins_instance",
  "azurerm_synapse_workspace",
  "azurerm_synapse_sql_pool",
  "azurerm_databricks_workspace",
  "azurerm_machine_learning_workspace",
  "azurerm_log_analytics_workspace",
  "azurerm_storage_data_lake_gen2_filesystem",
  "azurerm_hdinsight_kafka_cluster",
  "azurerm_data_factory",
  "azurerm_fabric_capacity",
  "azurerm_analysis_services_server",
  "azurerm_resource_group",
]);

/** The same for what only azapi makes, by Resource Manager type. */
const statefulAzapiTypes: ReadonlySet<string> = new Set([
  "Microsoft.Devices/provisioningServices",
  "Microsoft.DigitalTwins/digitalTwinsInstances",
]);

/** Whether the destruction of a resource loses data or a name. */
export const isStateful = ({ type, args }: Pick<SynthesisedResource, "type" | "args">): boolean =>
  statefulTypes.has(type) ||
  (type === "azapi_resource" && statefulAzapiTypes.has(String(args["type"]).split("@")[0]!));

/** Stages whose data must survive: production, and the synth-only stage that is made like it. */
export const guardedStages: readonly string[] = ["prod", "all-flags"];

/** Where every stage keeps the states of its stacks. */
const holdsStates = ({ stack, type, path }: SynthesisedResource): boolean =>
  stack.endsWith("-bootstrap") && (type.startsWith("azurerm_storage_") || path.endsWith("/state-group"));

/** In production no plan may destroy what holds state, and in no stage what holds the states of its stacks. */
export function checkGuards(stage: SynthesisedStage): Finding[] {
  const isGuarded = guardedStages.includes(stage.name);
  return stage.resources
    .filter((resource) => (isGuarded && isStateful(resource)) || holdsStates(resource))
    .filter(({ lifecycle }) => lifecycle["prevent_destroy"] !== true)
    .map((resource) => about(resource, "stateful.guard", "holds state and has no lifecycle.prevent_destroy"));
}
