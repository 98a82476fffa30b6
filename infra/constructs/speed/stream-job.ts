import { StreamAnalyticsJob } from "@cdktf/provider-azurerm/lib/stream-analytics-job";
import { StreamAnalyticsJobSchedule } from "@cdktf/provider-azurerm/lib/stream-analytics-job-schedule";
import { StreamAnalyticsOutputCosmosdb } from "@cdktf/provider-azurerm/lib/stream-analytics-output-cosmosdb";
import { StreamAnalyticsOutputEventhub } from "@cdktf/provider-azurerm/lib/stream-analytics-output-eventhub";
import { StreamAnalyticsOutputPowerbi } from "@cdktf/provider-azurerm/lib/stream-analytics-output-powerbi";
import { StreamAnalyticsStreamInputEventhubV2 } from "@cdktf/provider-azurerm/lib/stream-analytics-stream-input-eventhub-v2";
import { AzapiResource } from "../../bindings/azapi";
import type { Construct, TerraformResource } from "../../bindings/cdktf";
import type { StageConfig } from "../../config/stages";
import type { IdentityReference } from "../../stacks/identity-stack";
import { Service, type Surroundings } from "../service";
import type { KeylessStorageAccount } from "../storage/keyless-storage-account";
import { checkedQuery } from "./query-text";
import { checkStreamingUnits } from "./streaming-units";

export interface StreamJobInput {
  readonly alias: string;
  readonly namespaceName: string;
  readonly hubName: string;
  readonly consumerGroupName: string;
}

/** Where a job writes: one alias each. */
export type StreamJobOutput =
  | {
      readonly kind: "cosmos";
      readonly alias: string;
      readonly databaseId: string;
      readonly container: string;
      readonly documentId: string;
      readonly partitionKey: string;
    }
  | {
      readonly kind: "hub";
      readonly alias: string;
      readonly namespaceName: string;
      readonly hubName: string;
      readonly partitionKey: string | null;
    }
  | {
      readonly kind: "dataExplorer";
      readonly alias: string;
      readonly clusterUri: string;
      readonly database: string;
      readonly table: string;
    }
  | {
      readonly kind: "powerBi";
      readonly alias: string;
      readonly workspaceId: string;
      readonly workspaceName: string;
      readonly dataset: string;
      readonly table: string;
    };

export interface StreamJobProps extends Surroundings {
  readonly job: string;
  readonly version: string;
  /** Path of the query, for messages. */
  readonly file: string;
  readonly query: string;
  readonly inputs: readonly StreamJobInput[];
  readonly outputs: readonly StreamJobOutput[];
  readonly streamingUnits: number;
  readonly lateToleranceSeconds: number;
  readonly outOfOrderToleranceSeconds: number;
  readonly start: StageConfig["streamAnalytics"]["start"];
  /** The job's identity; null where an output asks for the system's own (Power BI). */
  readonly identity: IdentityReference | null;
  readonly storage: KeylessStorageAccount;
  readonly clusterId: string | null;
}

/**
 * One version of a stream job: its checked text, inputs and outputs by identity, and the schedule that runs it. A change
 * of any of them destroys the schedule (stop), changes them, and makes it again (start), in one apply.
 */
export class StreamJob extends Service {
  readonly job: StreamAnalyticsJob;

  constructor(scope: Construct, id: string, props: StreamJobProps) {
    super(scope, id, props);
    const query = checkedQuery(props.file, props.query, {
      inputs: props.inputs.map(({ alias }) => alias),
      outputs: props.outputs.map(({ alias }) => alias),
    });
    const name = `${props.job}-${props.version}`;
    this.job = new StreamAnalyticsJob(this, "job", {
      ...this.place,
      name: this.stack.nameOf("streamAnalytics", name),
      skuName: "StandardV2",
      streamingUnits: checkStreamingUnits(props.streamingUnits),
      compatibilityLevel: "1.2",
      dataLocale: "en-US",
      eventsLateArrivalMaxDelayInSeconds: props.lateToleranceSeconds,
      eventsOutOfOrderMaxDelayInSeconds: props.outOfOrderToleranceSeconds,
      eventsOutOfOrderPolicy: "Drop",
      outputErrorPolicy: "Stop",
      contentStoragePolicy: "JobStorageAccount",
      jobStorageAccount: { accountName: props.storage.account.name, authenticationMode: "Msi" },
      identity:
        props.identity === null
          ? { type: "SystemAssigned" }
          : { type: "UserAssigned", identityIds: [props.identity.id] },
      transformationQuery: query,
      ...(props.clusterId !== null && { streamAnalyticsClusterId: props.clusterId }),
    });
    this.diagnose(name, this.job.id);
    const inputs = props.inputs.map((input) => this.#input(input));
    const outputs = props.outputs.map((output) => this.#output(output));
    this.#schedule(props, [this.job, ...inputs, ...outputs]);
  }

  #input(input: StreamJobInput): TerraformResource {
    return new StreamAnalyticsStreamInputEventhubV2(this, `input-${input.alias}`, {
      name: input.alias,
      streamAnalyticsJobId: this.job.id,
      servicebusNamespace: input.namespaceName,
      eventhubName: input.hubName,
      eventhubConsumerGroupName: input.consumerGroupName,
      authenticationMode: "Msi",
      serialization: { type: "Json", encoding: "UTF8" },
    });
  }

  #output(output: StreamJobOutput): TerraformResource {
    const id = `output-${output.alias}`;
    switch (output.kind) {
      case "cosmos":
        return new StreamAnalyticsOutputCosmosdb(this, id, {
          name: output.alias,
          streamAnalyticsJobId: this.job.id,
          // The provider insists on a key; with an identity the service takes no notice of it.
          cosmosdbAccountKey: "unused-msi",
          cosmosdbSqlDatabaseId: output.databaseId,
          containerName: output.container,
          documentId: output.documentId,
          partitionKey: output.partitionKey,
          authenticationMode: "Msi",
        });
      case "hub":
        return new StreamAnalyticsOutputEventhub(this, id, {
          name: output.alias,
          resourceGroupName: this.place.resourceGroupName,
          streamAnalyticsJobName: this.job.name,
          servicebusNamespace: output.namespaceName,
          eventhubName: output.hubName,
          ...(output.partitionKey !== null && { partitionKey: output.partitionKey }),
          authenticationMode: "Msi",
          serialization: { type: "Json", encoding: "UTF8", format: "LineSeparated" },
        });
      case "dataExplorer":
        return new AzapiResource(this, id, {
          // azurerm has no such output.
          type: "Microsoft.StreamAnalytics/streamingjobs/outputs@2021-10-01-preview",
          name: output.alias,
          parentId: this.job.id,
          body: {
            properties: {
              datasource: {
                type: "Microsoft.Kusto/clusters/databases",
                properties: {
                  cluster: output.clusterUri,
                  database: output.database,
                  table: output.table,
                  authenticationMode: "Msi",
                },
              },
            },
          },
          schemaValidation: false,
        });
      case "powerBi":
        return new StreamAnalyticsOutputPowerbi(this, id, {
          name: output.alias,
          streamAnalyticsJobId: this.job.id,
          groupId: output.workspaceId,
          groupName: output.workspaceName,
          dataset: output.dataset,
          table: output.table,
        });
    }
  }

  /** Verified order: Terraform destroys the schedule, changes what triggered it, and creates the schedule again. */
  #schedule(props: StreamJobProps, parts: readonly TerraformResource[]): void {
    const schedule = new StreamAnalyticsJobSchedule(this, "schedule", {
      streamAnalyticsJobId: this.job.id,
      startMode: props.start,
      dependsOn: [...parts],
    });
    const triggers = parts.map((part) =>
      part instanceof StreamAnalyticsJob
        ? ["transformation_query", "streaming_units", "events_late_arrival_max_delay_in_seconds"].map(
            (argument) => `${part.terraformResourceType}.${part.friendlyUniqueId}.${argument}`,
          )
        : [`${part.terraformResourceType}.${part.friendlyUniqueId}`],
    );
    schedule.addOverride("lifecycle.replace_triggered_by", triggers.flat());
  }
}
