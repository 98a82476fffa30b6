import { EventhubConsumerGroup } from "@cdktf/provider-azurerm/lib/eventhub-consumer-group";
import { StreamAnalyticsCluster } from "@cdktf/provider-azurerm/lib/stream-analytics-cluster";
import { StreamAnalyticsManagedPrivateEndpoint } from "@cdktf/provider-azurerm/lib/stream-analytics-managed-private-endpoint";
import { type StreamJob as PlannedJob, topology } from "../../contracts";
import { type Construct, TerraformOutput } from "../bindings/cdktf";
import { readRepositoryFile } from "../config/repository";
import { deployedJobs } from "../config/stream-jobs";
import { findingsWorkflow } from "../constructs/bi/workflow";
import { RoleEdge } from "../constructs/identity/role-edge";
import { Insights } from "../constructs/observability/insights";
import type { Surroundings } from "../constructs/service";
import { FunctionApp, identitySettings } from "../constructs/speed/function-app";
import { checkPowerBiStreaming } from "../constructs/speed/power-bi-streaming";
import { StreamJob, type StreamJobOutput } from "../constructs/speed/stream-job";
import { clusterUnits } from "../constructs/speed/streaming-units";
import { KeylessStorageAccount } from "../constructs/storage/keyless-storage-account";
import type { AnalyticsOutputs } from "./analytics-stack";
import type { IdentityOutputs } from "./identity-stack";
import type { IngestionOutputs } from "./ingestion-stack";
import type { LakeOutputs } from "./lake-stack";
import { PlatformStack, type PlatformStackProps } from "./platform-stack";
import type { ServingOutputs } from "./serving-stack";

/** What other stacks take from the speed layer. */
export interface SpeedOutputs {
  readonly functionAppId: string;
  readonly functionAppName: string;
  readonly applicationInsightsId: string;
  /** Stream Analytics jobs as alerts watch them. */
  readonly jobs: readonly { readonly name: string; readonly id: string }[];
}

export interface SpeedStackProps extends PlatformStackProps, Surroundings {
  readonly identity: IdentityOutputs;
  readonly lake: LakeOutputs;
  readonly ingestion: IngestionOutputs;
  readonly serving: ServingOutputs;
  readonly analytics: AnalyticsOutputs;
  /** Day of the synth, for features that end. @default now */
  readonly today?: Date;
}

const lineMinutesUnits = 10;

/** Stream Analytics jobs beside one another by version, and the functions. */
export class SpeedStack extends PlatformStack {
  readonly outputs: SpeedOutputs;

  constructor(scope: Construct, props: SpeedStackProps) {
    super(scope, "speed", props);
    const { identity } = props;
    const surroundings = { network: props.network, observability: props.observability };
    const streamAnalytics = identity.identity("stream-analytics");
    const replication = this.isProduction ? "ZRS" : "LRS";
    const storage = new KeylessStorageAccount(this, "job-storage", {
      ...surroundings,
      what: "asa",
      replication,
      containers: [],
      encryption: identity.encryption,
      endpoints: ["blob", "table"],
    });
    for (const [id, role] of [
      ["blobs", "Storage Blob Data Contributor"],
      ["tables", "Storage Table Data Contributor"],
    ] as const) {
      new RoleEdge(this, `role-job-storage-${id}`, {
        role,
        principalId: streamAnalytics.principalId,
        scope: storage.account.id,
        edge: "stream analytics -> its storage",
      });
    }
    const cluster = this.stage.flags.asaCluster ? this.#cluster(props, storage) : null;
    const common = { ...surroundings, storage, clusterId: cluster?.id ?? null };

    const jobs: StreamJob[] = [];
    for (const deployed of deployedJobs(this.stage.name)) {
      const { job } = deployed;
      jobs.push(
        new StreamJob(this, `job-${job.name}-${job.version}`, {
          ...common,
          job: job.name,
          version: job.version,
          file: `${job.folder}/${job.name}.asaql`,
          query: readRepositoryFile(`${job.folder}/${job.name}.asaql`),
          inputs: job.inputs.map(({ alias, hub, consumerGroup }) => ({
            alias,
            namespaceName: props.ingestion.namespaceName,
            hubName: props.ingestion.hubName(hub),
            consumerGroupName: props.ingestion.consumerGroupName(hub, consumerGroup),
          })),
          outputs: job.outputs.map((output) => this.#output(output, props)),
          streamingUnits: job.streamingUnits[this.stage.topologyStage],
          lateToleranceSeconds: job.lateToleranceSeconds,
          outOfOrderToleranceSeconds: job.outOfOrderToleranceSeconds,
          // A job that never ran has no last output to start from.
          start: deployed.firstStart ? "JobStartTime" : this.stage.streamAnalytics.start,
          identity: streamAnalytics,
        }),
      );
      if (deployed.serves) {
        new TerraformOutput(this, `serving-${job.name}`, { value: job.version });
      }
    }
    jobs.push(...this.#lineMinutes(props, common));

    const insights = new Insights(this, "insights", surroundings);
    const functions = this.#functions(props, insights);
    this.outputs = {
      functionAppId: functions.app.id,
      functionAppName: functions.name,
      applicationInsightsId: insights.component.id,
      jobs: jobs.map(({ job, node }) => ({ name: node.id.replace(/^job-/, ""), id: job.id })),
    };
  }

  #cluster(props: SpeedStackProps, storage: KeylessStorageAccount): StreamAnalyticsCluster {
    const cluster = new StreamAnalyticsCluster(this, "cluster", {
      ...this.place,
      name: this.nameOf("streamAnalyticsCluster"),
      streamingCapacity: clusterUnits([
        ...deployedJobs(this.stage.name).map(({ job }) => job.streamingUnits[this.stage.topologyStage]),
        lineMinutesUnits,
        ...(this.stage.flags.powerBiStreamingOutput ? [lineMinutesUnits] : []),
      ]),
    });
    const targets: readonly [string, string, string][] = [
      ["event-hubs", props.ingestion.namespaceId, "namespace"],
      ["cosmos", props.serving.cosmos.accountId, "Sql"],
      ["data-explorer", props.analytics.clusterId, "cluster"],
      ["job-storage-blob", storage.account.id, "blob"],
      ["job-storage-table", storage.account.id, "table"],
      ["lake", props.lake.accountId, "blob"],
    ];
    for (const [what, targetResourceId, subresourceName] of targets) {
      new StreamAnalyticsManagedPrivateEndpoint(this, `cluster-link-${what}`, {
        name: this.nameOf("privateEndpoint", `asa-${what}`),
        resourceGroupName: this.group.name,
        streamAnalyticsClusterName: cluster.name,
        targetResourceId,
        subresourceName,
      });
    }
    return cluster;
  }

  /** A consumer group for a reader that the topology does not list. */
  #group(ingestion: IngestionOutputs, hub: string, name: string, reader: string): string {
    return new EventhubConsumerGroup(this, `group-${hub}-${name}`, {
      name,
      namespaceName: ingestion.namespaceName,
      eventhubName: ingestion.hubName(hub),
      resourceGroupName: this.group.name,
      userMetadata: reader,
    }).name;
  }

  #output(output: PlannedJob["outputs"][number], props: SpeedStackProps): StreamJobOutput {
    if (output.container !== undefined) {
      return {
        kind: "cosmos",
        alias: output.alias,
        databaseId: props.serving.cosmos.databaseId,
        container: output.container,
        documentId: output.documentId ?? "id",
        partitionKey: output.partitionKey ?? "partitionKey",
      };
    }
    if (output.hub === undefined)
      throw new RangeError(`output "${output.alias}" names neither container nor hub`);
    return {
      kind: "hub",
      alias: output.alias,
      namespaceName: props.ingestion.namespaceName,
      hubName: props.ingestion.hubName(output.hub),
      partitionKey: output.partitionKey ?? null,
    };
  }

  /** Line minutes into sinks of their own, where a dedicated cluster can reach them. */
  #lineMinutes(
    props: SpeedStackProps,
    common: Surroundings & { readonly storage: KeylessStorageAccount; readonly clusterId: string | null },
  ): StreamJob[] {
    const { flags } = this.stage;
    const steps = readRepositoryFile("infra/data-plane/stream-analytics/line-minutes.asaql");
    const made: StreamJob[] = [];
    const add = (
      name: string,
      output: StreamJobOutput,
      identity: ReturnType<IdentityOutputs["identity"]> | null,
    ) => {
      const group = this.#group(props.ingestion, "telemetry", name, `job:${name}:v1`);
      const job = new StreamJob(this, `job-${name}-v1`, {
        ...common,
        job: name,
        version: "v1",
        file: "infra/data-plane/stream-analytics/line-minutes.asaql",
        query: `${steps}\nSELECT *\nINTO ${output.alias}\nFROM lineMinutes\n`,
        inputs: [
          {
            alias: "telemetry",
            namespaceName: props.ingestion.namespaceName,
            hubName: props.ingestion.hubName("telemetry"),
            consumerGroupName: group,
          },
        ],
        outputs: [output],
        streamingUnits: lineMinutesUnits,
        lateToleranceSeconds: 10,
        outOfOrderToleranceSeconds: 11,
        start: this.stage.streamAnalytics.start,
        identity,
      });
      made.push(job);
      return job;
    };
    if (flags.asaCluster) {
      add(
        "line-minutes",
        {
          kind: "dataExplorer",
          alias: "dataexplorer",
          clusterUri: props.analytics.clusterUri,
          database: props.analytics.databaseName,
          table: "line_minutes",
        },
        props.identity.identity("stream-analytics"),
      );
    }
    if (flags.powerBiStreamingOutput) {
      checkPowerBiStreaming(props.today ?? new Date());
      const { workspaceId, workspaceName } = this.deployment.powerBi;
      // The output takes the system's own identity only.
      const job = add(
        "line-minutes-live",
        { kind: "powerBi", alias: "powerbi", workspaceId, workspaceName, dataset: "lines", table: "minutes" },
        null,
      );
      for (const [id, role, scope] of [
        ["hub", "Azure Event Hubs Data Receiver", props.ingestion.hubId("telemetry")],
        ["storage", "Storage Blob Data Contributor", common.storage.account.id],
      ] as const) {
        new RoleEdge(this, `role-line-minutes-live-${id}`, {
          role,
          principalId: job.job.identity.principalId,
          scope,
          edge: id === "hub" ? "hub telemetry -> power bi job" : "power bi job -> its storage",
        });
      }
    }
    return made;
  }

  #functions(props: SpeedStackProps, insights: Insights): FunctionApp {
    const surroundings = { network: props.network, observability: props.observability };
    const identity = props.identity.identity("functions");
    const storage = new KeylessStorageAccount(this, "host-storage", {
      ...surroundings,
      what: "func",
      replication: this.isProduction ? "ZRS" : "LRS",
      containers: ["app-package"],
      encryption: props.identity.encryption,
      endpoints: ["blob", "queue", "table"],
    });
    new RoleEdge(this, "role-metrics", {
      role: "Monitoring Metrics Publisher",
      principalId: identity.principalId,
      scope: insights.component.id,
      edge: "functions -> application insights",
    });
    return new FunctionApp(this, "functions", {
      ...surroundings,
      identity,
      storage,
      deploymentContainer: "app-package",
      sizes: this.stage.functions,
      subnetId: this.isPrivate ? props.network.subnetId("functions") : null,
      alwaysReadyFunctions: topology.functions
        .filter(({ trigger }) => trigger === "eventHub" || trigger === "cosmosDB")
        .map(({ name }) => name),
      settings: {
        ...identitySettings(
          "EventHubs",
          "fullyQualifiedNamespace",
          `${props.ingestion.namespaceName}.servicebus.windows.net`,
          identity,
        ),
        ...identitySettings("Cosmos", "accountEndpoint", props.serving.cosmos.endpoint, identity),
        APPLICATIONINSIGHTS_CONNECTION_STRING: insights.component.connectionString,
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: `Authorization=AAD;ClientId=${identity.clientId}`,
        ...identitySettings("DataExplorer", "clusterUri", props.analytics.clusterUri, identity),
        DataExplorer__database: props.analytics.databaseName,
        // By name, because the workflow stands in a later stack.
        ...identitySettings(
          "Notifications",
          "workflowId",
          `${this.group.id}/providers/Microsoft.Logic/workflows/${this.nameOf("logicApp", findingsWorkflow)}`,
          identity,
        ),
        ...(props.analytics.digitalTwinsHost !== null &&
          identitySettings(
            "DigitalTwins",
            "serviceUrl",
            `https://${props.analytics.digitalTwinsHost}`,
            identity,
          )),
      },
    });
  }
}
