import { ConsumptionBudgetResourceGroup } from "@cdktf/provider-azurerm/lib/consumption-budget-resource-group";
import { MonitorActivityLogAlert } from "@cdktf/provider-azurerm/lib/monitor-activity-log-alert";
import { MonitorMetricAlert } from "@cdktf/provider-azurerm/lib/monitor-metric-alert";
import { MonitorScheduledQueryRulesAlertV2 } from "@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2";
import type { Construct } from "../bindings/cdktf";
import { logAlerts, type MetricAlert, metricAlerts } from "../config/alerts";
import type { AnalyticsOutputs } from "./analytics-stack";
import type { BatchOutputs } from "./batch-stack";
import type { BiOutputs } from "./bi-stack";
import type { IngestionOutputs } from "./ingestion-stack";
import type { ObservabilityOutputs } from "./observability-stack";
import { PlatformStack, type PlatformStackProps } from "./platform-stack";
import type { ServingOutputs } from "./serving-stack";
import type { SpeedOutputs } from "./speed-stack";

export interface AlertsStackProps extends PlatformStackProps {
  readonly observability: ObservabilityOutputs;
  readonly ingestion: IngestionOutputs;
  readonly serving: ServingOutputs;
  readonly analytics: AnalyticsOutputs;
  readonly speed: SpeedOutputs;
  readonly batch: BatchOutputs;
  readonly bi: BiOutputs;
}

/** What wakes people: limits of metrics and logs, the budget, and Azure's own incidents. */
export class AlertsStack extends PlatformStack {
  constructor(scope: Construct, props: AlertsStackProps) {
    super(scope, "alerts", props);
    const { actionGroupId, workspaceId } = props.observability;
    const targets: Readonly<
      Record<MetricAlert["target"], readonly { readonly name: string; readonly id: string }[]>
    > = {
      eventHubs: [{ name: "event-hubs", id: props.ingestion.namespaceId }],
      iotHub: [{ name: "iot-hub", id: props.ingestion.iotHubId }],
      streamAnalytics: props.speed.jobs,
      cosmos: [{ name: "cosmos", id: props.serving.cosmos.accountId }],
      dataExplorer: [{ name: "data-explorer", id: props.analytics.clusterId }],
      dataFactory: [{ name: "data-factory", id: props.batch.dataFactoryId }],
      logicApp: props.bi.workflows,
    };
    for (const alert of metricAlerts) {
      for (const target of targets[alert.target]) {
        new MonitorMetricAlert(this, `metric-${alert.name}-${target.name}`, {
          name: this.nameOf("metricAlert", `${alert.name}-${target.name}`),
          resourceGroupName: this.group.name,
          scopes: [target.id],
          description: `${alert.description} Runbook: docs/runbooks/${alert.name}.md`,
          severity: alert.severity,
          frequency: "PT1M",
          windowSize: alert.window,
          criteria: [
            {
              metricNamespace: alert.namespace,
              metricName: alert.metric,
              aggregation: alert.aggregation,
              operator: alert.operator,
              threshold: alert.threshold,
              ...(alert.dimension !== undefined && {
                dimension: [
                  { name: alert.dimension.name, operator: "Include", values: [...alert.dimension.values] },
                ],
              }),
            },
          ],
          action: [{ actionGroupId }],
          tags: this.tags,
        });
      }
    }
    for (const alert of logAlerts) {
      new MonitorScheduledQueryRulesAlertV2(this, `log-${alert.name}`, {
        ...this.place,
        name: this.nameOf("logAlert", alert.name),
        scopes: [workspaceId],
        description: `${alert.description} Runbook: docs/runbooks/${alert.name}.md`,
        severity: alert.severity,
        evaluationFrequency: "PT5M",
        windowDuration: alert.window,
        // The tables come with the first rows.
        skipQueryValidation: true,
        criteria: [
          {
            query: alert.query,
            timeAggregationMethod: alert.measure === undefined ? "Count" : "Maximum",
            ...(alert.measure !== undefined && { metricMeasureColumn: alert.measure }),
            operator: "GreaterThan",
            threshold: alert.threshold,
            failingPeriods: { numberOfEvaluationPeriods: 1, minimumFailingPeriodsToTriggerAlert: 1 },
          },
        ],
        action: { actionGroups: [actionGroupId] },
      });
    }
    this.#budget(actionGroupId);
    new MonitorActivityLogAlert(this, "service-health", {
      name: this.nameOf("logAlert", "service-health"),
      resourceGroupName: this.group.name,
      location: "global",
      scopes: [`/subscriptions/${this.deployment.subscriptionId}`],
      description: "Incidents and maintenance that Azure announces for the region.",
      criteria: {
        category: "ServiceHealth",
        serviceHealth: {
          events: ["Incident", "Maintenance", "ActionRequired", "Security"],
          locations: ["Global", this.deployment.regionName],
        },
      },
      action: [{ actionGroupId }],
      tags: this.tags,
    });
  }

  #budget(actionGroupId: string): void {
    const notify = (threshold: number, thresholdType: "Actual" | "Forecasted") => ({
      enabled: true,
      operator: "GreaterThanOrEqualTo",
      threshold,
      thresholdType,
      contactGroups: [actionGroupId],
    });
    new ConsumptionBudgetResourceGroup(this, "budget", {
      name: this.nameOf("budget"),
      resourceGroupId: this.group.id,
      amount: this.stage.monthlyBudgetUsd,
      timeGrain: "Monthly",
      timePeriod: { startDate: "2026-12-01T00:00:00Z", endDate: "2036-12-01T00:00:00Z" },
      notification: [
        notify(50, "Actual"),
        notify(80, "Actual"),
        notify(100, "Actual"),
        notify(100, "Forecasted"),
      ],
    });
  }
}
