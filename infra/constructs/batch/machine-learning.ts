import { KeyVault } from "@cdktf/provider-azurerm/lib/key-vault";
import { MachineLearningComputeCluster } from "@cdktf/provider-azurerm/lib/machine-learning-compute-cluster";
import { MachineLearningWorkspace } from "@cdktf/provider-azurerm/lib/machine-learning-workspace";
import { AzapiResource } from "../../bindings/azapi";
import type { Construct } from "../../bindings/cdktf";
import type { EncryptionReference, IdentityReference } from "../../stacks/identity-stack";
import { guard } from "../guard";
import { RoleEdge } from "../identity/role-edge";
import { Service, type Surroundings } from "../service";
import { KeylessStorageAccount } from "../storage/keyless-storage-account";

export interface MachineLearningProps extends Surroundings {
  readonly identity: IdentityReference;
  readonly functionsPrincipalId: string;
  readonly applicationInsightsId: string;
  readonly encryption: EncryptionReference | null;
}

/** Azure ML: a workspace in its managed network, compute that scales to none, and the endpoint that functions call. */
export class MachineLearning extends Service {
  readonly workspace: MachineLearningWorkspace;

  constructor(scope: Construct, id: string, props: MachineLearningProps) {
    super(scope, id, props);
    const { nameOf, isPrivate, deployment } = this.stack;
    const { identity, encryption, observability, network } = props;
    const storage = new KeylessStorageAccount(this, "storage", {
      network,
      observability,
      what: "ml",
      replication: "ZRS",
      containers: [],
      encryption,
      endpoints: ["blob"],
    });
    const vault = new KeyVault(this, "vault", {
      ...this.place,
      name: nameOf("keyVault", "ml"),
      tenantId: deployment.tenantId,
      skuName: "standard",
      rbacAuthorizationEnabled: true,
      purgeProtectionEnabled: true,
      softDeleteRetentionDays: 90,
      publicNetworkAccessEnabled: !isPrivate,
      networkAcls: { bypass: "AzureServices", defaultAction: "Deny" },
    });
    guard(vault);
    this.connectPrivately("ml-vault", vault.id, "vault");
    this.diagnose("ml-vault", vault.id);
    const roles = [
      new RoleEdge(this, "role-storage", {
        role: "Storage Blob Data Contributor",
        principalId: identity.principalId,
        scope: storage.account.id,
        edge: "machine learning -> its storage",
      }),
      new RoleEdge(this, "role-vault", {
        role: "Key Vault Secrets Officer",
        principalId: identity.principalId,
        scope: vault.id,
        edge: "machine learning -> its vault",
      }),
      new RoleEdge(this, "role-insights", {
        role: "Monitoring Metrics Publisher",
        principalId: identity.principalId,
        scope: props.applicationInsightsId,
        edge: "machine learning -> application insights",
      }),
    ];
    this.workspace = new MachineLearningWorkspace(this, "workspace", {
      ...this.place,
      name: nameOf("machineLearning"),
      applicationInsightsId: props.applicationInsightsId,
      keyVaultId: vault.id,
      storageAccountId: storage.account.id,
      publicNetworkAccessEnabled: !isPrivate,
      identity: {
        type: "UserAssigned",
        identityIds: [identity.id, ...(encryption === null ? [] : [encryption.identityId])],
      },
      primaryUserAssignedIdentity: identity.id,
      managedNetwork: { isolationMode: isPrivate ? "AllowOnlyApprovedOutbound" : "AllowInternetOutbound" },
      v1LegacyModeEnabled: false,
      highBusinessImpact: true,
      ...(encryption !== null && {
        encryption: {
          keyId: encryption.keyId,
          keyVaultId: encryption.keyVaultId,
          userAssignedIdentityId: encryption.identityId,
        },
      }),
      dependsOn: roles.map(({ assignment }) => assignment),
    });
    guard(this.workspace);
    this.connectPrivately("machine-learning", this.workspace.id, "amlworkspace");
    this.diagnose("machine-learning", this.workspace.id, { metrics: false });
    new MachineLearningComputeCluster(this, "compute", {
      name: "training",
      location: this.place.location,
      machineLearningWorkspaceId: this.workspace.id,
      vmPriority: "LowPriority",
      vmSize: "STANDARD_DS3_V2",
      localAuthEnabled: false,
      sshPublicAccessEnabled: false,
      nodePublicIpEnabled: false,
      identity: { type: "UserAssigned", identityIds: [identity.id] },
      tags: this.place.tags,
      scaleSettings: { minNodeCount: 0, maxNodeCount: 4, scaleDownNodesAfterIdleDuration: "PT120S" },
    });
    this.#endpoint(props);
  }

  /** Failure prediction and routes: called by functions with a token, never with a key. */
  #endpoint(props: MachineLearningProps): void {
    const { identity } = props;
    const endpoint = new AzapiResource(this, "endpoint", {
      // azurerm has no online endpoints.
      type: "Microsoft.MachineLearningServices/workspaces/onlineEndpoints@2024-10-01",
      name: `score-${this.stack.stage.name}-${this.stack.deployment.uniqueSuffix}`,
      parentId: this.workspace.id,
      location: this.place.location,
      identity: { type: "UserAssigned", identityIds: [identity.id] },
      body: {
        properties: {
          authMode: "AADToken",
          publicNetworkAccess: this.stack.isPrivate ? "Disabled" : "Enabled",
          description: "Failure prediction of the factory workload.",
        },
      },
      tags: this.place.tags,
    });
    new RoleEdge(this, "role-functions", {
      role: "AzureML Data Scientist",
      principalId: props.functionsPrincipalId,
      scope: endpoint.id,
      edge: "functions -> model endpoint",
    });
  }
}
