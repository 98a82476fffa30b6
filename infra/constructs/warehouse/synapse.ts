import { SynapsePrivateLinkHub } from "@cdktf/provider-azurerm/lib/synapse-private-link-hub";
import { SynapseSparkPool } from "@cdktf/provider-azurerm/lib/synapse-spark-pool";
import { SynapseSqlPool } from "@cdktf/provider-azurerm/lib/synapse-sql-pool";
import { SynapseSqlPoolExtendedAuditingPolicy } from "@cdktf/provider-azurerm/lib/synapse-sql-pool-extended-auditing-policy";
import { SynapseSqlPoolSecurityAlertPolicy } from "@cdktf/provider-azurerm/lib/synapse-sql-pool-security-alert-policy";
import { SynapseWorkspace } from "@cdktf/provider-azurerm/lib/synapse-workspace";
import { SynapseWorkspaceAadAdmin } from "@cdktf/provider-azurerm/lib/synapse-workspace-aad-admin";
import { SynapseWorkspaceExtendedAuditingPolicy } from "@cdktf/provider-azurerm/lib/synapse-workspace-extended-auditing-policy";
import { SynapseWorkspaceKey } from "@cdktf/provider-azurerm/lib/synapse-workspace-key";
import { SynapseWorkspaceSecurityAlertPolicy } from "@cdktf/provider-azurerm/lib/synapse-workspace-security-alert-policy";
import type { Construct, TerraformResource } from "../../bindings/cdktf";
import { generatedPassword } from "../../bindings/generated-password";
import type { StageConfig } from "../../config/stages";
import type { EncryptionReference } from "../../stacks/identity-stack";
import type { LakeOutputs } from "../../stacks/lake-stack";
import { guard } from "../guard";
import { RoleEdge } from "../identity/role-edge";
import { Service, type Surroundings } from "../service";

export interface SynapseProps extends Surroundings {
  readonly lake: LakeOutputs;
  readonly sizes: StageConfig["synapse"];
  readonly dedicatedPool: boolean;
  readonly encryption: EncryptionReference | null;
}

/** A Synapse workspace in its managed network: serverless SQL always, Spark and a dedicated pool where the stage has them. */
export class Synapse extends Service {
  readonly workspace: SynapseWorkspace;

  constructor(scope: Construct, id: string, props: SynapseProps) {
    super(scope, id, props);
    const { nameOf, isPrivate, deployment } = this.stack;
    const { encryption, lake } = props;
    this.workspace = new SynapseWorkspace(this, "workspace", {
      ...this.place,
      name: nameOf("synapse"),
      storageDataLakeGen2FilesystemId: `https://${lake.accountName}.dfs.core.windows.net/synapse`,
      managedResourceGroupName: nameOf("resourceGroup", "synapse-managed"),
      managedVirtualNetworkEnabled: true,
      dataExfiltrationProtectionEnabled: isPrivate,
      publicNetworkAccessEnabled: !isPrivate,
      azureadAuthenticationOnly: true,
      sqlIdentityControlEnabled: true,
      ...(encryption === null
        ? {
            identity: { type: "SystemAssigned" },
            // The provider wants a login or a key of one's own; no login by password is possible all the same.
            sqlAdministratorLogin: "sqladmin",
            sqlAdministratorLoginPassword: generatedPassword,
            lifecycle: { ignoreChanges: ["sql_administrator_login_password"] },
          }
        : {
            identity: { type: "SystemAssigned, UserAssigned", identityIds: [encryption.identityId] },
            customerManagedKey: {
              keyName: encryption.keyName,
              keyVersionlessId: encryption.keyId,
              userAssignedIdentityId: encryption.identityId,
            },
          }),
    });
    guard(this.workspace);
    const ready: TerraformResource[] = [];
    if (encryption !== null) {
      ready.push(
        new SynapseWorkspaceKey(this, "key", {
          synapseWorkspaceId: this.workspace.id,
          active: true,
          customerManagedKeyName: encryption.keyName,
          customerManagedKeyVersionlessId: encryption.keyId,
        }),
      );
    }
    new RoleEdge(this, "role-filesystem", {
      role: "Storage Blob Data Contributor",
      principalId: this.workspace.identity.principalId,
      scope: lake.containerId("synapse"),
      edge: "synapse -> its filesystem",
    });
    new RoleEdge(this, "role-lake", {
      role: "Storage Blob Data Reader",
      principalId: this.workspace.identity.principalId,
      scope: lake.containerId("lake"),
      edge: "lake -> synapse",
    });
    new SynapseWorkspaceAadAdmin(this, "admin", {
      synapseWorkspaceId: this.workspace.id,
      login: deployment.adminGroupName,
      objectId: deployment.adminGroupObjectId,
      tenantId: deployment.tenantId,
      dependsOn: ready,
    });
    new SynapseWorkspaceExtendedAuditingPolicy(this, "audit", {
      synapseWorkspaceId: this.workspace.id,
      logMonitoringEnabled: true,
      retentionInDays: 90,
      dependsOn: ready,
    });
    new SynapseWorkspaceSecurityAlertPolicy(this, "threats", {
      synapseWorkspaceId: this.workspace.id,
      policyState: "Enabled",
      emailAccountAdminsEnabled: true,
      emailAddresses: [deployment.alertEmail],
      dependsOn: ready,
    });
    this.connectPrivately("synapse", this.workspace.id, "synapseSql", "synapseSqlOnDemand", "synapseDev");
    if (isPrivate) {
      const hub = new SynapsePrivateLinkHub(this, "link-hub", {
        ...this.place,
        name: nameOf("synapse", "hub"),
      });
      this.connectPrivately("synapse-studio", hub.id, "synapseWeb");
    }
    this.diagnose("synapse", this.workspace.id);
    if (props.sizes.sparkPool) this.#spark(ready);
    if (props.dedicatedPool) this.#dedicated(props.sizes.dedicatedPoolSku, ready);
  }

  #spark(dependsOn: TerraformResource[]): void {
    const pool = new SynapseSparkPool(this, "spark", {
      name: this.stack.nameOf("synapseSparkPool"),
      synapseWorkspaceId: this.workspace.id,
      // 3.4 has ended, and 3.5 is the long-term one.
      sparkVersion: "3.5",
      nodeSizeFamily: "MemoryOptimized",
      nodeSize: "Small",
      computeIsolationEnabled: false,
      sessionLevelPackagesEnabled: false,
      autoPause: { delayInMinutes: 15 },
      autoScale: { minNodeCount: 3, maxNodeCount: 6 },
      tags: this.place.tags,
      dependsOn,
    });
    this.diagnose("synapse-spark", pool.id);
  }

  #dedicated(skuName: string, dependsOn: TerraformResource[]): void {
    const pool = new SynapseSqlPool(this, "dedicated", {
      name: this.stack.nameOf("synapseSqlPool"),
      synapseWorkspaceId: this.workspace.id,
      skuName,
      createMode: "Default",
      storageAccountType: "GRS",
      geoBackupPolicyEnabled: true,
      dataEncrypted: true,
      tags: this.place.tags,
      dependsOn,
    });
    guard(pool);
    new SynapseSqlPoolSecurityAlertPolicy(this, "dedicated-threats", {
      sqlPoolId: pool.id,
      policyState: "Enabled",
      emailAccountAdminsEnabled: true,
      emailAddresses: [this.stack.deployment.alertEmail],
    });
    new SynapseSqlPoolExtendedAuditingPolicy(this, "dedicated-audit", {
      sqlPoolId: pool.id,
      logMonitoringEnabled: true,
      retentionInDays: 90,
    });
    this.diagnose("synapse-dedicated", pool.id);
  }
}
