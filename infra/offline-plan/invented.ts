import { createHash } from "node:crypto";
import type { JsonValue } from "../checks/synthesis";
import { providerFacts } from "../facts";

/** What is known of a resource when values that Azure would give are invented. */
export interface KnownResource {
  readonly type: string;
  /** Distinguishes it from every other resource: its stack and address. */
  readonly key: string;
  readonly values: Readonly<Record<string, JsonValue>>;
}

/** A stable GUID of a text. */
export function guidOf(text: string): string {
  const hex = createHash("sha1").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const textOf = (value: JsonValue | undefined): string | undefined =>
  typeof value === "string" && value !== "" && !value.includes("${") ? value : undefined;

/** The resource's id, of the form in which the provider imports it, with what is known of it filled in. */
export function inventId({ type, key, values }: KnownResource): string {
  const template = providerFacts[type]?.idTemplate ?? moreTemplates[type];
  const name = textOf(values["name"]) ?? `invented-${guidOf(key).slice(0, 8)}`;
  if (type === "azapi_resource") {
    const parent = textOf(values["parent_id"]) ?? `/subscriptions/${zeroGuid}/resourceGroups/invented`;
    const words = String(values["type"]).split("@")[0]!.split("/");
    return words.length === 2
      ? `${parent}/providers/${words[0]}/${words[1]}/${name}`
      : `${parent}/${words.at(-1)}/${name}`;
  }
  if (type === "azurerm_key_vault_key") {
    return `https://invented.vault.azure.net/keys/${name}/${guidOf(key).replaceAll("-", "")}`;
  }
  if (type === "azurerm_monitor_diagnostic_setting") {
    return `${textOf(values["target_resource_id"]) ?? "/invented"}|${name}`;
  }
  if (type === "azurerm_storage_container") {
    const account = textOf(values["storage_account_id"]) ?? `/subscriptions/${zeroGuid}`;
    return `${account}/blobServices/default/containers/${name}`;
  }
  if (type === "azurerm_role_assignment") {
    const scope = textOf(values["scope"]) ?? `/subscriptions/${zeroGuid}`;
    return `${scope}/providers/Microsoft.Authorization/roleAssignments/${guidOf(key)}`;
  }
  if (type === "azurerm_nat_gateway_public_ip_association") {
    return `${textOf(values["nat_gateway_id"])}|${textOf(values["public_ip_address_id"])}`;
  }
  if (type === "azurerm_management_lock") {
    return `${textOf(values["scope"])}/providers/Microsoft.Authorization/locks/${name}`;
  }
  // What a service has one of has a fixed name and no argument for it.
  const ownName = (path: readonly string[]) =>
    textOf(values["name"]) ?? (onlyNames.has(path.at(-1)!) ? path.at(-1)! : name);
  if (template === undefined)
    return type.startsWith("azurerm_") ? `/subscriptions/${zeroGuid}/invented/${guidOf(key)}` : guidOf(key);
  // A resource under another one stands under that one's id, when it is given.
  for (const parentKey of parentKeys) {
    const parent = textOf(values[parentKey]);
    if (parent === undefined || !parent.startsWith("/")) continue;
    const words = template.split("/");
    const under = parent.split("/");
    if (
      words.length > under.length &&
      words[under.length - 2]?.toLowerCase() === under.at(-2)?.toLowerCase()
    ) {
      return `${parent}/${words.slice(under.length, -1).join("/")}/${ownName(words)}`.replaceAll("//", "/");
    }
  }
  const words = template.split("/");
  words[2] = zeroGuid;
  const group = words.indexOf("resourceGroups");
  if (group >= 0)
    words[group + 1] =
      textOf(values["resource_group_name"]) ?? (type === "azurerm_resource_group" ? name : "invented");
  for (const [segment, argument] of Object.entries(parentNames)) {
    const at = words.findIndex((word) => word.toLowerCase() === segment.toLowerCase());
    const value = textOf(values[argument]);
    if (at > 0 && at + 1 < words.length - 1 && value !== undefined) words[at + 1] = value;
  }
  if (type !== "azurerm_resource_group") words[words.length - 1] = ownName(words);
  return words.join("/");
}

export const zeroGuid = "00000000-0000-0000-0000-000000000000";

const onlyNames: ReadonlySet<string> = new Set(["default", "Default", "current", "activeDirectory"]);

const inGroup = (path: string): string => `/subscriptions/S/resourceGroups/G/providers/${path}`;

const inSynapse = (path: string): string => inGroup(`Microsoft.Synapse/workspaces/workspace/${path}`);

/** Id shapes that the facts do not have. */
const moreTemplates: Readonly<Record<string, string>> = {
  azurerm_iothub: inGroup("Microsoft.Devices/iotHubs/name"),
  azurerm_iothub_route: inGroup("Microsoft.Devices/iotHubs/hub/routes/name"),
  azurerm_iothub_endpoint_eventhub: inGroup("Microsoft.Devices/iotHubs/hub/endpoints/name"),
  azurerm_monitor_private_link_scope: inGroup("Microsoft.Insights/privateLinkScopes/name"),
  azurerm_monitor_private_link_scoped_service: inGroup(
    "Microsoft.Insights/privateLinkScopes/scope/scopedResources/name",
  ),
  azurerm_monitor_activity_log_alert: inGroup("Microsoft.Insights/activityLogAlerts/name"),
  azurerm_consumption_budget_resource_group: inGroup("Microsoft.Consumption/budgets/name"),
  azurerm_iothub_fallback_route: inGroup("Microsoft.Devices/iotHubs/hub/fallbackRoute/default"),
  azurerm_storage_management_policy: inGroup(
    "Microsoft.Storage/storageAccounts/account/managementPolicies/default",
  ),
  azurerm_mssql_server_extended_auditing_policy: inGroup(
    "Microsoft.Sql/servers/server/extendedAuditingSettings/default",
  ),
  azurerm_mssql_server_security_alert_policy: inGroup(
    "Microsoft.Sql/servers/server/securityAlertPolicies/Default",
  ),
  azurerm_mssql_server_transparent_data_encryption: inGroup(
    "Microsoft.Sql/servers/server/encryptionProtector/current",
  ),
  azurerm_synapse_workspace: inGroup("Microsoft.Synapse/workspaces/name"),
  azurerm_synapse_workspace_aad_admin: inSynapse("administrators/activeDirectory"),
  azurerm_synapse_workspace_extended_auditing_policy: inSynapse("extendedAuditingSettings/default"),
  azurerm_synapse_workspace_security_alert_policy: inSynapse("securityAlertPolicies/Default"),
  azurerm_synapse_workspace_key: inSynapse("keys/name"),
  azurerm_synapse_spark_pool: inSynapse("bigDataPools/name"),
  azurerm_synapse_sql_pool: inSynapse("sqlPools/name"),
  azurerm_synapse_sql_pool_extended_auditing_policy: inSynapse(
    "sqlPools/pool/extendedAuditingSettings/default",
  ),
  azurerm_synapse_sql_pool_security_alert_policy: inSynapse("sqlPools/pool/securityAlertPolicies/default"),
  azurerm_synapse_private_link_hub: inGroup("Microsoft.Synapse/privateLinkHubs/name"),
  azurerm_stream_analytics_job_schedule: inGroup(
    "Microsoft.StreamAnalytics/streamingJobs/job/schedule/default",
  ),
  azurerm_data_factory_managed_private_endpoint: inGroup(
    "Microsoft.DataFactory/factories/f/managedVirtualNetworks/default/managedPrivateEndpoints/name",
  ),
  azurerm_data_factory_linked_custom_service: inGroup(
    "Microsoft.DataFactory/factories/f/linkedservices/name",
  ),
  azurerm_data_factory_custom_dataset: inGroup("Microsoft.DataFactory/factories/f/datasets/name"),
  azurerm_data_factory_trigger_tumbling_window: inGroup("Microsoft.DataFactory/factories/f/triggers/name"),
};

const parentKeys = [
  "sql_pool_id",
  "namespace_id",
  "storage_account_id",
  "key_vault_id",
  "server_id",
  "iothub_id",
  "synapse_workspace_id",
  "data_factory_id",
  "virtual_network_id",
  "cluster_id",
  "stream_analytics_job_id",
  "parent_id",
  "digital_twins_id",
];

const parentNames: Readonly<Record<string, string>> = {
  virtualNetworks: "virtual_network_name",
  namespaces: "namespace_name",
  eventhubs: "eventhub_name",
  databaseAccounts: "account_name",
  sqlDatabases: "database_name",
  databases: "database_name",
  clusters: "cluster_name",
  privateDnsZones: "private_dns_zone_name",
  iotHubs: "iothub_name",
};

/** A value that Azure would give to an attribute of a resource, well-formed by the attribute's name. */
export function inventText(attribute: string, resource: KnownResource): string {
  const last = attribute
    .split(".")
    .at(-1)!
    .replaceAll(/\[\d+\]/g, "");
  const name = textOf(resource.values["name"]) ?? "invented";
  if (last === "id" || last === "resource_id") return inventId(resource);
  if (last === "versionless_id") return `https://invented.vault.azure.net/keys/${name}`;
  if (last === "vault_uri") return `https://${name}.vault.azure.net/`;
  if (last === "subscription_id") return zeroGuid;
  if (/_(url|uri|endpoint)$|^(url|uri|endpoint)$|^workspace_url$/.test(last))
    return `https://${name}.invented.example.com/`;
  if (/fqdn|host_?name$/.test(last)) return `${name}.invented.example.com`;
  if (/(principal|client|tenant|object|workspace|app|customer)_id$|^guid$/.test(last))
    return guidOf(`${resource.key}.${attribute}`);
  if (/_id$/.test(last)) return inventId(resource);
  if (/ip_address$/.test(last)) return "10.64.0.4";
  return guidOf(`${resource.key}.${attribute}`);
}
