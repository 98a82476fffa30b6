import { EventgridSystemTopic } from "@cdktf/provider-azurerm/lib/eventgrid-system-topic";
import { EventgridSystemTopicEventSubscription } from "@cdktf/provider-azurerm/lib/eventgrid-system-topic-event-subscription";
import { KustoCosmosdbDataConnection } from "@cdktf/provider-azurerm/lib/kusto-cosmosdb-data-connection";
import { KustoEventgridDataConnection } from "@cdktf/provider-azurerm/lib/kusto-eventgrid-data-connection";
import { KustoEventhubDataConnection } from "@cdktf/provider-azurerm/lib/kusto-eventhub-data-connection";
import { topology } from "../../contracts";
import type { Construct } from "../bindings/cdktf";
import { DataExplorer } from "../constructs/analytics/data-explorer";
import { DigitalTwins } from "../constructs/analytics/digital-twins";
import { CosmosRoleEdge } from "../constructs/identity/cosmos-role-edge";
import { type KustoRole, KustoRoleEdge } from "../constructs/identity/kusto-role-edge";
import { RoleEdge } from "../constructs/identity/role-edge";
import { Diagnostics } from "../constructs/observability/diagnostics";
import type { Surroundings } from "../constructs/service";
import { ServiceHub } from "../constructs/streaming/service-hub";
import type { BootstrapOutputs } from "./bootstrap-stack";
import type { IdentityOutputs, WorkloadIdentity } from "./identity-stack";
import type { IngestionOutputs } from "./ingestion-stack";
import type { LakeOutputs } from "./lake-stack";
import { PlatformStack, type PlatformStackProps } from "./platform-stack";
import type { ServingOutputs } from "./serving-stack";

/** What other stacks take from analytics. */
export interface AnalyticsOutputs {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly clusterUri: string;
  readonly databaseName: string;
  /** Endpoint of Digital Twins; null where the stage has none. */
  readonly digitalTwinsHost: string | null;
}

export interface AnalyticsStackProps extends PlatformStackProps, Surroundings {
  readonly bootstrap: BootstrapOutputs;
  readonly identity: IdentityOutputs;
  readonly lake: LakeOutputs;
  readonly ingestion: IngestionOutputs;
  readonly serving: ServingOutputs;
}

const database = "telemetry";

/** Data Explorer with its three feeds (hub, change feed, files), and Digital Twins. */
export class AnalyticsStack extends PlatformStack {
  readonly outputs: AnalyticsOutputs;

  constructor(scope: Construct, props: AnalyticsStackProps) {
    super(scope, "analytics", props);
    const { identity, lake, ingestion } = props;
    const dataExplorer = new DataExplorer(this, "data-explorer", {
      network: props.network,
      observability: props.observability,
      sizes: this.stage.dataExplorer,
      database,
      places: { lakeAccountName: lake.accountName },
      deployerPrincipalId: props.bootstrap.deployerPrincipalId,
      encryption: identity.encryption,
    });
    this.#telemetry(props, dataExplorer);
    this.#alerts(props, dataExplorer);
    this.#devices(props, dataExplorer);
    new RoleEdge(this, "role-export", {
      role: "Storage Blob Data Contributor",
      principalId: dataExplorer.cluster.identity.principalId,
      scope: lake.containerId("lake"),
      edge: "data explorer export -> lake",
    });
    this.#readersAndWriters(props, dataExplorer);
    const twins = this.stage.flags.digitalTwins
      ? new DigitalTwins(this, "digital-twins", {
          network: props.network,
          observability: props.observability,
          ingestion,
          dataExplorer,
          functionsPrincipalId: identity.identity("functions").principalId,
          deployerPrincipalId: props.bootstrap.deployerPrincipalId,
        })
      : null;
    this.outputs = {
      clusterId: dataExplorer.cluster.id,
      clusterName: dataExplorer.cluster.name,
      clusterUri: dataExplorer.cluster.uri,
      databaseName: dataExplorer.database.name,
      digitalTwinsHost: twins?.instance.hostName ?? null,
    };
  }

  /** Every message of the hub, through the consumer group that the topology keeps for Data Explorer. */
  #telemetry({ ingestion }: AnalyticsStackProps, dataExplorer: DataExplorer): void {
    for (const hub of topology.eventHubs.hubs) {
      for (const group of hub.consumerGroups.filter(({ reader }) => reader === "data-explorer")) {
        const receiver = new RoleEdge(this, `role-hub-${hub.name}`, {
          role: "Azure Event Hubs Data Receiver",
          principalId: dataExplorer.cluster.identity.principalId,
          scope: ingestion.hubId(hub.name),
          edge: `hub ${hub.name} -> data explorer`,
        });
        new KustoEventhubDataConnection(this, `connection-${hub.name}`, {
          name: `hub-${hub.name}`,
          resourceGroupName: this.group.name,
          location: this.location,
          clusterName: dataExplorer.cluster.name,
          databaseName: dataExplorer.database.name,
          eventhubId: ingestion.hubId(hub.name),
          consumerGroup: ingestion.consumerGroupName(hub.name, group.name),
          identityId: dataExplorer.cluster.id,
          tableName: "telemetry_raw",
          mappingRuleName: "telemetry_raw_json",
          dataFormat: "MULTIJSON",
          compression: "None",
          databaseRoutingType: "Single",
          eventSystemProperties: ["x-opt-enqueued-time", "x-opt-sequence-number", "x-opt-partition-key"],
          dependsOn: [dataExplorer.schema, receiver.assignment],
        });
      }
    }
  }

  /** Alerts, from the change feed of their container. */
  #alerts({ serving }: AnalyticsStackProps, dataExplorer: DataExplorer): void {
    const { principalId } = dataExplorer.cluster.identity;
    const accountReader = new RoleEdge(this, "role-cosmos-account", {
      role: "Cosmos DB Account Reader Role",
      principalId,
      scope: serving.cosmos.accountId,
      edge: "cosmos -> data explorer",
    });
    const dataReader = new CosmosRoleEdge(this, "role-cosmos-alerts", {
      account: serving.cosmos,
      role: "Cosmos DB Built-in Data Reader",
      principalId,
      principalName: "data-explorer",
      container: "alerts",
      edge: "cosmos alerts -> data explorer",
      after: [accountReader.assignment],
    });
    new KustoCosmosdbDataConnection(this, "connection-alerts", {
      name: "cosmos-alerts",
      location: this.location,
      kustoDatabaseId: dataExplorer.database.id,
      cosmosdbContainerId: serving.cosmosContainerId("alerts"),
      managedIdentityId: dataExplorer.cluster.id,
      tableName: "alerts",
      mappingRuleName: "alerts_json",
      dependsOn: [dataExplorer.schema, dataReader.assignment],
    });
  }

  /** The device list: files in the lake's reference container, announced by Event Grid through a hub. */
  #devices({ lake, ingestion, observability }: AnalyticsStackProps, dataExplorer: DataExplorer): void {
    const topic = new EventgridSystemTopic(this, "lake-topic", {
      ...this.place,
      name: this.nameOf("eventGridTopic", "lake"),
      sourceResourceId: lake.accountId,
      topicType: "Microsoft.Storage.StorageAccounts",
      identity: { type: "SystemAssigned" },
    });
    new Diagnostics(this, "lake-topic-diagnostics", {
      name: "to-workspace-lake-topic",
      targetId: topic.id,
      workspaceId: observability.workspaceId,
    });
    const files = new ServiceHub(this, "files", {
      ingestion,
      name: "reference-files",
      reader: { group: "data-explorer", who: "data-explorer" },
    });
    const sender = new RoleEdge(this, "role-files-send", {
      role: "Azure Event Hubs Data Sender",
      principalId: topic.identity.principalId,
      scope: files.hub.id,
      edge: "event grid -> hub reference-files",
    });
    const deadLetters = new RoleEdge(this, "role-files-dead-letters", {
      role: "Storage Blob Data Contributor",
      principalId: topic.identity.principalId,
      scope: lake.containerId("dead-letters"),
      edge: "event grid dead letters -> lake",
    });
    const subscription = new EventgridSystemTopicEventSubscription(this, "files-subscription", {
      name: "reference-files",
      systemTopic: topic.name,
      resourceGroupName: this.group.name,
      eventDeliverySchema: "EventGridSchema",
      eventhubEndpointId: files.hub.id,
      deliveryIdentity: { type: "SystemAssigned" },
      deadLetterIdentity: { type: "SystemAssigned" },
      storageBlobDeadLetterDestination: {
        storageAccountId: lake.accountId,
        storageBlobContainerName: "dead-letters",
      },
      includedEventTypes: ["Microsoft.Storage.BlobCreated"],
      subjectFilter: { subjectBeginsWith: "/blobServices/default/containers/reference/blobs/devices/" },
      // A file of the lake is whole when its writer closes it.
      advancedFilter: { stringIn: [{ key: "data.api", values: ["FlushWithClose", "PutBlob", "CopyBlob"] }] },
      retryPolicy: { eventTimeToLive: 1440, maxDeliveryAttempts: 30 },
      dependsOn: [sender.assignment, deadLetters.assignment],
    });
    const { principalId } = dataExplorer.cluster.identity;
    const receiver = new RoleEdge(this, "role-files-receive", {
      role: "Azure Event Hubs Data Receiver",
      principalId,
      scope: files.hub.id,
      edge: "hub reference-files -> data explorer",
    });
    const reader = new RoleEdge(this, "role-files-read", {
      role: "Storage Blob Data Reader",
      principalId,
      scope: lake.accountId,
      edge: "lake reference files -> data explorer",
    });
    new KustoEventgridDataConnection(this, "connection-devices", {
      name: "files-devices",
      resourceGroupName: this.group.name,
      location: this.location,
      clusterName: dataExplorer.cluster.name,
      databaseName: dataExplorer.database.name,
      storageAccountId: lake.accountId,
      eventhubId: files.hub.id,
      eventhubConsumerGroupName: files.group.name,
      // The provider takes the id under the account that the events are of, not the one under the topic.
      eventgridEventSubscriptionId: `${lake.accountId}/providers/Microsoft.EventGrid/eventSubscriptions/${subscription.name}`,
      managedIdentityId: dataExplorer.cluster.id,
      blobStorageEventType: "Microsoft.Storage.BlobCreated",
      skipFirstRecord: true,
      tableName: "devices",
      mappingRuleName: "devices_csv",
      dataFormat: "CSV",
      databaseRoutingType: "Single",
      dependsOn: [dataExplorer.schema, receiver.assignment, reader.assignment],
    });
  }

  #readersAndWriters({ identity }: AnalyticsStackProps, dataExplorer: DataExplorer): void {
    const edges: readonly [WorkloadIdentity, KustoRole, string][] = [
      ["stream-analytics", "Ingestor", "stream analytics -> data explorer"],
      ["stream-analytics", "Monitor", "stream analytics -> data explorer"],
      ["data-factory", "Ingestor", "data factory -> data explorer"],
      ["data-factory", "Viewer", "data explorer -> data factory"],
      ["functions", "Viewer", "data explorer -> functions"],
    ];
    let previous: KustoRoleEdge | undefined;
    for (const [who, role, edge] of edges) {
      // Only a stage whose jobs can reach the cluster writes to it.
      if (who === "stream-analytics" && !this.stage.flags.asaCluster) continue;
      previous = new KustoRoleEdge(this, `role-${who}-${role.toLowerCase()}`, {
        database: { clusterName: dataExplorer.cluster.name, databaseName: dataExplorer.database.name },
        role,
        principalId: identity.identity(who).clientId,
        principalName: who,
        edge,
        after: previous?.assignment ?? dataExplorer.schema,
      });
    }
  }
}
