import { DigitalTwinsInstance } from "@cdktf/provider-azurerm/lib/digital-twins-instance";
import { DigitalTwinsTimeSeriesDatabaseConnection } from "@cdktf/provider-azurerm/lib/digital-twins-time-series-database-connection";
import type { Eventhub } from "@cdktf/provider-azurerm/lib/eventhub";
import { AzapiResource, AzapiUpdateResource } from "../../bindings/azapi";
import type { Construct } from "../../bindings/cdktf";
import type { IngestionOutputs } from "../../stacks/ingestion-stack";
import { guard } from "../guard";
import { KustoRoleEdge } from "../identity/kusto-role-edge";
import { RoleEdge } from "../identity/role-edge";
import { Service, type Surroundings } from "../service";
import { ServiceHub } from "../streaming/service-hub";
import type { DataExplorer } from "./data-explorer";

export interface DigitalTwinsProps extends Surroundings {
  readonly ingestion: IngestionOutputs;
  readonly dataExplorer: DataExplorer;
  /** Object id of the functions' identity, which keeps the twins up to date. */
  readonly functionsPrincipalId: string;
  /** Object id of the identity that uploads models and routes after the deploy. */
  readonly deployerPrincipalId: string;
}

/** Digital Twins: twins kept by functions, their events to a hub by identity, their history in Data Explorer. */
export class DigitalTwins extends Service {
  readonly instance: DigitalTwinsInstance;

  constructor(scope: Construct, id: string, props: DigitalTwinsProps) {
    super(scope, id, props);
    const { nameOf, isPrivate } = this.stack;
    const { ingestion, dataExplorer } = props;
    this.instance = new DigitalTwinsInstance(this, "instance", {
      ...this.place,
      name: nameOf("digitalTwins"),
      identity: { type: "SystemAssigned" },
    });
    guard(this.instance);
    const { principalId } = this.instance.identity;
    new AzapiUpdateResource(this, "network", {
      type: "Microsoft.DigitalTwins/digitalTwinsInstances@2023-01-31",
      resourceId: this.instance.id,
      body: { properties: { publicNetworkAccess: isPrivate ? "Disabled" : "Enabled" } },
    });
    this.connectPrivately("digital-twins", this.instance.id, "API");
    this.diagnose("digital-twins", this.instance.id);
    new RoleEdge(this, "role-functions", {
      role: "Azure Digital Twins Data Owner",
      principalId: props.functionsPrincipalId,
      scope: this.instance.id,
      edge: "functions -> digital twins",
    });
    new RoleEdge(this, "role-deployer", {
      role: "Azure Digital Twins Data Owner",
      principalId: props.deployerPrincipalId,
      scope: this.instance.id,
      edge: "deployer -> digital twins",
    });

    const events = new ServiceHub(this, "events", {
      ingestion,
      name: "twin-events",
      reader: { group: "dashboards", who: "dashboard" },
    });
    const sender = new RoleEdge(this, "role-events", {
      role: "Azure Event Hubs Data Sender",
      principalId,
      scope: events.hub.id,
      edge: "digital twins -> hub twin-events",
    });
    new AzapiResource(this, "endpoint", {
      // azurerm writes endpoints with keys only.
      type: "Microsoft.DigitalTwins/digitalTwinsInstances/endpoints@2023-01-31",
      name: "twin-events",
      parentId: this.instance.id,
      body: {
        properties: {
          endpointType: "EventHub",
          authenticationType: "IdentityBased",
          endpointUri: this.#namespaceUri(ingestion),
          entityPath: events.hub.name,
        },
      },
      dependsOn: [sender.assignment],
    });
    this.#history(ingestion, dataExplorer);
  }

  #history(ingestion: IngestionOutputs, dataExplorer: DataExplorer): void {
    const { principalId } = this.instance.identity;
    const changes = new ServiceHub(this, "history", {
      ingestion,
      name: "twin-changes",
      reader: { group: "history", who: "digital-twins-history" },
    });
    const grants = [
      grantOwner(this, principalId, changes.hub),
      new RoleEdge(this, "role-history-database", {
        role: "Contributor",
        principalId,
        scope: dataExplorer.database.id,
        edge: "digital twins history -> data explorer database",
      }).assignment,
      new KustoRoleEdge(this, "role-history-admin", {
        database: { clusterName: dataExplorer.cluster.name, databaseName: dataExplorer.database.name },
        role: "Admin",
        principalId,
        principalName: "digital-twins",
        edge: "digital twins history -> data explorer",
        after: dataExplorer.schema,
      }).assignment,
    ];
    new DigitalTwinsTimeSeriesDatabaseConnection(this, "history-connection", {
      name: "history",
      digitalTwinsId: this.instance.id,
      eventhubNamespaceId: ingestion.namespaceId,
      eventhubNamespaceEndpointUri: this.#namespaceUri(ingestion),
      eventhubName: changes.hub.name,
      eventhubConsumerGroupName: changes.group.name,
      kustoClusterId: dataExplorer.cluster.id,
      kustoClusterUri: dataExplorer.cluster.uri,
      kustoDatabaseName: dataExplorer.database.name,
      kustoTableName: "twin_changes",
      dependsOn: grants,
    });
  }

  #namespaceUri(ingestion: IngestionOutputs): string {
    return `sb://${ingestion.namespaceName}.servicebus.windows.net`;
  }
}

function grantOwner(scope: Construct, principalId: string, hub: Eventhub) {
  return new RoleEdge(scope, "role-history-hub", {
    role: "Azure Event Hubs Data Owner",
    principalId,
    scope: hub.id,
    edge: "digital twins history -> hub twin-changes",
  }).assignment;
}
