import { DatabricksAccessConnector } from "@cdktf/provider-azurerm/lib/databricks-access-connector";
import { DatabricksWorkspace } from "@cdktf/provider-azurerm/lib/databricks-workspace";
import { DatabricksWorkspaceRootDbfsCustomerManagedKey } from "@cdktf/provider-azurerm/lib/databricks-workspace-root-dbfs-customer-managed-key";
import type { Construct } from "../../bindings/cdktf";
import type { EncryptionReference, IdentityReference } from "../../stacks/identity-stack";
import { guard } from "../guard";
import { RoleEdge } from "../identity/role-edge";
import { Service, type Surroundings } from "../service";

export interface DatabricksProps extends Surroundings {
  /** Identity by which Unity Catalog reaches the lake. */
  readonly identity: IdentityReference;
  /** Identity that runs notebooks from a pipeline. */
  readonly dataFactoryPrincipalId: string;
  readonly encryption: EncryptionReference | null;
}

/** A premium Databricks workspace in the stage's own network, without public addresses, and its connector to the lake. */
export class Databricks extends Service {
  readonly workspace: DatabricksWorkspace;
  readonly connector: DatabricksAccessConnector;

  constructor(scope: Construct, id: string, props: DatabricksProps) {
    super(scope, id, props);
    const { nameOf, isPrivate } = this.stack;
    const { network, encryption } = props;
    this.connector = new DatabricksAccessConnector(this, "connector", {
      ...this.place,
      name: nameOf("databricksAccessConnector"),
      identity: { type: "UserAssigned", identityIds: [props.identity.id] },
    });
    this.workspace = new DatabricksWorkspace(this, "workspace", {
      ...this.place,
      name: nameOf("databricks"),
      sku: "premium",
      managedResourceGroupName: nameOf("resourceGroup", "databricks-managed"),
      publicNetworkAccessEnabled: !isPrivate,
      ...(isPrivate && { networkSecurityGroupRulesRequired: "NoAzureDatabricksRules" }),
      infrastructureEncryptionEnabled: true,
      ...(isPrivate && { defaultStorageFirewallEnabled: true, accessConnectorId: this.connector.id }),
      customParameters: {
        noPublicIp: true,
        virtualNetworkId: network.virtualNetworkId,
        publicSubnetName: network.subnetName("databricks-public"),
        privateSubnetName: network.subnetName("databricks-private"),
        publicSubnetNetworkSecurityGroupAssociationId:
          network.securityGroupAssociationId("databricks-public"),
        privateSubnetNetworkSecurityGroupAssociationId:
          network.securityGroupAssociationId("databricks-private"),
        storageAccountSkuName: this.stack.isProduction ? "Standard_ZRS" : "Standard_LRS",
      },
      ...(encryption !== null && { customerManagedKeyEnabled: true }),
    });
    guard(this.workspace);
    if (encryption !== null) {
      const storageRole = new RoleEdge(this, "role-encryption", {
        role: "Key Vault Crypto Service Encryption User",
        principalId: this.workspace.storageAccountIdentity.get(0).principalId,
        scope: encryption.keyVaultId,
        edge: "databricks storage -> key vault",
      });
      new DatabricksWorkspaceRootDbfsCustomerManagedKey(this, "encryption", {
        workspaceId: this.workspace.id,
        keyVaultKeyId: encryption.keyId,
        dependsOn: [storageRole.assignment],
      });
    }
    this.connectPrivately("databricks", this.workspace.id, "databricks_ui_api", "browser_authentication");
    this.diagnose("databricks", this.workspace.id, { metrics: false });
    new RoleEdge(this, "role-data-factory", {
      role: "Contributor",
      principalId: props.dataFactoryPrincipalId,
      scope: this.workspace.id,
      edge: "data factory -> databricks",
    });
  }
}
