import type { Construct } from "../bindings/cdktf";
import { DataFactory } from "../constructs/batch/data-factory";
import { Databricks } from "../constructs/batch/databricks";
import { MachineLearning } from "../constructs/batch/machine-learning";
import type { Surroundings } from "../constructs/service";
import type { AnalyticsOutputs } from "./analytics-stack";
import type { IdentityOutputs } from "./identity-stack";
import type { LakeOutputs } from "./lake-stack";
import { PlatformStack, type PlatformStackProps } from "./platform-stack";
import type { ServingOutputs } from "./serving-stack";
import type { SpeedOutputs } from "./speed-stack";

/** What other stacks take from batch. */
export interface BatchOutputs {
  readonly databricksWorkspaceId: string;
  readonly databricksHost: string;
  readonly accessConnectorId: string;
  readonly dataFactoryId: string;
  readonly dataFactoryName: string;
}

export interface BatchStackProps extends PlatformStackProps, Surroundings {
  readonly identity: IdentityOutputs;
  readonly lake: LakeOutputs;
  readonly serving: ServingOutputs;
  readonly analytics: AnalyticsOutputs;
  readonly speed: SpeedOutputs;
}

/** The batch layer's services: Databricks, Data Factory, and Azure ML where the stage has it. */
export class BatchStack extends PlatformStack {
  readonly outputs: BatchOutputs;

  constructor(scope: Construct, props: BatchStackProps) {
    super(scope, "batch", props);
    const { identity, lake, serving, analytics } = props;
    const surroundings = { network: props.network, observability: props.observability };
    const { encryption } = identity;
    const databricks = new Databricks(this, "databricks", {
      ...surroundings,
      identity: identity.identity("databricks"),
      dataFactoryPrincipalId: identity.identity("data-factory").principalId,
      encryption,
    });
    const factory = new DataFactory(this, "data-factory", {
      ...surroundings,
      identity: identity.identity("data-factory"),
      lake,
      dataExplorer: analytics,
      cosmosEndpoint: serving.cosmos.endpoint,
      sql: {
        serverId: serving.sqlServerId,
        serverName: serving.sqlServerName,
        databaseName: serving.sqlDatabaseName,
      },
      databricks: {
        workspaceId: databricks.workspace.id,
        workspaceUrl: databricks.workspace.workspaceUrl,
      },
      encryption,
    });
    if (this.stage.flags.azureMl) {
      new MachineLearning(this, "machine-learning", {
        ...surroundings,
        identity: identity.identity("machine-learning"),
        applicationInsightsId: props.speed.applicationInsightsId,
        functionsPrincipalId: identity.identity("functions").principalId,
        encryption,
      });
    }
    this.outputs = {
      databricksWorkspaceId: databricks.workspace.id,
      databricksHost: databricks.workspace.workspaceUrl,
      accessConnectorId: databricks.connector.id,
      dataFactoryId: factory.factory.id,
      dataFactoryName: factory.factory.name,
    };
  }
}
