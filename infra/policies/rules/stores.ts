import { both, companion, either, given, is, isNot, type Policy, valueAt } from "../policy";
import { isClosed, isPrivateTo, rule } from "./rule";

const storage = ["azurerm_storage_account"];
const vault = ["azurerm_key_vault"];
const cosmos = ["azurerm_cosmosdb_account"];
const kusto = ["azurerm_kusto_cluster"];

/** Rules of what takes and keeps data: accounts, hubs, Cosmos DB, Data Explorer, keys. */
export const storeRules: readonly Policy[] = [
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
];
