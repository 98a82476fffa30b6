import { ApplicationInsights } from "@cdktf/provider-azurerm/lib/application-insights";
import { LogAnalyticsWorkspace } from "@cdktf/provider-azurerm/lib/log-analytics-workspace";
import { MonitorActionGroup } from "@cdktf/provider-azurerm/lib/monitor-action-group";
import type { Construct } from "../bindings/cdktf";
import { Diagnostics } from "../constructs/observability/diagnostics";
import { PlatformStack, type PlatformStackProps } from "./platform-stack";

/** What other stacks take from observability. */
export interface ObservabilityOutputs {
  readonly workspaceId: string;
  readonly workspaceName: string;
  readonly applicationInsightsId: string;
  /** Names the resource only; ingestion itself asks for a token, since local authentication is off. */
  readonly applicationInsightsName: string;
  readonly actionGroupId: string;
}

/** Where logs, metrics and alerts of a stage go. */
export class ObservabilityStack extends PlatformStack {
  readonly outputs: ObservabilityOutputs;

  constructor(scope: Construct, props: PlatformStackProps) {
    super(scope, "observability", props);
    const place = { location: this.location, resourceGroupName: this.group.name, tags: this.tags };
    const isPrivate = this.stage.flags.privateNetworking;
    const workspace = new LogAnalyticsWorkspace(this, "workspace", {
      ...place,
      name: this.nameOf("logAnalytics"),
      sku: "PerGB2018",
      retentionInDays: this.stage.logs.retentionDays,
      ...(this.stage.logs.dailyQuotaGb !== null && { dailyQuotaGb: this.stage.logs.dailyQuotaGb }),
      localAuthenticationEnabled: false,
      internetIngestionEnabled: !isPrivate,
      internetQueryEnabled: !isPrivate,
    });
    new Diagnostics(this, "workspace-diagnostics", {
      name: "to-workspace-observability",
      targetId: workspace.id,
      workspaceId: workspace.id,
    });
    const insights = new ApplicationInsights(this, "insights", {
      ...place,
      name: this.nameOf("applicationInsights"),
      applicationType: "web",
      workspaceId: workspace.id,
      localAuthenticationDisabled: true,
      internetIngestionEnabled: !isPrivate,
      internetQueryEnabled: !isPrivate,
    });
    const actionGroup = new MonitorActionGroup(this, "actions", {
      name: this.nameOf("actionGroup"),
      resourceGroupName: this.group.name,
      shortName: "lambda",
      emailReceiver: [{ name: "team", emailAddress: this.deployment.alertEmail, useCommonAlertSchema: true }],
      tags: this.tags,
    });
    this.outputs = {
      workspaceId: workspace.id,
      workspaceName: workspace.name,
      applicationInsightsId: insights.id,
      applicationInsightsName: insights.name,
      actionGroupId: actionGroup.id,
    };
  }
}
