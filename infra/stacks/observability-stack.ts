import { ApplicationInsights } from "@cdktf/provider-azurerm/lib/application-insights";
import { LogAnalyticsWorkspace } from "@cdktf/provider-azurerm/lib/log-analytics-workspace";
import { MonitorActionGroup } from "@cdktf/provider-azurerm/lib/monitor-action-group";
import { MonitorPrivateLinkScope } from "@cdktf/provider-azurerm/lib/monitor-private-link-scope";
import { MonitorPrivateLinkScopedService } from "@cdktf/provider-azurerm/lib/monitor-private-link-scoped-service";
import type { Construct } from "../bindings/cdktf";
import { renameArgument } from "../bindings/renamed";
import { PrivateLink } from "../constructs/network/private-link";
import { Diagnostics } from "../constructs/observability/diagnostics";
import type { NetworkOutputs } from "./network-stack";
import { PlatformStack, type PlatformStackProps } from "./platform-stack";

/** What other stacks take from observability. */
export interface ObservabilityOutputs {
  readonly workspaceId: string;
  readonly workspaceName: string;
  readonly applicationInsightsId: string;
  readonly applicationInsightsName: string;
  /** Where telemetry goes; an address and no secret, since ingestion asks for a token (local authentication is off). */
  readonly applicationInsightsAddress: string;
  readonly actionGroupId: string;
}

export interface ObservabilityStackProps extends PlatformStackProps {
  readonly network: NetworkOutputs;
}

/** Where logs, metrics and alerts of a stage go. */
export class ObservabilityStack extends PlatformStack {
  readonly outputs: ObservabilityOutputs;

  constructor(scope: Construct, props: ObservabilityStackProps) {
    super(scope, "observability", props);
    const { place, isPrivate } = this;
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
    const insights = new ApplicationInsights(this, "insights", {
      ...place,
      name: this.nameOf("applicationInsights"),
      applicationType: "web",
      workspaceId: workspace.id,
      internetIngestionEnabled: !isPrivate,
      internetQueryEnabled: !isPrivate,
    });
    renameArgument(insights, "local_authentication_disabled", "local_authentication_enabled", false);
    for (const [what, targetId] of [
      ["workspace", workspace.id],
      ["insights", insights.id],
    ] as const) {
      new Diagnostics(this, `${what}-diagnostics`, {
        name: `to-workspace-${what}`,
        targetId,
        workspaceId: workspace.id,
      });
    }
    // The state account stands before the workspace, so its logs are switched on here.
    const stateGroup = this.nameOf("resourceGroup", "state");
    const stateAccount = this.nameOf("storage", "tf");
    new Diagnostics(this, "state-diagnostics", {
      name: "to-workspace-state",
      targetId:
        `/subscriptions/${this.deployment.subscriptionId}/resourceGroups/${stateGroup}` +
        `/providers/Microsoft.Storage/storageAccounts/${stateAccount}/blobServices/default`,
      workspaceId: workspace.id,
    });
    if (isPrivate) this.#privateScope(props, { workspace: workspace.id, insights: insights.id });
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
      applicationInsightsAddress: insights.connectionString,
      actionGroupId: actionGroup.id,
    };
  }

  /** Azure Monitor has one private endpoint for all, over a scope that names the resources. */
  #privateScope(props: ObservabilityStackProps, members: Readonly<Record<string, string>>): void {
    const scope = new MonitorPrivateLinkScope(this, "private-scope", {
      name: this.nameOf("privateLinkScope"),
      resourceGroupName: this.group.name,
      ingestionAccessMode: "PrivateOnly",
      queryAccessMode: "PrivateOnly",
      tags: this.tags,
    });
    const scoped = Object.entries(members).map(
      ([name, linkedResourceId]) =>
        new MonitorPrivateLinkScopedService(this, `private-scope-${name}`, {
          name,
          resourceGroupName: this.group.name,
          scopeName: scope.name,
          linkedResourceId,
        }),
    );
    const link = new PrivateLink(this, "private-scope-link", {
      ...this.place,
      name: this.nameOf("privateEndpoint", "monitor"),
      resourceId: scope.id,
      subresource: "azuremonitor",
      network: props.network.privateLink,
    });
    link.endpoint.node.addDependency(...scoped);
  }
}
