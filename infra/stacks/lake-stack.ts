import { ManagementLock } from "@cdktf/provider-azurerm/lib/management-lock";
import { StorageManagementPolicy } from "@cdktf/provider-azurerm/lib/storage-management-policy";
import { topology } from "../../contracts";
import type { Construct } from "../bindings/cdktf";
import { type AzureRole, RoleEdge } from "../constructs/identity/role-edge";
import type { Surroundings } from "../constructs/service";
import { KeylessStorageAccount } from "../constructs/storage/keyless-storage-account";
import type { IdentityOutputs, WorkloadIdentity } from "./identity-stack";
import { PlatformStack, type PlatformStackProps } from "./platform-stack";

/** What other stacks take from the lake. */
export interface LakeOutputs {
  readonly accountId: string;
  readonly accountName: string;
  /** Resource Manager id of the container of that name; the scope of role edges. */
  readonly containerId: (name: string) => string;
}

export interface LakeStackProps extends PlatformStackProps, Surroundings {
  readonly identity: IdentityOutputs;
}

/** Containers beside the topology's: what services of Azure leave in the lake. */
export const serviceContainers = ["dead-letters", "synapse"] as const;

/** Data Lake Gen2: the master dataset and the Delta tables, keyless, tiered by age. */
export class LakeStack extends PlatformStack {
  readonly outputs: LakeOutputs;

  constructor(scope: Construct, props: LakeStackProps) {
    super(scope, "lake", props);
    const { identity } = props;
    const { flags, lake: sizes } = this.stage;
    const lake = new KeylessStorageAccount(this, "lake", {
      network: props.network,
      observability: props.observability,
      what: "lake",
      replication: sizes.replication,
      hierarchical: true,
      containers: [...topology.lake.containers.map(({ name }) => name), ...serviceContainers],
      endpoints: ["blob", "dfs"],
      encryption: identity.encryption,
    });
    const { account } = lake;
    if (this.isProduction) {
      new ManagementLock(this, "lock", {
        name: "lake",
        scope: account.id,
        lockLevel: "CanNotDelete",
        notes: "The master dataset.",
      });
    }
    new StorageManagementPolicy(this, "tiers", {
      storageAccountId: account.id,
      rule: [
        {
          name: "capture-by-age",
          enabled: true,
          filters: { blobTypes: ["blockBlob"], prefixMatch: ["capture/"] },
          actions: {
            baseBlob: {
              ...(sizes.coolAfterDays !== null && {
                tierToCoolAfterDaysSinceModificationGreaterThan: sizes.coolAfterDays,
              }),
              tierToColdAfterDaysSinceModificationGreaterThan: sizes.coldAfterDays,
            },
          },
        },
        {
          name: "dead-letters-end",
          enabled: true,
          filters: { blobTypes: ["blockBlob"], prefixMatch: ["dead-letters/"] },
          actions: { baseBlob: { deleteAfterDaysSinceModificationGreaterThan: 30 } },
        },
      ],
    });
    const edges: readonly (readonly [WorkloadIdentity, AzureRole, string, string])[] = [
      [
        "stream-analytics",
        "Storage Blob Data Reader",
        "reference",
        "lake reference data -> stream analytics",
      ],
      ["data-factory", "Storage Blob Data Contributor", "lake", "data factory -> lake"],
      ["databricks", "Storage Blob Data Reader", "capture", "lake capture -> databricks"],
      ["databricks", "Storage Blob Data Contributor", "lake", "databricks -> lake"],
      ...(flags.azureMl
        ? ([["machine-learning", "Storage Blob Data Reader", "lake", "lake -> machine learning"]] as const)
        : []),
    ];
    for (const [who, role, container, edge] of edges) {
      new RoleEdge(this, `role-${who}-${container}`, {
        role,
        principalId: identity.identity(who).principalId,
        scope: lake.containerId(container),
        edge,
      });
    }
    this.outputs = {
      accountId: account.id,
      accountName: account.name,
      containerId: (name) => lake.containerId(name),
    };
  }
}
