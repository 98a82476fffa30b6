import { KustoCluster } from "@cdktf/provider-azurerm/lib/kusto-cluster";
import { KustoClusterCustomerManagedKey } from "@cdktf/provider-azurerm/lib/kusto-cluster-customer-managed-key";
import { KustoClusterPrincipalAssignment } from "@cdktf/provider-azurerm/lib/kusto-cluster-principal-assignment";
import { KustoDatabase } from "@cdktf/provider-azurerm/lib/kusto-database";
import { KustoScript } from "@cdktf/provider-azurerm/lib/kusto-script";
import { AzapiResource } from "../../bindings/azapi";
import type { Construct, TerraformResource } from "../../bindings/cdktf";
import type { StageConfig } from "../../config/stages";
import type { EncryptionReference } from "../../stacks/identity-stack";
import { guard } from "../guard";
import { Service, type Surroundings } from "../service";
import { readKustoScripts } from "./kusto-script-text";

export interface DataExplorerProps extends Surroundings {
  readonly sizes: StageConfig["dataExplorer"];
  readonly database: string;
  /** Values of the places in the scripts. */
  readonly places: Readonly<Record<string, string>>;
  readonly deployerPrincipalId: string;
  readonly encryption: EncryptionReference | null;
}

/** A Data Explorer cluster with one database: hot for 7 days, kept for 30, its schema from `data-plane/kql`. */
export class DataExplorer extends Service {
  readonly cluster: KustoCluster;
  readonly database: KustoDatabase;
  /** Tables and mappings stand when this does; data connections wait for it. */
  readonly schema: KustoScript;

  constructor(scope: Construct, id: string, props: DataExplorerProps) {
    super(scope, id, props);
    const { isPrivate, deployment, nameOf } = this.stack;
    const { sizes, encryption } = props;
    const scaled = sizes.maximumInstances > sizes.instances;
    this.cluster = new KustoCluster(this, "cluster", {
      ...this.place,
      name: nameOf("dataExplorer"),
      sku: { name: sizes.sku, capacity: sizes.instances },
      ...(scaled && {
        optimizedAutoScale: { minimumInstances: sizes.instances, maximumInstances: sizes.maximumInstances },
        lifecycle: { ignoreChanges: ["sku[0].capacity"] },
      }),
      autoStopEnabled: sizes.autoStop,
      streamingIngestionEnabled: true,
      diskEncryptionEnabled: true,
      doubleEncryptionEnabled: this.stack.isProduction,
      purgeEnabled: false,
      publicNetworkAccessEnabled: !isPrivate,
      ...(!isPrivate && { allowedIpRanges: [...deployment.developerCidrs] }),
      // Empty means the cluster's own tenant only.
      trustedExternalTenants: [],
      ...(sizes.zones && { zones: ["1", "2", "3"] }),
      identity:
        encryption === null
          ? { type: "SystemAssigned" }
          : { type: "SystemAssigned, UserAssigned", identityIds: [encryption.identityId] },
    });
    guard(this.cluster);
    const before: TerraformResource[] = [];
    if (encryption !== null) {
      before.push(
        new KustoClusterCustomerManagedKey(this, "encryption", {
          clusterId: this.cluster.id,
          keyVaultId: encryption.keyVaultId,
          keyName: encryption.keyName,
          userIdentity: encryption.identityId,
        }),
      );
    }
    this.connectPrivately("data-explorer", this.cluster.id, "cluster");
    this.diagnose("data-explorer", this.cluster.id);

    this.database = new KustoDatabase(this, "database", {
      name: props.database,
      resourceGroupName: this.place.resourceGroupName,
      location: this.place.location,
      clusterName: this.cluster.name,
      hotCachePeriod: "P7D",
      softDeletePeriod: "P30D",
      dependsOn: before,
    });
    guard(this.database);
    const admin = new KustoClusterPrincipalAssignment(this, "deployer-admin", {
      name: "deployer-admin",
      resourceGroupName: this.place.resourceGroupName,
      clusterName: this.cluster.name,
      tenantId: deployment.tenantId,
      principalId: props.deployerPrincipalId,
      principalType: "App",
      role: "AllDatabasesAdmin",
    });
    const cluster = readKustoScripts("infra/data-plane/kql/cluster");
    const clusterScript = new AzapiResource(this, "cluster-policies", {
      // azurerm's script has no level in the bindings, and the policy belongs to the cluster.
      type: "Microsoft.Kusto/clusters/databases/scripts@2024-04-13",
      name: `cluster-${cluster.hash}`,
      parentId: this.database.id,
      body: {
        properties: {
          scriptContent: cluster.content,
          scriptLevel: "Cluster",
          continueOnErrors: false,
          forceUpdateTag: cluster.hash,
          principalPermissionsAction: "RemovePermissionOnScriptCompletion",
        },
      },
      dependsOn: [admin],
    });
    const schema = readKustoScripts("infra/data-plane/kql", props.places);
    this.schema = new KustoScript(this, "schema", {
      name: `schema-${schema.hash}`,
      databaseId: this.database.id,
      scriptContent: schema.content,
      continueOnErrorsEnabled: false,
      forceAnUpdateWhenValueChanged: schema.hash,
      // The export uses the policy that the cluster's script sets, and scripts do not run side by side.
      dependsOn: [clusterScript],
    });
  }
}
