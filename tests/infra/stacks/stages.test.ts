import { topology } from "../../../contracts";
import { addStage } from "../../../infra/app";
import { TerraformStack, Testing } from "../../../infra/bindings/cdktf";
import { type StageName, stageNames, stages } from "../../../infra/config/stages";
import { cidrRange } from "../../../infra/stacks/bi-stack";
import { hubEdges } from "../../../infra/stacks/ingestion-stack";
import { containerEdges } from "../../../infra/stacks/serving-stack";

type Resource = Readonly<Record<string, unknown>>;
type Stack = Readonly<Record<string, Readonly<Record<string, Resource>>>>;

const stackNames = [
  "bootstrap",
  "network",
  "observability",
  "identity",
  "lake",
  "ingestion",
  "serving",
  "analytics",
  "speed",
  "batch",
  "batch-content",
  "warehouse",
  "bi",
  "alerts",
] as const;

const synthesised = new Map<StageName, Map<string, Stack>>();
const texts = new Map<StageName, string>();

beforeAll(() => {
  for (const stage of stageNames) {
    const app = Testing.app();
    addStage(app, stage);
    const made = app.node.children.filter(
      (child): child is TerraformStack => child instanceof TerraformStack,
    );
    for (const stack of made) stack.prepareStack();
    const json = made.map((stack) => [stack.node.id.slice(stage.length + 1), Testing.synth(stack)] as const);
    texts.set(stage, json.map(([, text]) => text).join("\n"));
    synthesised.set(
      stage,
      new Map(json.map(([name, text]) => [name, (JSON.parse(text) as { resource?: Stack }).resource ?? {}])),
    );
  }
}, 120_000);

/** Resources of a type in a stack of a stage. */
function found(stage: StageName, stack: (typeof stackNames)[number], type: string): Resource[] {
  return Object.values(synthesised.get(stage)?.get(stack)?.[type] ?? {});
}

const byName = <T extends { readonly name: string }>(list: readonly T[]): T[] =>
  [...list].sort((a, b) => (a.name < b.name ? -1 : 1));

const namesOf = (list: readonly Resource[]): string[] => list.map(({ name }) => String(name)).sort();

/** Resources of a type in all stacks of a stage. */
function anywhere(stage: StageName, type: string): Resource[] {
  return [...synthesised.get(stage)!.values()].flatMap((stack) => Object.values(stack[type] ?? {}));
}

describe.each(stageNames)("stage %s", (stage) => {
  it("has every stack", () => {
    expect([...synthesised.get(stage)!.keys()]).toEqual([...stackNames]);
  });

  it.each([
    ["bootstrap", "azurerm_resource_group", 2],
    ["bootstrap", "azurerm_user_assigned_identity", 2],
    ["bootstrap", "azurerm_management_lock", 1],
    ["network", "azurerm_subnet", 7],
    ["observability", "azurerm_log_analytics_workspace", 1],
    ["identity", "azurerm_key_vault", 1],
    ["lake", "azurerm_storage_management_policy", 1],
    ["ingestion", "azurerm_eventhub_namespace", 1],
    ["ingestion", "azurerm_eventhub_namespace_schema_group", 1],
    ["ingestion", "azurerm_iothub", 1],
    ["ingestion", "azurerm_iothub_fallback_route", 1],
    ["serving", "azurerm_cosmosdb_account", 1],
    ["serving", "azurerm_mssql_database", 1],
    ["analytics", "azurerm_kusto_cluster", 1],
    ["analytics", "azurerm_kusto_script", 1],
    ["analytics", "azurerm_kusto_eventhub_data_connection", 1],
    ["analytics", "azurerm_kusto_cosmosdb_data_connection", 1],
    ["analytics", "azurerm_kusto_eventgrid_data_connection", 1],
    ["analytics", "azurerm_eventgrid_system_topic_event_subscription", 1],
    ["batch", "azurerm_databricks_workspace", 1],
    ["batch", "azurerm_databricks_access_connector", 1],
    ["batch", "azurerm_data_factory_pipeline", 1],
    ["batch-content", "databricks_job", 1],
    ["batch-content", "databricks_external_location", 2],
    ["warehouse", "azurerm_synapse_workspace", 1],
    ["bi", "azurerm_dashboard_grafana", 1],
    ["alerts", "azurerm_consumption_budget_resource_group", 1],
    ["alerts", "azurerm_monitor_activity_log_alert", 1],
  ] as const)("%s holds %s", (stack, type, count) => {
    expect(found(stage, stack, type)).toHaveLength(count);
  });

  it("makes hubs, consumer groups, containers and jobs of the topology", () => {
    const { topologyStage } = stages[stage];
    const hubs = found(stage, "ingestion", "azurerm_eventhub");
    expect(hubs.map((hub) => [hub["name"], hub["partition_count"]])).toEqual(
      byName(topology.eventHubs.hubs).map((hub) => [hub.name, hub.partitions[topologyStage]]),
    );
    expect(namesOf(found(stage, "ingestion", "azurerm_eventhub_consumer_group"))).toEqual(
      topology.eventHubs.hubs.flatMap((hub) => hub.consumerGroups.map(({ name }) => name)).sort(),
    );
    expect(namesOf(found(stage, "serving", "azurerm_cosmosdb_sql_container"))).toEqual(
      topology.cosmos.containers.map(({ name }) => name).sort(),
    );
    const sizes = found(stage, "speed", "azurerm_stream_analytics_job").map((job) => job["streaming_units"]);
    expect(sizes).toEqual(
      expect.arrayContaining(topology.jobs.map((job) => job.streamingUnits[topologyStage])),
    );
    expect(found(stage, "speed", "azurerm_stream_analytics_job_schedule")).toHaveLength(sizes.length);
  });

  it("gives each permission of the topology once", () => {
    expect(found(stage, "serving", "azurerm_cosmosdb_sql_role_assignment")).toHaveLength(
      containerEdges().length,
    );
    const texts = found(stage, "ingestion", "azurerm_role_assignment").map((role) => role["description"]);
    for (const { who, hub, sends } of hubEdges()) {
      expect(
        texts.filter((text) => text === (sends ? `${who} -> hub ${hub}` : `hub ${hub} -> ${who}`)),
      ).toHaveLength(1);
    }
  });

  it("writes captured files by identity, empty ones too", () => {
    const telemetry = found(stage, "ingestion", "azurerm_eventhub").find(({ name }) => name === "telemetry");
    expect(telemetry!["capture_description"]).toMatchObject({
      encoding: "Avro",
      skip_empty_archives: false,
      destination: {
        storage_authentication_type: "SystemAssigned",
        archive_name_format: topology.lake.captureNameFormat,
      },
    });
  });

  it("gives functions every binding by identity", () => {
    const app = found(stage, "speed", "azapi_resource").find((resource) =>
      String(resource["type"]).startsWith("Microsoft.Web/sites@"),
    )!;
    const { siteConfig } = (
      app["body"] as { properties: { siteConfig: { appSettings: { name: string; value: string }[] } } }
    ).properties;
    const names = siteConfig.appSettings.map(({ name }) => name);
    for (const connection of ["AzureWebJobsStorage", "EventHubs", "Cosmos"]) {
      expect(names).not.toContain(connection);
      expect(names).toEqual(expect.arrayContaining([`${connection}__credential`, `${connection}__clientId`]));
    }
  });

  it("passes no secret from stack to stack", () => {
    for (const word of [
      "primary_connection_string",
      "primary_access_key",
      "primary_key",
      "default_primary",
      "instrumentation_key",
    ]) {
      expect(texts.get(stage)).not.toContain(word);
    }
  });

  it("shuts public doors exactly where the network is private", () => {
    const isPrivate = stages[stage].flags.privateNetworking;
    for (const type of [
      "azurerm_eventhub_namespace",
      "azurerm_iothub",
      "azurerm_kusto_cluster",
      "azurerm_mssql_server",
      "azurerm_key_vault",
    ]) {
      for (const resource of anywhere(stage, type))
        expect(resource["public_network_access_enabled"]).toBe(!isPrivate);
    }
    expect(anywhere(stage, "azurerm_private_endpoint").length > 15).toBe(isPrivate);
  });
});

describe("flags", () => {
  const { flags: none } = stages.dev;

  it.each([
    ["hdinsight", "azurerm_hdinsight_kafka_cluster"],
    ["powerBiStreamingOutput", "azurerm_stream_analytics_output_powerbi"],
    ["powerBiEmbedded", "azurerm_powerbi_embedded"],
    ["analysisServices", "azurerm_analysis_services_server"],
    ["synapseDedicatedPool", "azurerm_synapse_sql_pool"],
    ["digitalTwins", "azurerm_digital_twins_instance"],
    ["azureMl", "azurerm_machine_learning_workspace"],
    ["fabricCapacity", "azurerm_fabric_capacity"],
    ["asaCluster", "azurerm_stream_analytics_cluster"],
    ["privateNetworking", "azurerm_private_dns_zone"],
    ["cmk", "azurerm_key_vault_key"],
  ] as const)("%s makes %s where it is on, and nowhere else", (flag, type) => {
    expect(none[flag]).toBe(false);
    for (const stage of stageNames) {
      expect([stage, anywhere(stage, type).length > 0]).toEqual([stage, stages[stage].flags[flag]]);
    }
  });

  it("synapseLink switches the analytical store on", () => {
    for (const stage of stageNames) {
      const { synapseLink } = stages[stage].flags;
      expect(anywhere(stage, "azurerm_cosmosdb_account")[0]!["analytical_storage_enabled"]).toBe(synapseLink);
    }
  });

  it("all-flags switches everything on", () => {
    expect(Object.values(stages["all-flags"].flags)).not.toContain(false);
  });
});

describe("guards", () => {
  const stateful = [
    "azurerm_storage_account",
    "azurerm_storage_container",
    "azurerm_key_vault",
    "azurerm_eventhub_namespace",
    "azurerm_eventhub",
    "azurerm_iothub",
    "azurerm_cosmosdb_account",
    "azurerm_cosmosdb_sql_container",
    "azurerm_kusto_cluster",
    "azurerm_kusto_database",
    "azurerm_mssql_database",
    "azurerm_digital_twins_instance",
    "azurerm_databricks_workspace",
    "azurerm_synapse_workspace",
  ];

  it.each(stateful)("refuse the destruction of %s in production", (type) => {
    const kept = anywhere("prod", type);
    expect(kept.length).toBeGreaterThan(0);
    for (const { lifecycle } of kept) expect(lifecycle).toMatchObject({ prevent_destroy: true });
  });

  it("let dev be destroyed, except for its state", () => {
    for (const type of stateful) {
      for (const { lifecycle, name } of anywhere("dev", type)) {
        if (["stlambdadevtfa1b2c", "tfstate"].includes(String(name))) continue;
        expect((lifecycle as { prevent_destroy?: boolean } | undefined)?.prevent_destroy).toBeUndefined();
      }
    }
  });
});

describe("passwords", () => {
  it("exist only where a service insists, made at apply and then ignored", () => {
    expect(anywhere("prod", "azurerm_synapse_workspace")[0]).not.toHaveProperty(
      "sql_administrator_login_password",
    );
    expect(anywhere("dev", "azurerm_synapse_workspace")[0]).toMatchObject({
      azuread_authentication_only: true,
      sql_administrator_login_password: expect.stringMatching(/^Aa1![$][{]uuid\(\)[}]$/),
      lifecycle: { ignore_changes: ["sql_administrator_login_password"] },
    });
  });
});

describe("cidrRange", () => {
  it.each([
    ["203.0.113.0/24", "203.0.113.0", "203.0.113.255"],
    ["203.0.113.7/32", "203.0.113.7", "203.0.113.7"],
    ["203.0.113.7", "203.0.113.7", "203.0.113.7"],
    ["10.64.5.9/22", "10.64.4.0", "10.64.7.255"],
    ["255.255.255.255/32", "255.255.255.255", "255.255.255.255"],
  ])("%s runs from %s to %s", (cidr, rangeStart, rangeEnd) =>
    expect(cidrRange(cidr)).toEqual({ rangeStart, rangeEnd }),
  );
});
