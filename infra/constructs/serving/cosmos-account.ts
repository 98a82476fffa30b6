import { CosmosdbAccount } from "@cdktf/provider-azurerm/lib/cosmosdb-account";
import { CosmosdbSqlContainer } from "@cdktf/provider-azurerm/lib/cosmosdb-sql-container";
import { CosmosdbSqlDatabase } from "@cdktf/provider-azurerm/lib/cosmosdb-sql-database";
import type { CosmosContainer } from "../../../contracts";
import type { Construct } from "../../bindings/cdktf";
import { renameArgument } from "../../bindings/renamed";
import type { StageConfig } from "../../config/stages";
import type { EncryptionReference } from "../../stacks/identity-stack";
import { guard } from "../guard";
import { Service, type Surroundings } from "../service";

export interface CosmosAccountProps extends Surroundings {
  readonly sizes: StageConfig["cosmos"];
  readonly database: string;
  readonly containers: readonly CosmosContainer[];
  /** The column copy that Synapse Link reads. */
  readonly analyticalStore: boolean;
  /**
   * Lets services of Azure in through the public endpoint, with their identities: Stream Analytics outside a dedicated
   * cluster has no private way in.
   */
  readonly openToAzureServices: boolean;
  readonly encryption: EncryptionReference | null;
}

/** Paths that queries of the serving API filter and sort by; everything else of a view row is read by id. */
const indexedPaths = [
  "/grain/?",
  "/key/?",
  "/window/?",
  "/windowEnd/?",
  "/generation/?",
  "/job/?",
  "/version/?",
];

/** A Cosmos DB account without keys, its database and the topology's containers with trimmed indexes. */
export class CosmosAccount extends Service {
  readonly account: CosmosdbAccount;
  readonly database: CosmosdbSqlDatabase;
  readonly containers: ReadonlyMap<string, CosmosdbSqlContainer>;

  constructor(scope: Construct, id: string, props: CosmosAccountProps) {
    super(scope, id, props);
    const { isPrivate, deployment, location, nameOf } = this.stack;
    const { sizes } = props;
    const open = props.openToAzureServices || !isPrivate;
    const zoneRedundant = sizes.mode === "autoscale" && sizes.zoneRedundant;
    const secondRegion = sizes.mode === "autoscale" ? sizes.secondRegion : null;
    this.account = new CosmosdbAccount(this, "account", {
      ...this.place,
      name: nameOf("cosmos"),
      offerType: "Standard",
      kind: "GlobalDocumentDB",
      consistencyPolicy: { consistencyLevel: "Session" },
      geoLocation: [
        { location, failoverPriority: 0, zoneRedundant },
        ...(secondRegion === null ? [] : [{ location: secondRegion, failoverPriority: 1, zoneRedundant }]),
      ],
      automaticFailoverEnabled: secondRegion !== null,
      accessKeyMetadataWritesEnabled: false,
      minimalTlsVersion: "Tls12",
      publicNetworkAccessEnabled: open,
      networkAclBypassForAzureServices: true,
      // 0.0.0.0 stands for the data centres of Azure.
      ...(open && {
        ipRangeFilter: [
          ...(props.openToAzureServices ? ["0.0.0.0"] : []),
          ...(isPrivate ? [] : deployment.developerCidrs),
        ],
      }),
      backup: { type: "Continuous", tier: this.stack.isProduction ? "Continuous30Days" : "Continuous7Days" },
      burstCapacityEnabled: sizes.mode === "autoscale",
      partitionMergeEnabled: false,
      analyticalStorageEnabled: props.analyticalStore,
      ...(props.analyticalStore && { analyticalStorage: { schemaType: "WellDefined" } }),
      ...(sizes.mode === "serverless"
        ? { capabilities: [{ name: "EnableServerless" }] }
        : { capacity: { totalThroughputLimit: sizes.maxRequestUnits * 2 } }),
      ...(props.encryption === null
        ? { identity: { type: "SystemAssigned" } }
        : {
            identity: { type: "SystemAssigned, UserAssigned", identityIds: [props.encryption.identityId] },
            defaultIdentityType: `UserAssignedIdentity=${props.encryption.identityId}`,
            keyVaultKeyId: props.encryption.keyId,
          }),
    });
    renameArgument(this.account, "local_authentication_disabled", "local_authentication_enabled", false);
    guard(this.account);
    this.connectPrivately(
      "cosmos",
      this.account.id,
      "Sql",
      ...(props.analyticalStore ? ["Analytical" as const] : []),
    );
    this.diagnose("cosmos", this.account.id, { dedicatedTables: true });

    this.database = new CosmosdbSqlDatabase(this, "database", {
      name: props.database,
      resourceGroupName: this.place.resourceGroupName,
      accountName: this.account.name,
      // The containers share what the database may spend, so that a quiet one lends to a busy one.
      ...(sizes.mode === "autoscale" && { autoscaleSettings: { maxThroughput: sizes.maxRequestUnits } }),
    });
    guard(this.database);
    const containers = new Map<string, CosmosdbSqlContainer>();
    for (const planned of props.containers) {
      const container = new CosmosdbSqlContainer(this, `container-${planned.name}`, {
        name: planned.name,
        resourceGroupName: this.place.resourceGroupName,
        accountName: this.account.name,
        databaseName: this.database.name,
        partitionKeyPaths: [planned.partitionKey],
        partitionKeyVersion: 2,
        partitionKeyKind: "Hash",
        ...(planned.defaultTtlSeconds !== undefined && { defaultTtl: planned.defaultTtlSeconds }),
        ...(props.analyticalStore && { analyticalStorageTtl: -1 }),
        ...(planned.name !== "leases" && {
          indexingPolicy: {
            indexingMode: "consistent",
            includedPath: indexedPaths.map((path) => ({ path })),
            excludedPath: [{ path: "/*" }],
          },
        }),
      });
      guard(container);
      containers.set(planned.name, container);
    }
    this.containers = containers;
  }
}
