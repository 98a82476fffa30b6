import { MonitorDiagnosticSetting } from "@cdktf/provider-azurerm/lib/monitor-diagnostic-setting";
import { Construct } from "../../bindings/cdktf";

export interface DiagnosticsProps {
  readonly targetId: string;
  readonly workspaceId: string;
  /** Unique per stack: settings left behind by a deleted resource block a re-creation under the same name. */
  readonly name: string;
  /** Log categories of services without the group `allLogs`. */
  readonly categories?: readonly string[];
  /** @default true */
  readonly logs?: boolean;
  /** @default true */
  readonly metrics?: boolean;
  /** Resource-specific tables, where the service has them. @default false */
  readonly dedicatedTables?: boolean;
}

/** Sends a resource's logs and metrics to the stage's workspace. */
export class Diagnostics extends Construct {
  readonly setting: MonitorDiagnosticSetting;

  constructor(scope: Construct, id: string, props: DiagnosticsProps) {
    super(scope, id);
    const { logs = true, metrics = true, categories } = props;
    this.setting = new MonitorDiagnosticSetting(this, "setting", {
      name: props.name,
      targetResourceId: props.targetId,
      logAnalyticsWorkspaceId: props.workspaceId,
      ...(props.dedicatedTables && { logAnalyticsDestinationType: "Dedicated" }),
      ...(logs && {
        enabledLog:
          categories === undefined
            ? [{ categoryGroup: "allLogs" }]
            : categories.map((category) => ({ category })),
      }),
      ...(metrics && { enabledMetric: [{ category: "AllMetrics" }] }),
    });
  }
}
