import { companion, either, given, is, isNot, type Policy, valueAt } from "../policy";
import { isClosed, isPrivateTo, rule } from "./rule";

const _storage = ["azurerm_storage_account"];
const _vault = ["azurerm_key_vault"];
const synapse = ["azurerm_synapse_workspace"];
const sqlPool = ["azurerm_synapse_sql_pool"];
const sqlServer = ["azurerm_mssql_server"];

/** Rules of the batch layer and of what answers in SQL. */
export const warehouseRules: readonly Policy[] = [
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
];
