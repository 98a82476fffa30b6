import { LogAnalyticsWorkspace } from "@cdktf/provider-azurerm/lib/log-analytics-workspace";
import { MonitorActionGroup } from "@cdktf/provider-azurerm/lib/monitor-action-group";
import { MonitorPrivateLinkScope } from "@cdktf/provider-azurerm/lib/monitor-private-link-scope";
import { MonitorPrivateLinkScopedService } from "@cdktf/provider-azurerm/lib/monitor-private-link-scoped-service";
import type { Construct } from "../bindings/cdktf";
import { guard } from "../constructs/guard";
import { PrivateLink } from "../constructs/network/private-link";
import { Diagnostics } from "../constructs/observability/diagnostics";
import type { BootstrapOutputs } from "./bootstrap-stack";
import type { NetworkOutputs } from "./network-stack";
import { PlatformStack, type PlatformStackProps } from "./platform-stack";

/** What other stacks take from observability. */
export interface ObservabilityOutputs {
  readonly workspaceId: string;
  readonly workspaceName: string;
  /** Name of the private link scope of Azure Monitor, to which its resources are added; null where the stage is public. */
  readonly privateScopeName: string | null;
  readonly actionGroupId: string;
}

export interface ObservabilityStackProps extends PlatformStackProps {
  readonly network: NetworkOutputs;
  readonly bootstrap: BootstrapOutputs;
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
    guard(workspace);
    new Diagnostics(this, "workspace-diagnostics", {
      name: "to-workspace-workspace",
      targetId: workspace.id,
      workspaceId: workspace.id,
    });
    // The state account stands before the workspace, so its logs are switched on here.
    new Diagnostics(this, "state-diagnostics", {
      name: "to-workspace-state",
      targetId: props.bootstrap.stateAccountId,
      workspaceId: workspace.id,
      logs: false,
    });
    new Diagnostics(this, "state-blob-diagnostics", {
      name: "to-workspace-state-blob",
      targetId: `${props.bootstrap.stateAccountId}/blobServices/default`,
      workspaceId: workspace.id,
    });
    const privateScope = isPrivate ? this.#privateScope(props, workspace.id) : null;
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
      privateScopeName: privateScope?.name ?? null,
      actionGroupId: actionGroup.id,
    };
  }

  /** Azure Monitor has one private endpoint for all, over a scope that names the resources. */
  #privateScope(props: ObservabilityStackProps, workspaceId: string): MonitorPrivateLinkScope {
    const scope = new MonitorPrivateLinkScope(this, "private-scope", {
      name: this.nameOf("privateLinkScope"),
      resourceGroupName: this.group.name,
      ingestionAccessMode: "PrivateOnly",
      queryAccessMode: "PrivateOnly",
      tags: this.tags,
    });
    const scoped = new MonitorPrivateLinkScopedService(this, "private-scope-workspace", {
      name: "workspace",
      resourceGroupName: this.group.name,
      scopeName: scope.name,
      linkedResourceId: workspaceId,
    });
    const link = new PrivateLink(this, "private-scope-link", {
      ...this.place,
      name: this.nameOf("privateEndpoint", "monitor"),
      resourceId: scope.id,
      subresource: "azuremonitor",
      network: props.network.privateLink,
    });
    link.endpoint.node.addDependency(scoped);
    return scope;
  }
}
