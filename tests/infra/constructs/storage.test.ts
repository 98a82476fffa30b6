import { KeylessStorageAccount } from "../../../infra/constructs/storage/keyless-storage-account";
import { encryption, only, resources, stackOf, surroundings } from "./support";

const account = (stage: "dev" | "prod", encrypted = false) => {
  const stack = stackOf(stage);
  const made = new KeylessStorageAccount(stack, "lake", {
    ...surroundings,
    what: "lake",
    replication: "ZRS",
    hierarchical: true,
    containers: ["capture", "lake"],
    endpoints: ["blob", "dfs"],
    encryption: encrypted ? encryption : null,
  });
  return { stack, made };
};

describe("KeylessStorageAccount", () => {
  it("takes no keys, no old TLS, no anonymous readers", () => {
    expect(only(account("prod").stack, "azurerm_storage_account")).toMatchObject({
      shared_access_key_enabled: false,
      default_to_oauth_authentication: true,
      min_tls_version: "TLS1_2",
      https_traffic_only_enabled: true,
      allow_nested_items_to_be_public: false,
      cross_tenant_replication_enabled: false,
      local_user_enabled: false,
      infrastructure_encryption_enabled: true,
      network_rules: { default_action: "Deny", bypass: ["AzureServices"] },
      blob_properties: {
        delete_retention_policy: { days: 30 },
        container_delete_retention_policy: { days: 30 },
      },
    });
  });

  it("is shut and has its private endpoints in a private stage", () => {
    const { stack } = account("prod");
    expect(only(stack, "azurerm_storage_account")["public_network_access_enabled"]).toBe(false);
    const links = resources(stack, "azurerm_private_endpoint");
    expect(links.map((link) => link["private_service_connection"])).toMatchObject([
      { subresource_names: ["blob"] },
      { subresource_names: ["dfs"] },
    ]);
    expect(links[1]!["private_dns_zone_group"]).toMatchObject({
      private_dns_zone_ids: ["zone:privatelink.dfs.core.windows.net"],
    });
  });

  it("opens to the developers' addresses only in a public stage", () => {
    const { stack } = account("dev");
    expect(only(stack, "azurerm_storage_account")).toMatchObject({
      public_network_access_enabled: true,
      network_rules: { default_action: "Deny", ip_rules: ["203.0.113.0/24"] },
    });
    expect(resources(stack, "azurerm_private_endpoint")).toEqual([]);
  });

  it("is guarded in production with its containers, and not in dev", () => {
    for (const [stage, guarded] of [
      ["prod", true],
      ["dev", undefined],
    ] as const) {
      const { stack } = account(stage);
      const kept = [
        ...resources(stack, "azurerm_storage_account"),
        ...resources(stack, "azurerm_storage_container"),
      ];
      expect(kept).toHaveLength(3);
      for (const resource of kept) {
        expect((resource["lifecycle"] as { prevent_destroy?: boolean } | undefined)?.prevent_destroy).toBe(
          guarded,
        );
      }
    }
  });

  it("uses the stage's key when there is one", () => {
    const { stack } = account("prod", true);
    expect(only(stack, "azurerm_storage_account_customer_managed_key")).toMatchObject({
      key_vault_key_id: encryption.keyId,
      user_assigned_identity_id: encryption.identityId,
    });
    expect(only(stack, "azurerm_storage_account_customer_managed_key")).not.toHaveProperty("key_name");
    expect(resources(account("prod").stack, "azurerm_storage_account_customer_managed_key")).toEqual([]);
  });

  it("logs reads and writes of blobs", () => {
    expect(resources(account("prod").stack, "azurerm_monitor_diagnostic_setting")).toHaveLength(2);
  });

  it("knows its containers by name", () => {
    const { made } = account("prod");
    expect(made.containerId("capture")).not.toBe(made.containerId("lake"));
    expect(() => made.containerId("none")).toThrow('no container "none"');
  });
});
