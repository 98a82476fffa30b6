import { StorageAccount } from "@cdktf/provider-azurerm/lib/storage-account";
import { StorageAccountCustomerManagedKeyA } from "@cdktf/provider-azurerm/lib/storage-account-customer-managed-key";
import { StorageContainer } from "@cdktf/provider-azurerm/lib/storage-container";
import { StorageManagementPolicy } from "@cdktf/provider-azurerm/lib/storage-management-policy";
import { topology } from "../../contracts";
import type { Construct } from "../bindings/cdktf";
import { guard } from "../constructs/guard";
import { RoleEdge } from "../constructs/identity/role-edge";
import { PrivateLink } from "../constructs/network/private-link";
import { Diagnostics } from "../constructs/observability/diagnostics";
import type { IdentityOutputs } from "./identity-stack";
import type { NetworkOutputs } from "./network-stack";
import type { ObservabilityOutputs } from "./observability-stack";
import { PlatformStack, type PlatformStackProps } from "./platform-stack";

/** What other stacks take from the lake. */
export interface LakeOutputs {
  readonly accountId: string;
  readonly accountName: string;
  /** Resource Manager id of the container of that name; the scope of role edges. */
  readonly containerId: (name: string) => string;
}

export interface LakeStackProps extends PlatformStackProps {
  readonly network: NetworkOutputs;
  readonly observability: ObservabilityOutputs;
  readonly identity: IdentityOutputs;
}

/** Data Lake Gen2: the master dataset and the Delta tables, keyless, tiered by age. */
export class LakeStack extends PlatformStack {
  readonly outputs: LakeOutputs;

  constructor(scope: Construct, props: LakeStackProps) {
    super(scope, "lake", props);
    const { place, isPrivate } = this;
    const encryption = props.identity.identity("encryption");
    const account = new StorageAccount(this, "account", {
      ...place,
      name: this.nameOf("storage", "lake"),
      accountKind: "StorageV2",
      accountTier: "Standard",
      accountReplicationType: this.stage.lake.replication,
      isHnsEnabled: true,
      sharedAccessKeyEnabled: false,
      defaultToOauthAuthentication: true,
      minTlsVersion: "TLS1_2",
      httpsTrafficOnlyEnabled: true,
      allowNestedItemsToBePublic: false,
      crossTenantReplicationEnabled: false,
      localUserEnabled: false,
      infrastructureEncryptionEnabled: true,
      publicNetworkAccessEnabled: !isPrivate,
      networkRules: {
        defaultAction: "Deny",
        bypass: ["AzureServices"],
        ...(!isPrivate && { ipRules: [...this.deployment.developerCidrs] }),
      },
      blobProperties: {
        deleteRetentionPolicy: { days: 30 },
        containerDeleteRetentionPolicy: { days: 30 },
      },
      sasPolicy: { expirationPeriod: "00.01:00:00", expirationAction: "Log" },
      ...(this.stage.flags.cmk && { identity: { type: "UserAssigned", identityIds: [encryption.id] } }),
    });
    guard(account);
    if (props.identity.encryptionKeyId !== null) {
      new StorageAccountCustomerManagedKeyA(this, "encryption", {
        storageAccountId: account.id,
        keyVaultId: props.identity.keyVaultId,
        keyName: "platform",
        userAssignedIdentityId: encryption.id,
      });
    }
    const containers = new Map<string, StorageContainer>();
    for (const { name } of topology.lake.containers) {
      const container = new StorageContainer(this, `container-${name}`, {
        name,
        storageAccountId: account.id,
        containerAccessType: "private",
      });
      guard(container);
      containers.set(name, container);
    }
    new StorageManagementPolicy(this, "tiers", {
      storageAccountId: account.id,
      rule: [
        {
          name: "capture-to-cold",
          enabled: true,
          filters: { blobTypes: ["blockBlob"], prefixMatch: ["capture/"] },
          actions: {
            baseBlob: { tierToColdAfterDaysSinceModificationGreaterThan: this.stage.lake.coldAfterDays },
          },
        },
      ],
    });
    for (const subresource of ["blob", "dfs"] as const) {
      if (!isPrivate) continue;
      new PrivateLink(this, `link-${subresource}`, {
        ...place,
        name: this.nameOf("privateEndpoint", `lake-${subresource}`),
        resourceId: account.id,
        subresource,
        network: props.network.privateLink,
      });
    }
    new Diagnostics(this, "account-diagnostics", {
      name: "to-workspace-lake",
      targetId: account.id,
      workspaceId: props.observability.workspaceId,
      logs: false,
    });
    new Diagnostics(this, "blob-diagnostics", {
      name: "to-workspace-lake-blob",
      targetId: `${account.id}/blobServices/default`,
      workspaceId: props.observability.workspaceId,
    });
    // The resource id of a container made by account id is already its Resource Manager id.
    const containerId = (name: string) => {
      const found = containers.get(name);
      if (found === undefined) throw new RangeError(`the lake has no container "${name}"`);
      return found.id;
    };
    const edges: readonly [
      string,
      "Storage Blob Data Contributor" | "Storage Blob Data Reader",
      string,
      string,
    ][] = [
      [
        "stream-analytics",
        "Storage Blob Data Reader",
        "reference",
        "lake reference data -> stream analytics",
      ],
      [
        "stream-analytics",
        "Storage Blob Data Contributor",
        "checkpoints",
        "stream analytics -> lake checkpoints",
      ],
      ["data-factory", "Storage Blob Data Contributor", "lake", "data factory -> lake"],
      ["databricks", "Storage Blob Data Reader", "capture", "lake capture -> databricks"],
      ["databricks", "Storage Blob Data Contributor", "lake", "databricks -> lake"],
    ];
    for (const [who, role, container, edge] of edges) {
      new RoleEdge(this, `role-${who}-${container}`, {
        role,
        principalId: props.identity.identity(who as "databricks").principalId,
        scope: containerId(container),
        edge,
      });
    }
    this.outputs = { accountId: account.id, accountName: account.name, containerId };
  }
}
