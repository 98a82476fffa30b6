import { both, companion, either, given, is, isNot, type Policy, valueAt } from "./policy";

const storage = ["azurerm_storage_account"];
const vault = ["azurerm_key_vault"];
const cosmos = ["azurerm_cosmosdb_account"];
const kusto = ["azurerm_kusto_cluster"];
const synapse = ["azurerm_synapse_workspace"];
const sqlPool = ["azurerm_synapse_sql_pool"];
const sqlServer = ["azurerm_mssql_server"];
const functions = ["azurerm_function_app_flex_consumption", "azurerm_linux_function_app"];
const plan = ["azurerm_service_plan"];
const learning = ["azurerm_machine_learning_workspace"];

const rule = (id: string, types: readonly string[], title: string, holds: Policy["holds"]): Policy => ({
  id,
  types,
  title,
  holds,
});
const isPrivateTo = companion(
  "azurerm_private_endpoint",
  "private_service_connection.private_connection_resource_id",
);
const isClosed = is("public_network_access_enabled", false);

/** The project's security rules, by the id of the checkov check that each mirrors. */
export const policies: readonly Policy[] = [
  rule(
    "CKV_AZURE_3",
    storage,
    "storage accounts answer over HTTPS only",
    isNot("https_traffic_only_enabled", false),
  ),
  rule(
    "CKV_AZURE_33",
    storage,
    "storage queues log reads, writes and deletes",
    given("queue_properties.logging"),
  ),
  rule(
    "CKV_AZURE_35",
    storage,
    "storage accounts deny networks by default",
    either(is("network_rules.default_action", "Deny"), isClosed),
  ),
  rule("CKV_AZURE_36", storage, "trusted services reach storage accounts", ({ args }) => {
    const bypass = valueAt(args, "network_rules.bypass");
    return bypass === undefined || (Array.isArray(bypass) && bypass.includes("AzureServices"));
  }),
  rule(
    "CKV_AZURE_44",
    storage,
    "storage accounts ask for TLS 1.2",
    is("min_tls_version", "TLS1_2", "TLS1_3"),
  ),
  rule("CKV_AZURE_59", storage, "storage accounts have no public network access", isClosed),
  rule(
    "CKV_AZURE_190",
    storage,
    "no blob of a storage account can be public",
    is("allow_nested_items_to_be_public", false),
  ),
  rule(
    "CKV_AZURE_206",
    storage,
    "storage accounts are replicated",
    is("account_replication_type", "GRS", "RAGRS", "GZRS", "RAGZRS"),
  ),
  rule("CKV_AZURE_244", storage, "storage accounts have no local users", is("local_user_enabled", false)),
  rule(
    "CKV2_AZURE_1",
    storage,
    "storage accounts are encrypted with the platform's own key",
    either(
      companion("azurerm_storage_account_customer_managed_key", "storage_account_id"),
      given("customer_managed_key.key_vault_key_id"),
    ),
  ),
  rule("CKV2_AZURE_33", storage, "storage accounts have a private endpoint", isPrivateTo),
  rule(
    "CKV2_AZURE_38",
    storage,
    "deleted blobs and containers can be had back",
    both(
      given("blob_properties.delete_retention_policy"),
      given("blob_properties.container_delete_retention_policy"),
    ),
  ),
  rule(
    "CKV2_AZURE_40",
    storage,
    "storage accounts refuse shared keys",
    is("shared_access_key_enabled", false),
  ),
  rule(
    "CKV2_AZURE_41",
    storage,
    "shared access signatures expire",
    either(is("shared_access_key_enabled", false), given("sas_policy.expiration_period")),
  ),
  rule(
    "CKV2_AZURE_47",
    storage,
    "storage accounts have no anonymous blobs",
    is("allow_nested_items_to_be_public", false),
  ),
  rule(
    "CKV_AZURE_223",
    ["azurerm_eventhub_namespace"],
    "Event Hubs namespaces ask for TLS 1.2",
    is("minimum_tls_version", "1.2"),
  ),
  rule(
    "LOCAL_AUTH_EVENT_HUBS",
    ["azurerm_eventhub_namespace"],
    "Event Hubs namespaces refuse shared access signatures",
    is("local_authentication_enabled", false),
  ),
  rule(
    "PUBLIC_EVENT_HUBS",
    ["azurerm_eventhub_namespace"],
    "Event Hubs namespaces have no public network access",
    isClosed,
  ),
  rule("CKV_AZURE_108", ["azurerm_iothub"], "IoT hubs have no public network access", isClosed),
  rule(
    "LOCAL_AUTH_IOT_HUB",
    ["azurerm_iothub"],
    "IoT hubs refuse shared access signatures",
    is("local_authentication_enabled", false),
  ),
  rule("TLS_IOT_HUB", ["azurerm_iothub"], "IoT hubs ask for TLS 1.2", is("min_tls_version", "1.2")),
  rule(
    "CKV_AZURE_99",
    cosmos,
    "Cosmos accounts restrict networks",
    either(isClosed, is("is_virtual_network_filter_enabled", true), given("ip_range_filter")),
  ),
  rule(
    "CKV_AZURE_100",
    cosmos,
    "Cosmos accounts are encrypted with the platform's own key",
    given("key_vault_key_id"),
  ),
  rule("CKV_AZURE_101", cosmos, "Cosmos accounts have no public network access", isClosed),
  rule(
    "CKV_AZURE_132",
    cosmos,
    "keys cannot change Cosmos accounts",
    is("access_key_metadata_writes_enabled", false),
  ),
  rule(
    "CKV_AZURE_140",
    cosmos,
    "Cosmos accounts refuse keys",
    either(is("local_authentication_disabled", true), is("local_authentication_enabled", false)),
  ),
  rule("TLS_COSMOS", cosmos, "Cosmos accounts ask for TLS 1.2", isNot("minimal_tls_version", "Tls")),
  rule("CKV_AZURE_74", kusto, "Data Explorer encrypts its disks", is("disk_encryption_enabled", true)),
  rule("CKV_AZURE_75", kusto, "Data Explorer encrypts twice", is("double_encryption_enabled", true)),
  rule(
    "CKV_AZURE_180",
    kusto,
    "Data Explorer has a size with a service level",
    ({ args }) => !String(valueAt(args, "sku.name")).startsWith("Dev("),
  ),
  rule("CKV_AZURE_181", kusto, "Data Explorer has an identity", given("identity.type")),
  rule(
    "CKV2_AZURE_11",
    kusto,
    "Data Explorer is encrypted with the platform's own key",
    companion("azurerm_kusto_cluster_customer_managed_key", "cluster_id"),
  ),
  rule("PUBLIC_KUSTO", kusto, "Data Explorer has no public network access", isClosed),
  rule("CKV_AZURE_40", ["azurerm_key_vault_key"], "keys expire", given("expiration_date")),
  rule("CKV_AZURE_41", ["azurerm_key_vault_secret"], "secrets expire", given("expiration_date")),
  rule("CKV_AZURE_42", vault, "key vaults can be had back", is("purge_protection_enabled", true)),
  rule(
    "CKV_AZURE_109",
    vault,
    "key vaults deny networks by default",
    is("network_acls.default_action", "Deny"),
  ),
  rule("CKV_AZURE_110", vault, "key vaults refuse a purge", is("purge_protection_enabled", true)),
  rule("CKV_AZURE_111", vault, "key vaults delete softly", ({ args }) => {
    const days = valueAt(args, "soft_delete_retention_days");
    return days === undefined || (typeof days === "number" && days >= 7);
  }),
  rule(
    "CKV_AZURE_112",
    ["azurerm_key_vault_key"],
    "keys stay in hardware",
    is("key_type", "RSA-HSM", "EC-HSM"),
  ),
  rule("CKV_AZURE_114", ["azurerm_key_vault_secret"], "secrets have a content type", given("content_type")),
  rule("CKV_AZURE_189", vault, "key vaults have no public network access", isClosed),
  rule("CKV2_AZURE_32", vault, "key vaults have a private endpoint", isPrivateTo),
  rule("RBAC_KEY_VAULT", vault, "key vaults decide by role", is("rbac_authorization_enabled", true)),
  rule(
    "CKV_AZURE_58",
    synapse,
    "Synapse stands in a managed network",
    is("managed_virtual_network_enabled", true),
  ),
  rule(
    "CKV_AZURE_157",
    synapse,
    "Synapse lets no data out",
    is("data_exfiltration_protection_enabled", true),
  ),
  rule("CKV_AZURE_239", synapse, "Synapse has no administrator password", ({ args }) => {
    const password = valueAt(args, "sql_administrator_login_password");
    return password === undefined || (typeof password === "string" && password.includes("${"));
  }),
  rule(
    "CKV_AZURE_240",
    synapse,
    "Synapse is encrypted with the platform's own key",
    given("customer_managed_key.key_name"),
  ),
  rule("CKV_AZURE_241", sqlPool, "SQL pools are encrypted", is("data_encrypted", true)),
  rule(
    "CKV_AZURE_242",
    ["azurerm_synapse_spark_pool"],
    "Spark pools compute in isolation",
    is("compute_isolation_enabled", true),
  ),
  rule(
    "CKV2_AZURE_19",
    synapse,
    "no address has a way through Synapse's firewall",
    (resource, context) =>
      !companion("azurerm_synapse_firewall_rule", "synapse_workspace_id")(resource, context),
  ),
  rule(
    "CKV2_AZURE_46",
    synapse,
    "Synapse is searched for vulnerabilities",
    companion("azurerm_synapse_workspace_security_alert_policy", "synapse_workspace_id"),
  ),
  rule(
    "CKV2_AZURE_51",
    sqlPool,
    "SQL pools alert",
    companion("azurerm_synapse_sql_pool_security_alert_policy", "sql_pool_id", is("policy_state", "Enabled")),
  ),
  rule("CKV2_AZURE_52", sqlPool, "SQL pools are searched for vulnerabilities", (resource, context) =>
    context.stage.resources.some(
      (policy) =>
        policy.type === "azurerm_synapse_sql_pool_security_alert_policy" &&
        context.resolver.target(policy.stack, policy.args["sql_pool_id"])?.resource.key === resource.key &&
        companion("azurerm_synapse_sql_pool_vulnerability_assessment", "sql_pool_security_alert_policy_id")(
          policy,
          context,
        ),
    ),
  ),
  rule(
    "CKV2_AZURE_53",
    synapse,
    "Synapse writes audit logs",
    companion("azurerm_synapse_workspace_extended_auditing_policy", "synapse_workspace_id"),
  ),
  rule(
    "CKV2_AZURE_54",
    sqlPool,
    "SQL pools write audit logs",
    companion(
      "azurerm_synapse_sql_pool_extended_auditing_policy",
      "sql_pool_id",
      isNot("log_monitoring_enabled", false),
    ),
  ),
  rule("PUBLIC_SYNAPSE", synapse, "Synapse has no public network access", isClosed),
  rule(
    "ENTRA_SYNAPSE",
    synapse,
    "Synapse knows Entra identities only",
    is("azuread_authentication_only", true),
  ),
  rule(
    "CKV_AZURE_158",
    ["azurerm_databricks_workspace"],
    "Databricks has no public network access",
    isClosed,
  ),
  rule(
    "CKV2_AZURE_48",
    ["azurerm_databricks_workspace"],
    "Databricks' root storage is encrypted with the platform's own key",
    companion("azurerm_databricks_workspace_root_dbfs_customer_managed_key", "workspace_id"),
  ),
  rule("CKV_AZURE_103", ["azurerm_data_factory"], "data factories keep their pipelines in Git", ({ args }) =>
    ["github_configuration", "vsts_configuration"].some(
      (key) => valueAt(args, `${key}.repository_name`) !== undefined,
    ),
  ),
  rule(
    "CKV_AZURE_104",
    ["azurerm_data_factory"],
    "data factories have no public network access",
    is("public_network_enabled", false),
  ),
  rule(
    "CKV2_AZURE_15",
    ["azurerm_data_factory"],
    "data factories are linked to a key vault",
    companion("azurerm_data_factory_linked_service_key_vault", "data_factory_id"),
  ),
  rule(
    "CKV_AZURE_23",
    sqlServer,
    "SQL servers audit",
    companion("azurerm_mssql_server_extended_auditing_policy", "server_id"),
  ),
  rule(
    "CKV_AZURE_24",
    sqlServer,
    "SQL servers keep their audit logs for 90 days and more",
    companion(
      "azurerm_mssql_server_extended_auditing_policy",
      "server_id",
      either(is("log_monitoring_enabled", true), ({ args }) => {
        const days = valueAt(args, "retention_in_days");
        return typeof days === "number" && days >= 90;
      }),
    ),
  ),
  rule("CKV_AZURE_52", sqlServer, "SQL servers ask for TLS 1.2", is("minimum_tls_version", "1.2", "1.3")),
  rule("CKV_AZURE_113", sqlServer, "SQL servers have no public network access", isClosed),
  rule("CKV_AZURE_224", ["azurerm_mssql_database"], "databases keep a ledger", is("ledger_enabled", true)),
  rule(
    "CKV_AZURE_229",
    ["azurerm_mssql_database"],
    "databases stand in several zones",
    is("zone_redundant", true),
  ),
  rule(
    "CKV2_AZURE_2",
    sqlServer,
    "SQL servers are searched for vulnerabilities",
    companion("azurerm_mssql_server_security_alert_policy", "server_name", is("state", "Enabled")),
  ),
  rule(
    "CKV2_AZURE_25",
    ["azurerm_mssql_database"],
    "databases are encrypted",
    isNot("transparent_data_encryption_enabled", false),
  ),
  rule(
    "CKV2_AZURE_27",
    sqlServer,
    "SQL servers know Entra identities",
    given("azuread_administrator.login_username"),
  ),
  rule(
    "ENTRA_SQL",
    sqlServer,
    "SQL servers know Entra identities only",
    is("azuread_administrator.azuread_authentication_only", true),
  ),
  rule("CKV2_AZURE_45", sqlServer, "SQL servers have a private endpoint", isPrivateTo),
  rule("CKV_AZURE_70", functions, "function apps answer over HTTPS only", is("https_only", true)),
  rule("CKV_AZURE_221", functions, "function apps have no public network access", isClosed),
  rule(
    "CKV_AZURE_211",
    plan,
    "plans have a size for production",
    ({ args }) => !/^(F1|D1|B\d|SHARED)$/i.test(String(args["sku_name"])),
  ),
  rule("CKV_AZURE_212", plan, "plans have workers for a failover", ({ args }) => {
    const workers = args["worker_count"];
    return args["sku_name"] === "FC1" || (typeof workers === "number" && workers > 1);
  }),
  rule("CKV_AZURE_225", plan, "plans stand in several zones", is("zone_balancing_enabled", true)),
  rule("CKV_AZURE_144", learning, "machine learning workspaces have no public network access", isClosed),
  rule(
    "CKV_AZURE_142",
    ["azurerm_machine_learning_compute_cluster"],
    "compute clusters refuse local users",
    is("local_auth_enabled", false),
  ),
  rule(
    "CKV2_AZURE_49",
    learning,
    "machine learning workspaces are closed",
    isNot("public_network_access_enabled", true),
  ),
  rule(
    "CKV2_AZURE_31",
    ["azurerm_subnet"],
    "subnets have a security group",
    companion("azurerm_subnet_network_security_group_association", "subnet_id"),
  ),
  rule(
    "CKV_AZURE_182",
    ["azurerm_virtual_network"],
    "networks have two DNS servers of their own",
    ({ args }) => {
      const servers = valueAt(args, "dns_servers");
      return Array.isArray(servers) ? servers.length > 1 : false;
    },
  ),
  rule("CKV_AZURE_183", ["azurerm_virtual_network"], "networks use DNS servers inside them", ({ args }) => {
    const servers = valueAt(args, "dns_servers");
    return Array.isArray(servers) && servers.every((server) => /^10\./.test(String(server)));
  }),
  rule(
    "LOCAL_AUTH_LOGS",
    ["azurerm_log_analytics_workspace"],
    "log workspaces refuse keys",
    is("local_authentication_enabled", false),
  ),
  rule(
    "LOCAL_AUTH_INSIGHTS",
    ["azurerm_application_insights"],
    "Application Insights refuses keys",
    either(is("local_authentication_disabled", true), is("local_authentication_enabled", false)),
  ),
  rule("PUBLIC_GRAFANA", ["azurerm_dashboard_grafana"], "Grafana has no public network access", isClosed),
  rule(
    "KEYS_GRAFANA",
    ["azurerm_dashboard_grafana"],
    "Grafana has no API keys",
    isNot("api_key_enabled", true),
  ),
  rule(
    "JOB_STORAGE_IDENTITY",
    ["azurerm_stream_analytics_job"],
    "jobs reach their storage by identity",
    either(
      is("content_storage_policy", "SystemAccount"),
      is("job_storage_account.authentication_mode", "Msi"),
    ),
  ),
];
