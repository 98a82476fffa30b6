import { DashboardGrafana } from "@cdktf/provider-azurerm/lib/dashboard-grafana";
import { DashboardGrafanaManagedPrivateEndpoint } from "@cdktf/provider-azurerm/lib/dashboard-grafana-managed-private-endpoint";
import type { Construct } from "../../bindings/cdktf";
import type { AnalyticsOutputs } from "../../stacks/analytics-stack";
import { KustoRoleEdge } from "../identity/kusto-role-edge";
import { RoleEdge } from "../identity/role-edge";
import { Service, type Surroundings } from "../service";

export interface GrafanaProps extends Surroundings {
  readonly analytics: AnalyticsOutputs;
  readonly deployerPrincipalId: string;
}

/** Grafana over Data Explorer and Azure Monitor; dashboards and data sources come through its API after the deploy. */
export class Grafana extends Service {
  readonly dashboard: DashboardGrafana;

  constructor(scope: Construct, id: string, props: GrafanaProps) {
    super(scope, id, props);
    const { nameOf, isPrivate, isProduction } = this.stack;
    const { analytics } = props;
    this.dashboard = new DashboardGrafana(this, "dashboard", {
      ...this.place,
      name: nameOf("grafana"),
      sku: "Standard",
      grafanaMajorVersion: "12",
      apiKeyEnabled: false,
      deterministicOutboundIpEnabled: true,
      publicNetworkAccessEnabled: !isPrivate,
      zoneRedundancyEnabled: isProduction,
      identity: { type: "SystemAssigned" },
    });
    this.connectPrivately("grafana", this.dashboard.id, "grafana");
    this.diagnose("grafana", this.dashboard.id);
    if (isPrivate) {
      new DashboardGrafanaManagedPrivateEndpoint(this, "managed-link", {
        grafanaId: this.dashboard.id,
        name: "data-explorer",
        location: this.place.location,
        privateLinkResourceId: analytics.clusterId,
        groupIds: ["cluster"],
        privateLinkServiceUrl: `${analytics.clusterName}.${this.place.location}.kusto.windows.net`,
        tags: this.place.tags,
      });
    }
    const { principalId } = this.dashboard.identity;
    new KustoRoleEdge(this, "role-data-explorer", {
      database: analytics,
      role: "Viewer",
      principalId,
      principalName: "grafana",
      edge: "data explorer -> grafana",
    });
    new RoleEdge(this, "role-metrics", {
      role: "Monitoring Reader",
      principalId,
      scope: props.observability.workspaceId,
      edge: "log analytics -> grafana",
    });
    new RoleEdge(this, "role-deployer", {
      role: "Grafana Admin",
      principalId: props.deployerPrincipalId,
      scope: this.dashboard.id,
      edge: "deployer -> grafana",
    });
  }
}
