import { ApplicationInsights } from "@cdktf/provider-azurerm/lib/application-insights";
import { MonitorPrivateLinkScopedService } from "@cdktf/provider-azurerm/lib/monitor-private-link-scoped-service";
import type { Construct } from "../../bindings/cdktf";
import { renameArgument } from "../../bindings/renamed";
import { Service, type Surroundings } from "../service";

/** Application Insights over the stage's workspace; telemetry comes with a token, so its address is no secret. */
export class Insights extends Service {
  readonly component: ApplicationInsights;

  constructor(scope: Construct, id: string, props: Surroundings) {
    super(scope, id, props);
    const { isPrivate, nameOf } = this.stack;
    const { workspaceId, privateScopeName } = props.observability;
    this.component = new ApplicationInsights(this, "component", {
      ...this.place,
      name: nameOf("applicationInsights"),
      applicationType: "web",
      workspaceId,
      internetIngestionEnabled: !isPrivate,
      internetQueryEnabled: !isPrivate,
    });
    renameArgument(this.component, "local_authentication_disabled", "local_authentication_enabled", false);
    this.diagnose("insights", this.component.id);
    if (privateScopeName !== null) {
      new MonitorPrivateLinkScopedService(this, "private-scope", {
        name: "insights",
        resourceGroupName: this.place.resourceGroupName,
        scopeName: privateScopeName,
        linkedResourceId: this.component.id,
      });
    }
  }
}
