import { PrivateEndpoint } from "@cdktf/provider-azurerm/lib/private-endpoint";
import { Construct } from "../../bindings/cdktf";

/** Subresource (group id) of each service that gets a private endpoint, and the DNS zones that its names live in. */
export const privateLinkZones = {
  namespace: ["privatelink.servicebus.windows.net"],
  iotHub: ["privatelink.azure-devices.net", "privatelink.servicebus.windows.net"],
  iotDps: ["privatelink.azure-devices-provisioning.net"],
  blob: ["privatelink.blob.core.windows.net"],
  dfs: ["privatelink.dfs.core.windows.net"],
  queue: ["privatelink.queue.core.windows.net"],
  table: ["privatelink.table.core.windows.net"],
  Sql: ["privatelink.documents.azure.com"],
  Analytical: ["privatelink.analytics.cosmos.azure.com"],
  sqlServer: ["privatelink.database.windows.net"],
  synapseSql: ["privatelink.sql.azuresynapse.net"],
  synapseSqlOnDemand: ["privatelink.sql.azuresynapse.net"],
  synapseDev: ["privatelink.dev.azuresynapse.net"],
  synapseWeb: ["privatelink.azuresynapse.net"],
  cluster: ["privatelink.REGION.kusto.windows.net"],
  API: ["privatelink.digitaltwins.azure.net"],
  vault: ["privatelink.vaultcore.azure.net"],
  sites: ["privatelink.azurewebsites.net"],
  dataFactory: ["privatelink.datafactory.azure.net"],
  portal: ["privatelink.adf.azure.com"],
  databricks_ui_api: ["privatelink.azuredatabricks.net"],
  browser_authentication: ["privatelink.azuredatabricks.net"],
  amlworkspace: ["privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"],
  grafana: ["privatelink.grafana.azure.com"],
  azuremonitor: [
    "privatelink.monitor.azure.com",
    "privatelink.oms.opinsights.azure.com",
    "privatelink.ods.opinsights.azure.com",
    "privatelink.agentsvc.azure-automation.net",
    "privatelink.blob.core.windows.net",
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type PrivateLinkSubresource = keyof typeof privateLinkZones;

/** Group id as ARM spells it; Synapse's and Cosmos's `Sql` share a word and not a zone. */
const groupIds: Partial<Record<PrivateLinkSubresource, string>> = {
  synapseSql: "Sql",
  synapseSqlOnDemand: "SqlOnDemand",
  synapseDev: "Dev",
  synapseWeb: "Web",
};

/** All zones that a region's endpoints need, without repetition. */
export function allPrivateLinkZones(region: string): string[] {
  return [...new Set(Object.values(privateLinkZones).flat())]
    .map((zone) => zone.replace("REGION", region))
    .sort();
}

/** What a stack needs of the network to hang private endpoints into it. */
export interface PrivateLinkNetwork {
  readonly endpointSubnetId: string;
  /** Id of the zone of that name. */
  readonly zoneId: (zone: string) => string;
}

export interface PrivateLinkProps {
  readonly name: string;
  readonly location: string;
  readonly resourceGroupName: string;
  readonly resourceId: string;
  readonly subresource: PrivateLinkSubresource;
  readonly network: PrivateLinkNetwork;
  readonly tags: Readonly<Record<string, string>>;
}

/** A private endpoint for one subresource of one service, registered in its DNS zones. */
export class PrivateLink extends Construct {
  readonly endpoint: PrivateEndpoint;

  constructor(scope: Construct, id: string, props: PrivateLinkProps) {
    super(scope, id);
    const zones: readonly string[] = privateLinkZones[props.subresource];
    this.endpoint = new PrivateEndpoint(this, "endpoint", {
      name: props.name,
      location: props.location,
      resourceGroupName: props.resourceGroupName,
      subnetId: props.network.endpointSubnetId,
      customNetworkInterfaceName: `${props.name}-nic`,
      privateServiceConnection: {
        name: props.name,
        privateConnectionResourceId: props.resourceId,
        isManualConnection: false,
        subresourceNames: [groupIds[props.subresource] ?? props.subresource],
      },
      privateDnsZoneGroup: {
        name: "default",
        privateDnsZoneIds: zones.map((zone) => props.network.zoneId(zone.replace("REGION", props.location))),
      },
      tags: props.tags,
    });
  }
}
