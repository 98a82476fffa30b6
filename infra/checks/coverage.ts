import { about, type Finding } from "./finding";
import { ReferenceResolver } from "./references";
import { blocksOf, type SynthesisedResource, type SynthesisedStage } from "./synthesis";

interface ServiceCoverage {
  /** Subresources that need a private endpoint, and the zones of each; null where the service has none. */
  readonly endpoints: Readonly<Record<string, readonly string[]>> | null;
  /** Suffixes of the resource's id that need a diagnostic setting; null where the service has no logs or metrics. */
  readonly diagnostics: readonly string[] | null;
}

const itself = [""];

/** What every platform service needs around it; `REGION` stands for the resource's location. */
const coverage: Readonly<Record<string, ServiceCoverage>> = {
  azurerm_eventhub_namespace: {
    endpoints: { namespace: ["privatelink.servicebus.windows.net"] },
    diagnostics: itself,
  },
  azurerm_iothub: {
    endpoints: { iotHub: ["privatelink.azure-devices.net", "privatelink.servicebus.windows.net"] },
    diagnostics: itself,
  },
  azurerm_iothub_dps: {
    endpoints: { iotDps: ["privatelink.azure-devices-provisioning.net"] },
    diagnostics: itself,
  },
  azurerm_storage_account: {
    endpoints: { blob: ["privatelink.blob.core.windows.net"] },
    diagnostics: ["", "/blobServices/default"],
  },
  azurerm_cosmosdb_account: { endpoints: { Sql: ["privatelink.documents.azure.com"] }, diagnostics: itself },
  azurerm_mssql_server: {
    endpoints: { sqlServer: ["privatelink.database.windows.net"] }, // The audit of the server goes through its master database.
    diagnostics: ["/databases/master"],
  },
  azurerm_mssql_database: { endpoints: null, diagnostics: itself },
  azurerm_kusto_cluster: {
    endpoints: { cluster: ["privatelink.REGION.kusto.windows.net"] },
    diagnostics: itself,
  },
  azurerm_digital_twins_instance: {
    endpoints: { API: ["privatelink.digitaltwins.azure.net"] },
    diagnostics: itself,
  },
  azurerm_key_vault: { endpoints: { vault: ["privatelink.vaultcore.azure.net"] }, diagnostics: itself },
  azurerm_data_factory: {
    endpoints: { dataFactory: ["privatelink.datafactory.azure.net"], portal: ["privatelink.adf.azure.com"] },
    diagnostics: itself,
  },
  azurerm_databricks_workspace: {
    endpoints: {
      databricks_ui_api: ["privatelink.azuredatabricks.net"],
      browser_authentication: ["privatelink.azuredatabricks.net"],
    },
    diagnostics: itself,
  },
  azurerm_synapse_workspace: {
    endpoints: {
      Sql: ["privatelink.sql.azuresynapse.net"],
      SqlOnDemand: ["privatelink.sql.azuresynapse.net"],
      Dev: ["privatelink.dev.azuresynapse.net"],
    },
    diagnostics: itself,
  },
  azurerm_synapse_sql_pool: { endpoints: null, diagnostics: itself },
  azurerm_synapse_spark_pool: { endpoints: null, diagnostics: itself },
  azurerm_synapse_private_link_hub: {
    endpoints: { Web: ["privatelink.azuresynapse.net"] },
    diagnostics: null,
  },
  azurerm_machine_learning_workspace: {
    endpoints: { amlworkspace: ["privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"] },
    diagnostics: itself,
  },
  azurerm_dashboard_grafana: {
    endpoints: { grafana: ["privatelink.grafana.azure.com"] },
    diagnostics: itself,
  },
  azurerm_function_app_flex_consumption: {
    endpoints: { sites: ["privatelink.azurewebsites.net"] },
    diagnostics: itself,
  },
  azurerm_linux_function_app: {
    endpoints: { sites: ["privatelink.azurewebsites.net"] },
    diagnostics: itself,
  },
  azurerm_stream_analytics_job: { endpoints: null, diagnostics: itself },
  azurerm_hdinsight_kafka_cluster: { endpoints: null, diagnostics: itself },
  azurerm_eventgrid_system_topic: { endpoints: null, diagnostics: itself },
  azurerm_logic_app_workflow: { endpoints: null, diagnostics: itself },
  azurerm_application_insights: { endpoints: null, diagnostics: itself },
  azurerm_log_analytics_workspace: { endpoints: null, diagnostics: itself },
  azurerm_analysis_services_server: { endpoints: null, diagnostics: itself },
  azurerm_powerbi_embedded: { endpoints: null, diagnostics: itself },
  azurerm_monitor_private_link_scope: {
    endpoints: {
      azuremonitor: [
        "privatelink.monitor.azure.com",
        "privatelink.oms.opinsights.azure.com",
        "privatelink.ods.opinsights.azure.com",
        "privatelink.agentsvc.azure-automation.net",
        "privatelink.blob.core.windows.net",
      ],
    },
    diagnostics: null,
  },
};

/** Services that only azapi can make, by their Resource Manager type. */
const azapiCoverage: Readonly<Record<string, ServiceCoverage>> = {
  "Microsoft.Web/sites": { endpoints: { sites: ["privatelink.azurewebsites.net"] }, diagnostics: itself },
  "Microsoft.Devices/provisioningServices": coverage["azurerm_iothub_dps"]!,
  "Microsoft.Logic/workflows": { endpoints: null, diagnostics: itself },
  "Microsoft.DigitalTwins/digitalTwinsInstances": coverage["azurerm_digital_twins_instance"]!,
};

/** What a resource needs around it; undefined for types that are no service of their own. */
export function coverageOf(resource: SynthesisedResource): ServiceCoverage | undefined {
  if (resource.type === "azapi_resource") return azapiCoverage[String(resource.args["type"]).split("@")[0]!];
  const found = coverage[resource.type];
  if (found === undefined) return found;
  if (resource.type === "azurerm_cosmosdb_account" && resource.args["analytical_storage_enabled"] === true) {
    const analytical = { Analytical: ["privatelink.analytics.cosmos.azure.com"] };
    return { ...found, endpoints: { ...found.endpoints, ...analytical } };
  }
  if (resource.type !== "azurerm_storage_account") return found;
  return resource.args["is_hns_enabled"] === true
    ? { ...found, endpoints: { ...found.endpoints, dfs: ["privatelink.dfs.core.windows.net"] } }
    : found;
}

/** In private stages every service has its endpoints, in zones that the network resolves, once each. */
export function checkPrivateLinks(stage: SynthesisedStage): Finding[] {
  const resolver = new ReferenceResolver(stage);
  const findings: Finding[] = [];
  const links = stage.resources.filter(({ type }) => type === "azurerm_private_endpoint");
  const isPrivate = stage.resources.some(({ type }) => type === "azurerm_private_dns_zone");
  const linked = new Map<string, SynthesisedResource[]>();
  for (const link of links) {
    for (const connection of blocksOf(link.args["private_service_connection"])) {
      const target = resolver.target(link.stack, connection["private_connection_resource_id"])?.resource;
      const names = connection["subresource_names"];
      const subresource = Array.isArray(names) ? String(names[0]) : "";
      if (target === undefined) {
        findings.push(about(link, "network.private-link", "leads to no resource of this stage"));
        continue;
      }
      const key = `${target.key}#${subresource}`;
      linked.set(key, [...(linked.get(key) ?? []), link]);
      const wanted = coverageOf(target)?.endpoints?.[subresource] ?? extraZones[subresource];
      if (wanted === undefined) {
        findings.push(
          about(link, "network.private-link", `"${subresource}" is no known subresource of ${target.type}`),
        );
        continue;
      }
      const location = resolver.literal(target.stack, target.args["location"]) ?? "";
      findings.push(
        ...zoneProblems(
          stage,
          resolver,
          link,
          wanted.map((zone) => zone.replace("REGION", location)),
        ),
      );
    }
  }
  const granted = grantedSubresources(stage, resolver);
  for (const resource of stage.resources) {
    const needed = new Set([
      ...Object.keys(coverageOf(resource)?.endpoints ?? {}),
      ...(granted.get(resource.key) ?? []),
    ]);
    for (const subresource of needed) {
      const count = linked.get(`${resource.key}#${subresource}`)?.length ?? 0;
      if (isPrivate && count !== 1) {
        findings.push(
          about(
            resource,
            "network.private-link",
            `has ${count} private endpoints for "${subresource}", and needs one`,
          ),
        );
      }
    }
  }
  return findings;
}

/** Queues and tables of a storage account that somebody may use: where a permission leads, a private way must too. */
function grantedSubresources(stage: SynthesisedStage, resolver: ReferenceResolver): Map<string, Set<string>> {
  const granted = new Map<string, Set<string>>();
  for (const { type, stack, args } of stage.resources) {
    const subresource = /^Storage (Queue|Table) Data/
      .exec(String(args["role_definition_name"]))?.[1]
      ?.toLowerCase();
    if (type !== "azurerm_role_assignment" || subresource === undefined) continue;
    const account = resolver.target(stack, args["scope"])?.resource;
    if (account?.type !== "azurerm_storage_account") continue;
    granted.set(account.key, (granted.get(account.key) ?? new Set()).add(subresource));
  }
  return granted;
}

/** Subresources that a service may have beyond those it must have. */
const extraZones: Readonly<Record<string, readonly string[]>> = {
  queue: ["privatelink.queue.core.windows.net"],
  table: ["privatelink.table.core.windows.net"],
  dfs: ["privatelink.dfs.core.windows.net"],
};

function zoneProblems(
  stage: SynthesisedStage,
  resolver: ReferenceResolver,
  link: SynthesisedResource,
  wanted: readonly string[],
): Finding[] {
  const findings: Finding[] = [];
  const zones = blocksOf(link.args["private_dns_zone_group"]).flatMap((group) => {
    const ids = group["private_dns_zone_ids"];
    return (Array.isArray(ids) ? ids : []).map((id) => resolver.target(link.stack, id)?.resource);
  });
  const names = zones.map((zone) => String(zone?.args["name"]));
  for (const zone of wanted) {
    if (!names.includes(zone))
      findings.push(about(link, "network.private-zone", `is not registered in zone "${zone}"`));
  }
  for (const name of names) {
    if (!wanted.includes(name))
      findings.push(about(link, "network.private-zone", `is registered in foreign zone "${name}"`));
  }
  for (const zone of zones) {
    const isLinked =
      zone !== undefined &&
      stage.resources.some(
        ({ type, stack, args }) =>
          type === "azurerm_private_dns_zone_virtual_network_link" &&
          resolver.target(stack, args["private_dns_zone_name"])?.resource.key === zone.key,
      );
    if (!isLinked)
      findings.push(
        about(link, "network.private-zone", `zone "${zone?.args["name"]}" is linked to no network`),
      );
  }
  return findings;
}

/** The resource that an id names in full, as stacks write it for what a later stack cannot refer to. */
function byLiteralId(
  stage: SynthesisedStage,
  resolver: ReferenceResolver,
  id: unknown,
): SynthesisedResource | undefined {
  const name = typeof id === "string" ? /\/providers\/[^/]+\/[^/]+\/([^/]+)/.exec(id)?.[1] : undefined;
  if (name === undefined) return undefined;
  return stage.resources.find(
    (resource) =>
      coverageOf(resource) !== undefined && resolver.literal(resource.stack, resource.args["name"]) === name,
  );
}

/** Every service sends its logs and metrics to the workspace, by exactly one setting. */
export function checkDiagnostics(stage: SynthesisedStage): Finding[] {
  const resolver = new ReferenceResolver(stage);
  const findings: Finding[] = [];
  const set = new Map<string, SynthesisedResource[]>();
  for (const setting of stage.resources) {
    if (setting.type !== "azurerm_monitor_diagnostic_setting") continue;
    const id = setting.args["target_resource_id"];
    const target = resolver.target(setting.stack, id)?.resource ?? byLiteralId(stage, resolver, id);
    if (target === undefined || typeof id !== "string") {
      findings.push(about(setting, "observability.diagnostics", "leads to no resource of this stage"));
      continue;
    }
    const suffix = id
      .replaceAll(/\$\{[^}]*\}/g, "")
      .replace(/^\/subscriptions\/.*?\/providers\/[^/]+\/[^/]+\/[^/]+/, "");
    const key = `${target.key}#${suffix}`;
    set.set(key, [...(set.get(key) ?? []), setting]);
    const workspace = resolver.target(setting.stack, setting.args["log_analytics_workspace_id"])?.resource;
    if (workspace?.type !== "azurerm_log_analytics_workspace") {
      findings.push(about(setting, "observability.diagnostics", "does not send to the stage's workspace"));
    }
    const known = coverageOf(target)?.diagnostics;
    if (
      known !== null &&
      known !== undefined &&
      !known.includes(suffix) &&
      !/Services\/default$/.test(suffix)
    ) {
      findings.push(
        about(
          setting,
          "observability.diagnostics",
          `"${suffix}" is no part of ${target.type} that has diagnostics`,
        ),
      );
    }
  }
  for (const resource of stage.resources) {
    for (const suffix of coverageOf(resource)?.diagnostics ?? []) {
      const count = set.get(`${resource.key}#${suffix}`)?.length ?? 0;
      if (count !== 1) {
        findings.push(
          about(
            resource,
            "observability.diagnostics",
            `has ${count} diagnostic settings${suffix && ` for ${suffix}`}, and needs one`,
          ),
        );
      }
    }
  }
  return findings;
}
