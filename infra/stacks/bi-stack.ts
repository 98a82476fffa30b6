import { AnalysisServicesServer } from "@cdktf/provider-azurerm/lib/analysis-services-server";
import { FabricCapacity } from "@cdktf/provider-azurerm/lib/fabric-capacity";
import { PowerbiEmbedded } from "@cdktf/provider-azurerm/lib/powerbi-embedded";
import type { Construct } from "../bindings/cdktf";
import { Grafana } from "../constructs/bi/grafana";
import { findingsWorkflow, Workflow } from "../constructs/bi/workflow";
import { guard } from "../constructs/guard";
import { RoleEdge } from "../constructs/identity/role-edge";
import { Diagnostics } from "../constructs/observability/diagnostics";
import type { Surroundings } from "../constructs/service";
import type { AnalyticsOutputs } from "./analytics-stack";
import type { BootstrapOutputs } from "./bootstrap-stack";
import type { IdentityOutputs } from "./identity-stack";
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
    const functions = identity.identity("functions").principalId;
    const findings = new Workflow(this, "findings", {
      ...surroundings,
      what: findingsWorkflow,
      definition: "findings.json",
      callerPrincipalId: functions,
    });
    // Resource Manager tells whoever may read the workflow where it is called.
    new RoleEdge(this, "role-findings", {
      role: "Reader",
      principalId: functions,
      scope: findings.resource.id,
      edge: "functions -> logic app",
    });
    const workflows = [{ name: findingsWorkflow, id: findings.resource.id }];
    this.#capacities(props);
    this.outputs = { grafanaId: grafana.dashboard.id, workflows };
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
