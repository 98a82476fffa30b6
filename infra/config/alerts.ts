/** A limit of one metric, for every resource of a kind. */
export interface MetricAlert {
  /** Name of the runbook too. */
  readonly name: string;
  readonly target:
    | "eventHubs"
    | "iotHub"
    | "streamAnalytics"
    | "cosmos"
    | "dataExplorer"
    | "dataFactory"
    | "logicApp";
  readonly namespace: string;
  readonly metric: string;
  readonly aggregation: "Average" | "Maximum" | "Total" | "Count";
  readonly operator: "GreaterThan" | "LessThan";
  readonly threshold: number;
  readonly window: "PT5M" | "PT15M" | "PT30M";
  /** 0 critical to 4 verbose. */
  readonly severity: 0 | 1 | 2 | 3;
  readonly description: string;
  readonly dimension?: { readonly name: string; readonly values: readonly string[] };
}

/** A limit of what a query of the logs answers: its rows, or the greatest value of a column. */
export interface LogAlert {
  readonly name: string;
  readonly query: string;
  readonly measure?: string;
  readonly threshold: number;
  readonly window: "PT5M" | "PT15M" | "PT1H";
  readonly severity: 0 | 1 | 2 | 3;
  readonly description: string;
}

const eventHubs = { target: "eventHubs", namespace: "Microsoft.EventHub/namespaces" } as const;
const jobs = { target: "streamAnalytics", namespace: "Microsoft.StreamAnalytics/streamingjobs" } as const;
const cosmos = { target: "cosmos", namespace: "Microsoft.DocumentDB/databaseAccounts" } as const;
const dataExplorer = { target: "dataExplorer", namespace: "Microsoft.Kusto/clusters" } as const;
const above = { operator: "GreaterThan" } as const;

export const metricAlerts: readonly MetricAlert[] = [
  {
    ...eventHubs,
    ...above,
    name: "hub-throttled",
    metric: "ThrottledRequests",
    aggregation: "Total",
    threshold: 10,
    window: "PT5M",
    severity: 1,
    description: "Producers are refused: the namespace has too few units.",
  },
  {
    ...eventHubs,
    ...above,
    name: "capture-behind",
    metric: "CaptureBacklog",
    aggregation: "Maximum",
    threshold: 100_000_000,
    window: "PT15M",
    severity: 1,
    description: "Capture falls behind: the batch layer will stand still.",
  },
  {
    target: "iotHub",
    namespace: "Microsoft.Devices/IotHubs",
    ...above,
    name: "devices-throttled",
    metric: "d2c.telemetry.ingress.sendThrottle",
    aggregation: "Total",
    threshold: 10,
    window: "PT5M",
    severity: 1,
    description: "Devices are refused: the IoT Hub has too few units.",
  },
  {
    ...jobs,
    ...above,
    name: "job-out-of-memory",
    metric: "ResourceUtilization",
    aggregation: "Maximum",
    threshold: 80,
    window: "PT15M",
    severity: 1,
    description: "A stream job uses more than 80 % of its units' memory.",
  },
  {
    ...jobs,
    ...above,
    name: "job-behind",
    metric: "OutputWatermarkDelaySeconds",
    aggregation: "Maximum",
    threshold: 300,
    window: "PT15M",
    severity: 1,
    description: "A stream job's watermark is more than five minutes old.",
  },
  {
    ...jobs,
    ...above,
    name: "job-backlog",
    metric: "InputEventsSourcesBacklogged",
    aggregation: "Maximum",
    threshold: 1_000_000,
    window: "PT15M",
    severity: 1,
    description: "More than a million events wait for a stream job.",
  },
  {
    ...jobs,
    ...above,
    name: "job-errors",
    metric: "Errors",
    aggregation: "Total",
    threshold: 0,
    window: "PT5M",
    severity: 1,
    description: "A stream job reports errors.",
  },
  {
    ...cosmos,
    ...above,
    name: "cosmos-hot",
    metric: "NormalizedRUConsumption",
    aggregation: "Maximum",
    threshold: 90,
    window: "PT15M",
    severity: 2,
    description: "A partition of Cosmos DB uses more than 90 % of its throughput.",
  },
  {
    ...cosmos,
    ...above,
    name: "cosmos-throttled",
    metric: "TotalRequests",
    aggregation: "Count",
    threshold: 100,
    window: "PT5M",
    severity: 1,
    description: "Cosmos DB refuses requests.",
    dimension: { name: "StatusCode", values: ["429"] },
  },
  {
    ...dataExplorer,
    ...above,
    name: "ingestion-late",
    metric: "IngestionLatencyInSeconds",
    aggregation: "Average",
    threshold: 120,
    window: "PT15M",
    severity: 2,
    description: "Rows reach Data Explorer more than two minutes late.",
  },
  {
    ...dataExplorer,
    ...above,
    name: "cluster-busy",
    metric: "CPU",
    aggregation: "Average",
    threshold: 85,
    window: "PT15M",
    severity: 2,
    description: "Data Explorer uses more than 85 % of its processors.",
  },
  {
    ...dataExplorer,
    ...above,
    name: "export-late",
    metric: "ContinuousExportMaxLatenessMinutes",
    aggregation: "Maximum",
    threshold: 60,
    window: "PT15M",
    severity: 2,
    description: "The export to the lake is an hour behind; after seven days it ends by itself.",
  },
  {
    target: "dataFactory",
    namespace: "Microsoft.DataFactory/factories",
    ...above,
    name: "pipeline-failed",
    metric: "PipelineFailedRuns",
    aggregation: "Total",
    threshold: 0,
    window: "PT15M",
    severity: 1,
    description: "A run of the batch pipeline failed.",
  },
  {
    target: "logicApp",
    namespace: "Microsoft.Logic/workflows",
    ...above,
    name: "workflow-finding",
    metric: "RunsFailed",
    aggregation: "Total",
    threshold: 0,
    window: "PT5M",
    severity: 2,
    description: "A workflow found something, or failed: the run's error says which.",
  },
];

export const logAlerts: readonly LogAlert[] = [
  {
    name: "latency",
    query: [
      "AppMetrics",
      '| where Name == "event_to_answer_ms"',
      // A row is a bucket of an instance's histogram, with the number of its events.
      "| summarize p99 = percentilew(Max, ItemCount, 99) by bin(TimeGenerated, 5m)",
    ].join("\n"),
    measure: "p99",
    threshold: 500,
    window: "PT15M",
    severity: 2,
    description: "From event to answer takes more than 500 ms.",
  },
  {
    name: "error-rate",
    query: [
      "AzureMetrics",
      '| where ResourceProvider == "MICROSOFT.STREAMANALYTICS" and MetricName in ("Errors", "InputEvents")',
      '| summarize errors = sumif(Total, MetricName == "Errors"), events = sumif(Total, MetricName == "InputEvents")',
      "| extend percent = iff(events == 0, 0.0, 100.0 * errors / events)",
    ].join("\n"),
    measure: "percent",
    threshold: 1,
    window: "PT15M",
    severity: 1,
    description: "More than 1 % of the events of the stream jobs are in error.",
  },
  {
    name: "function-failures",
    query: "AppRequests\n| where Success == false",
    threshold: 20,
    window: "PT15M",
    severity: 2,
    description: "Functions fail.",
  },
];
