import { AnalysisServicesServer } from "@cdktf/provider-azurerm/lib/analysis-services-server";
import { FabricCapacity } from "@cdktf/provider-azurerm/lib/fabric-capacity";
import { PowerbiEmbedded } from "@cdktf/provider-azurerm/lib/powerbi-embedded";
import { topology } from "../../contracts";
import { AzapiResource } from "../bindings/azapi";
import type { Construct } from "../bindings/cdktf";
import { Grafana } from "../constructs/bi/grafana";
import { Workflow } from "../constructs/bi/workflow";
import { guard } from "../constructs/guard";
import { Diagnostics } from "../constructs/observability/diagnostics";
import type { Surroundings } from "../constructs/service";
import type { AnalyticsOutputs } from "./analytics-stack";
import type { BootstrapOutputs } from "./bootstrap-stack";
import type { IdentityOutputs } from "./identity-stack";
import type { IngestionOutputs } from "./ingestion-stack";
import { PlatformStack, type PlatformStackProps } from "./platform-stack";

/** What other stacks take from bi. */
export interface BiOutputs {
  readonly grafanaId: string;
  /** Workflows whose failed runs are findings. */
  readonly workflows: readonly { readonly name: string; readonly id: string }[];
}

export interface BiStackProps extends PlatformStackProps, Surroundings {
  readonly bootstrap: BootstrapOutputs;
  readonly identity: IdentityOutputs;
  readonly ingestion: IngestionOutputs;
  readonly analytics: AnalyticsOutputs;
}

/** Dashboards and what tells people: Grafana, Logic Apps, and capacities for Power BI where the stage has them. */
export class BiStack extends PlatformStack {
  readonly outputs: BiOutputs;

  constructor(scope: Construct, props: BiStackProps) {
    super(scope, "bi", props);
    const { analytics, identity } = props;
    const surroundings = { network: props.network, observability: props.observability };
    const grafana = new Grafana(this, "grafana", {
      ...surroundings,
      analytics,
      deployerPrincipalId: props.bootstrap.deployerPrincipalId,
    });
    const logicApps = identity.identity("logic-apps");
    const watch = new Workflow(this, "anomaly-watch", {
      ...surroundings,
      what: "anomaly-watch",
      definition: "anomaly-watch.json",
      places: {
        clusterUri: analytics.clusterUri,
        database: analytics.databaseName,
        identityId: logicApps.id,
      },
      identity: logicApps,
    });
    const workflows = [{ name: "anomaly-watch", id: watch.resource.id }];
    for (const { hub, group, name } of notifiedHubs()) {
      const connection = this.#eventHubsConnection(props, name);
      const notifications = new Workflow(this, `notifications-${name}`, {
        ...surroundings,
        what: `${name}-notifications`,
        definition: "alert-notifications.json",
        places: {
          hub: props.ingestion.hubName(hub),
          consumerGroup: props.ingestion.consumerGroupName(hub, group),
        },
        identity: logicApps,
        connections: { eventhubs: connection },
      });
      workflows.push({ name: `${name}-notifications`, id: notifications.resource.id });
    }
    this.#capacities(props);
    this.outputs = { grafanaId: grafana.dashboard.id, workflows };
  }

  /** azurerm's connection knows keys only. */
  #eventHubsConnection(props: BiStackProps, name: string): { connectionId: string; apiId: string } {
    const apiId =
      `/subscriptions/${this.deployment.subscriptionId}/providers/Microsoft.Web/locations/${this.location}` +
      "/managedApis/eventhubs";
    const connection = new AzapiResource(this, `connection-${name}`, {
      type: "Microsoft.Web/connections@2018-07-01-preview",
      name: `eventhubs-${name}`,
      parentId: this.group.id,
      location: this.location,
      body: {
        properties: {
          displayName: "Event Hubs by identity",
          api: { id: apiId },
          parameterValueSet: {
            name: "managedIdentityAuth",
            values: {
              namespaceEndpoint: { value: `sb://${props.ingestion.namespaceName}.servicebus.windows.net/` },
            },
          },
        },
      },
      tags: this.tags,
      schemaValidation: false,
    });
    return { connectionId: connection.id, apiId };
  }

  #capacities(props: BiStackProps): void {
    const { flags } = this.stage;
    const { place } = this;
    const administrators = [this.deployment.capacityAdministrator];
    if (flags.fabricCapacity) {
      const fabric = new FabricCapacity(this, "fabric", {
        ...place,
        name: this.nameOf("fabric"),
        sku: { name: "F2", tier: "Fabric" },
        administrationMembers: administrators,
      });
      guard(fabric);
    }
    if (flags.powerBiEmbedded) {
      const powerBi = new PowerbiEmbedded(this, "power-bi", {
        ...place,
        name: this.nameOf("powerBiEmbedded"),
        skuName: "A1",
        mode: "Gen2",
        administrators,
      });
      new Diagnostics(this, "power-bi-diagnostics", {
        name: "to-workspace-power-bi",
        targetId: powerBi.id,
        workspaceId: props.observability.workspaceId,
      });
    }
    if (flags.analysisServices) {
      const server = new AnalysisServicesServer(this, "analysis-services", {
        ...place,
        name: this.nameOf("analysisServices"),
        sku: "S0",
        adminUsers: administrators,
        powerBiServiceEnabled: true,
        ipv4FirewallRule: this.deployment.developerCidrs.map((cidr, index) => ({
          name: `developer-${index}`,
          ...cidrRange(cidr),
        })),
      });
      guard(server);
      new Diagnostics(this, "analysis-services-diagnostics", {
        name: "to-workspace-analysis-services",
        targetId: server.id,
        workspaceId: props.observability.workspaceId,
      });
    }
  }
}

/** Hubs with a consumer group that a Logic App reads. */
function notifiedHubs(): { readonly hub: string; readonly group: string; readonly name: string }[] {
  return topology.eventHubs.hubs.flatMap((hub) =>
    hub.consumerGroups
      .filter(({ reader }) => reader.startsWith("logic-app:"))
      .map(({ name, reader }) => ({ hub: hub.name, group: name, name: reader.slice("logic-app:".length) })),
  );
}

/** First and last address of a CIDR block. */
export function cidrRange(cidr: string): { readonly rangeStart: string; readonly rangeEnd: string } {
  const [address = "", bits = "32"] = cidr.split("/");
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  const start = Math.floor(number / size) * size;
  const text = (value: number) =>
    [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
  return { rangeStart: text(start), rangeEnd: text(start + size - 1) };
}
