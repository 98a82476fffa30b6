import type { SynthesisedStage } from "../../../infra/checks";
import { stageNames, stages } from "../../../infra/config/stages";
import { synthesised } from "../support/stages";

/** Every service of the architecture, the stack that holds it, and the resource that makes it; azapi's by ARM type. */
const services: readonly (readonly [service: string, stack: string, type: string])[] = [
  ["state of the deployments", "bootstrap", "azurerm_storage_account"],
  ["identities that workflows sign in as", "bootstrap", "azurerm_federated_identity_credential"],
  ["network", "network", "azurerm_virtual_network"],
  ["private names", "network", "azurerm_private_dns_zone"],
  ["way out", "network", "azurerm_nat_gateway"],
  ["logs", "observability", "azurerm_log_analytics_workspace"],
  ["private way of the logs", "observability", "azurerm_monitor_private_link_scope"],
  ["who is told", "observability", "azurerm_monitor_action_group"],
  ["identities of the workloads", "identity", "azurerm_user_assigned_identity"],
  ["Key Vault", "identity", "azurerm_key_vault"],
  ["encryption key", "identity", "azurerm_key_vault_key"],
  ["Data Lake", "lake", "azurerm_storage_account"],
  ["Data Lake's tiers", "lake", "azurerm_storage_management_policy"],
  ["Event Hubs", "ingestion", "azurerm_eventhub_namespace"],
  ["schema registry", "ingestion", "azurerm_eventhub_namespace_schema_group"],
  ["IoT Hub", "ingestion", "azurerm_iothub"],
  ["Device Provisioning Service", "ingestion", "Microsoft.Devices/provisioningServices"],
  ["Kafka on HDInsight", "ingestion", "azurerm_hdinsight_kafka_cluster"],
  ["Cosmos DB", "serving", "azurerm_cosmosdb_account"],
  ["Azure SQL", "serving", "azurerm_mssql_database"],
  ["Data Explorer", "analytics", "azurerm_kusto_cluster"],
  ["Event Grid", "analytics", "azurerm_eventgrid_system_topic"],
  ["Digital Twins", "analytics", "azurerm_digital_twins_instance"],
  ["Digital Twins' endpoint", "analytics", "Microsoft.DigitalTwins/digitalTwinsInstances/endpoints"],
  ["Digital Twins' history", "analytics", "azurerm_digital_twins_time_series_database_connection"],
  ["Stream Analytics", "speed", "azurerm_stream_analytics_job"],
  ["Stream Analytics cluster", "speed", "azurerm_stream_analytics_cluster"],
  ["Power BI streaming output", "speed", "azurerm_stream_analytics_output_powerbi"],
  ["output to Data Explorer", "speed", "Microsoft.StreamAnalytics/streamingjobs/outputs"],
  ["Functions", "speed", "Microsoft.Web/sites"],
  ["Application Insights", "speed", "azurerm_application_insights"],
  ["Databricks", "batch", "azurerm_databricks_workspace"],
  ["Data Factory", "batch", "azurerm_data_factory_pipeline"],
  ["Azure ML", "batch", "azurerm_machine_learning_workspace"],
  ["Azure ML's endpoint", "batch", "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"],
  ["Unity Catalog", "batch-content", "databricks_catalog"],
  ["batch job", "batch-content", "databricks_job"],
  ["notebooks", "batch-content", "databricks_workspace_file"],
  ["Synapse", "warehouse", "azurerm_synapse_workspace"],
  ["Synapse Spark", "warehouse", "azurerm_synapse_spark_pool"],
  ["data warehouse", "warehouse", "azurerm_synapse_sql_pool"],
  ["Grafana", "bi", "azurerm_dashboard_grafana"],
  ["Logic Apps", "bi", "Microsoft.Logic/workflows"],
  ["Fabric", "bi", "azurerm_fabric_capacity"],
  ["Power BI Embedded", "bi", "azurerm_powerbi_embedded"],
  ["Analysis Services", "bi", "azurerm_analysis_services_server"],
  ["metric alerts", "alerts", "azurerm_monitor_metric_alert"],
  ["log alerts", "alerts", "azurerm_monitor_scheduled_query_rules_alert_v2"],
  ["service health", "alerts", "azurerm_monitor_activity_log_alert"],
  ["budget", "alerts", "azurerm_consumption_budget_resource_group"],
];

describe("the architecture's services", () => {
  let found: readonly SynthesisedStage[];
  beforeAll(async () => {
    found = await synthesised();
  }, 120_000);

  const holding = (stack: string, type: string) =>
    found.filter(({ resources }) =>
      resources.some(
        (resource) =>
          resource.stack.endsWith(`-${stack}`) &&
          (resource.type === type || String(resource.args["type"]).split("@")[0] === type),
      ),
    );

  it.each(services)("%s is synthesised in %s as %s", (_, stack, type) => {
    expect(holding(stack, type).length).toBeGreaterThan(0);
  });

  it("all stand in the stage that has every flag on", () => {
    const missing = services.filter(
      ([, stack, type]) => !holding(stack, type).some(({ name }) => name === "all-flags"),
    );
    expect(missing).toEqual([]);
  });

  it("have no flag that is on nowhere", () => {
    const flags = Object.keys(stages.dev.flags) as (keyof typeof stages.dev.flags)[];
    expect(flags.filter((flag) => !stageNames.some((name) => stages[name].flags[flag]))).toEqual([]);
  });
});
