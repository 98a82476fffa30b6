import { ReferenceResolver, type SynthesisedResource, type SynthesisedStage } from "../checks";

/** Types that are drawn as boxes, and what a reader calls them. */
const nodeTypes: Readonly<Record<string, string>> = {
  azurerm_eventhub_namespace: "Event Hubs",
  azurerm_iothub: "IoT Hub",
  azurerm_iothub_dps: "Device provisioning",
  azurerm_hdinsight_kafka_cluster: "HDInsight Kafka",
  azurerm_storage_account: "Storage",
  azurerm_cosmosdb_account: "Cosmos DB",
  azurerm_mssql_server: "Azure SQL",
  azurerm_kusto_cluster: "Data Explorer",
  azurerm_digital_twins_instance: "Digital Twins",
  azurerm_eventgrid_system_topic: "Event Grid",
  azurerm_stream_analytics_job: "Stream Analytics",
  azurerm_stream_analytics_cluster: "Stream Analytics cluster",
  azurerm_function_app_flex_consumption: "Functions",
  azurerm_linux_function_app: "Functions",
  azurerm_data_factory: "Data Factory",
  azurerm_databricks_workspace: "Databricks",
  azurerm_databricks_access_connector: "Databricks access",
  azurerm_machine_learning_workspace: "Machine Learning",
  azurerm_synapse_workspace: "Synapse",
  azurerm_synapse_private_link_hub: "Synapse link hub",
  azurerm_dashboard_grafana: "Grafana",
  azurerm_fabric_capacity: "Fabric",
  azurerm_powerbi_embedded: "Power BI",
  azurerm_analysis_services_server: "Analysis Services",
  azurerm_logic_app_workflow: "Logic App",
  azurerm_key_vault: "Key Vault",
  azurerm_user_assigned_identity: "Identity",
  azurerm_log_analytics_workspace: "Log Analytics",
  azurerm_application_insights: "Application Insights",
  azurerm_monitor_private_link_scope: "Monitor link scope",
  azurerm_virtual_network: "Network",
  azurerm_nat_gateway: "NAT gateway",
  databricks_catalog: "Unity Catalog",
};

const azapiTypes: Readonly<Record<string, string>> = {
  "Microsoft.Web/sites": "Functions",
  "Microsoft.Logic/workflows": "Logic App",
  "Microsoft.Devices/provisioningServices": "Device provisioning",
  "Microsoft.DigitalTwins/digitalTwinsInstances": "Digital Twins",
};

/** One service of the picture, with everything that stands under it. */
export interface GraphNode {
  readonly resource: SynthesisedResource;
  readonly kind: string;
  readonly name: string;
  /** Counts of what stands under it, as `3 hubs`. */
  readonly parts: readonly string[];
  /** Subresources with a private endpoint. */
  readonly endpoints: readonly string[];
}

const parentArguments = [
  "namespace_id",
  "namespace_name",
  "storage_account_id",
  "account_name",
  "cluster_name",
  "cluster_id",
  "server_id",
  "iothub_id",
  "iothub_name",
  "stream_analytics_job_id",
  "stream_analytics_job_name",
  "data_factory_id",
  "synapse_workspace_id",
  "key_vault_id",
  "virtual_network_name",
  "machine_learning_workspace_id",
  "parent_id",
  "eventhub_name",
  "database_name",
  "digital_twins_id",
  "system_topic",
  "catalog_name",
];

const partNames: Readonly<Record<string, [one: string, many: string]>> = {
  azurerm_eventhub: ["hub", "hubs"],
  azurerm_eventhub_consumer_group: ["consumer group", "consumer groups"],
  azurerm_iothub_route: ["route", "routes"],
  azurerm_storage_container: ["container", "containers"],
  azurerm_cosmosdb_sql_container: ["container", "containers"],
  azurerm_mssql_database: ["database", "databases"],
  azurerm_kusto_database: ["database", "databases"],
  azurerm_kusto_script: ["script", "scripts"],
  azurerm_data_factory_pipeline: ["pipeline", "pipelines"],
  azurerm_synapse_spark_pool: ["Spark pool", "Spark pools"],
  azurerm_synapse_sql_pool: ["SQL pool", "SQL pools"],
  azurerm_subnet: ["subnet", "subnets"],
  azurerm_key_vault_key: ["key", "keys"],
  databricks_schema: ["schema", "schemas"],
};

const kindOf = ({ type, args }: SynthesisedResource): string | undefined =>
  type === "azapi_resource" ? azapiTypes[String(args["type"]).split("@")[0]!] : nodeTypes[type];

/** Finds the service that a resource belongs to, through the resources above it. */
export class NodeFinder {
  readonly nodes: readonly GraphNode[];
  readonly #resolver: ReferenceResolver;
  readonly #byKey: ReadonlyMap<string, GraphNode>;

  constructor(stage: SynthesisedStage) {
    this.#resolver = new ReferenceResolver(stage);
    const parts = new Map<string, Map<string, number>>();
    const endpoints = new Map<string, string[]>();
    for (const resource of stage.resources) {
      if (resource.type in partNames) {
        const owner = this.#owner(resource);
        if (owner === undefined) continue;
        const counts = parts.get(owner.key) ?? new Map<string, number>();
        counts.set(resource.type, (counts.get(resource.type) ?? 0) + 1);
        parts.set(owner.key, counts);
      }
      if (resource.type === "azurerm_private_endpoint") {
        const [connection] = [resource.args["private_service_connection"]].flat();
        const block = connection as
          | { private_connection_resource_id?: string; subresource_names?: string[] }
          | undefined;
        const target = this.#resolver.target(resource.stack, block?.private_connection_resource_id)?.resource;
        if (target !== undefined) {
          endpoints.set(target.key, [
            ...(endpoints.get(target.key) ?? []),
            ...(block?.subresource_names ?? []),
          ]);
        }
      }
    }
    this.nodes = stage.resources.flatMap((resource) => {
      const kind = kindOf(resource);
      if (kind === undefined) return [];
      const counts = [...(parts.get(resource.key) ?? [])].map(
        ([type, count]) => `${count} ${partNames[type]![count === 1 ? 0 : 1]}`,
      );
      return [
        {
          resource,
          kind,
          name: this.#resolver.literal(resource.stack, resource.args["name"]) ?? resource.name,
          parts: counts.sort(),
          endpoints: (endpoints.get(resource.key) ?? []).sort(),
        },
      ];
    });
    this.#byKey = new Map(this.nodes.map((node) => [node.resource.key, node]));
  }

  /** The node that a value leads to. */
  at(stack: string, value: unknown): GraphNode | undefined {
    if (typeof value !== "string") return undefined;
    for (const { resource } of this.#resolver.targets(stack, value)) {
      const owner = this.#owner(resource);
      if (owner !== undefined) return this.#byKey.get(owner.key);
    }
    return undefined;
  }

  /** The node of a resource itself or of what it stands under. */
  of(resource: SynthesisedResource): GraphNode | undefined {
    const owner = this.#owner(resource);
    return owner === undefined ? undefined : this.#byKey.get(owner.key);
  }

  #owner(resource: SynthesisedResource, depth = 0): SynthesisedResource | undefined {
    if (kindOf(resource) !== undefined) return resource;
    if (depth > 6) return undefined;
    for (const argument of parentArguments) {
      const target = this.#resolver.target(resource.stack, resource.args[argument])?.resource;
      if (target === undefined || target.key === resource.key) continue;
      const owner = this.#owner(target, depth + 1);
      if (owner !== undefined) return owner;
    }
    return undefined;
  }
}
