import { providerFacts } from "../facts";
import { about, type Finding } from "./finding";
import { ReferenceResolver } from "./references";
import { isObject, type SynthesisedResource, type SynthesisedStage } from "./synthesis";

interface NameRule {
  readonly pattern: RegExp;
  /** The name is part of a global DNS name. */
  readonly global?: true;
}

const dns = (least: number, most: number): NameRule => ({
  pattern: new RegExp(`^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{${least - 2},${most - 2}}[a-zA-Z0-9]$`),
  global: true,
});

/** Names as Azure accepts them, by type. */
const rules: Readonly<Record<string, NameRule>> = {
  azurerm_storage_account: { pattern: /^[a-z0-9]{3,24}$/, global: true },
  azurerm_key_vault: dns(3, 24),
  azurerm_kusto_cluster: { pattern: /^[a-z][a-z0-9]{3,21}$/, global: true },
  azurerm_synapse_workspace: { pattern: /^[a-z0-9](?!.*ondemand)[a-z0-9-]{0,48}[a-z0-9]$/, global: true },
  azurerm_eventhub_namespace: dns(6, 50),
  azurerm_iothub: dns(3, 50),
  azurerm_iothub_dps: dns(3, 64),
  azurerm_cosmosdb_account: { pattern: /^[a-z0-9][a-z0-9-]{1,42}[a-z0-9]$/, global: true },
  azurerm_mssql_server: { pattern: /^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/, global: true },
  azurerm_data_factory: dns(3, 63),
  azurerm_digital_twins_instance: dns(3, 63),
  azurerm_function_app_flex_consumption: dns(2, 32),
  azurerm_linux_function_app: dns(2, 32),
  azurerm_dashboard_grafana: dns(2, 23),
  azurerm_analysis_services_server: { pattern: /^[a-z][a-z0-9]{2,62}$/, global: true },
  azurerm_fabric_capacity: { pattern: /^[a-z][a-z0-9]{2,62}$/, global: true },
  azurerm_powerbi_embedded: { pattern: /^[a-z][a-z0-9]{2,62}$/, global: true },
  azurerm_synapse_spark_pool: { pattern: /^[a-zA-Z][a-zA-Z0-9]{0,14}$/ },
  azurerm_synapse_sql_pool: { pattern: /^[a-zA-Z0-9_]{1,60}$/ },
  azurerm_eventhub: { pattern: /^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,254}[a-zA-Z0-9])?$/ },
  azurerm_eventhub_consumer_group: { pattern: /^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,48}[a-zA-Z0-9])?$/ },
  azurerm_storage_container: { pattern: /^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$/ },
  azurerm_resource_group: { pattern: /^[\w.()-]{0,89}[\w()-]$/ },
  azurerm_stream_analytics_job: { pattern: /^[a-zA-Z0-9_-]{3,63}$/ },
};

/** Arguments that say where a name must be unique. */
const parents = [
  "resource_group_name",
  "namespace_name",
  "namespace_id",
  "eventhub_name",
  "storage_account_id",
  "account_name",
  "database_name",
  "virtual_network_name",
  "private_dns_zone_name",
  "cluster_name",
  "key_vault_id",
  "iothub_name",
  "iothub_id",
  "server_id",
  "synapse_workspace_id",
  "data_factory_id",
  "stream_analytics_job_name",
  "stream_analytics_job_id",
  "target_resource_id",
  "parent_id",
  "workspace_id",
  "scope",
  "catalog_name",
  "schema_name",
  "machine_learning_workspace_id",
  "user_assigned_identity_id",
  "system_topic",
  "database_id",
  "action_group_id",
  "type",
  "digital_twins_id",
  "scope_name",
];

/** Names are valid for their type, and unique where they must be: in their parent, or in the world. */
export function checkNames(stages: readonly SynthesisedStage[]): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, SynthesisedResource>();
  for (const stage of stages) {
    const resolver = new ReferenceResolver(stage);
    for (const resource of stage.resources) {
      const name = resolver.literal(resource.stack, resource.args["name"]);
      if (name === undefined) continue;
      const rule = rules[resource.type];
      if (rule !== undefined && !rule.pattern.test(name)) {
        findings.push(
          about(resource, "names.valid", `"${name}" is no name of ${resource.type} (${rule.pattern.source})`),
        );
      }
      const parent = rule?.global
        ? "world"
        : [
            stage.name,
            ...parents.map(
              (key) =>
                resolver.target(resource.stack, resource.args[key])?.resource.key ?? resource.args[key],
            ),
          ].join("|");
      const key = `${resource.type}|${parent}|${name.toLowerCase()}`;
      const before = seen.get(key);
      if (before !== undefined)
        findings.push(about(resource, "names.unique", `"${name}" is also the name of ${before.path}`));
      else seen.set(key, resource);
    }
  }
  return findings;
}

/** Tags that every resource with tags carries. */
export const requiredTags: readonly string[] = [
  "project",
  "environment",
  "stack",
  "owner",
  "costCenter",
  "dataClassification",
  "managedBy",
  "repo",
];

/** Every resource that can have tags has the required ones. */
export function checkTags(stage: SynthesisedStage): Finding[] {
  return stage.resources.flatMap((resource) => {
    const facts = providerFacts[resource.type]?.attrs["tags"];
    const isTaggable = resource.type.startsWith("azurerm_") && facts?.t === "map" && facts.f.includes("o");
    if (!isTaggable) return [];
    const tags = isObject(resource.args["tags"]) ? resource.args["tags"] : {};
    const missing = requiredTags.filter((tag) => typeof tags[tag] !== "string" || tags[tag] === "");
    if (missing.length > 0) return [about(resource, "names.tags", `lacks the tags ${missing.join(", ")}`)];
    return tags["environment"] === resource.stack.slice(0, String(tags["environment"]).length)
      ? []
      : [about(resource, "names.tags", `tag environment "${String(tags["environment"])}" is not the stage`)];
  });
}
