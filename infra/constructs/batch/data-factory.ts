import { DataFactory as Factory } from "@cdktf/provider-azurerm/lib/data-factory";
import { DataFactoryCredentialUserManagedIdentity } from "@cdktf/provider-azurerm/lib/data-factory-credential-user-managed-identity";
import { DataFactoryCustomDataset } from "@cdktf/provider-azurerm/lib/data-factory-custom-dataset";
import { DataFactoryIntegrationRuntimeAzure } from "@cdktf/provider-azurerm/lib/data-factory-integration-runtime-azure";
import { DataFactoryLinkedCustomService } from "@cdktf/provider-azurerm/lib/data-factory-linked-custom-service";
import { DataFactoryManagedPrivateEndpoint } from "@cdktf/provider-azurerm/lib/data-factory-managed-private-endpoint";
import { DataFactoryPipeline } from "@cdktf/provider-azurerm/lib/data-factory-pipeline";
import { DataFactoryTriggerTumblingWindow } from "@cdktf/provider-azurerm/lib/data-factory-trigger-tumbling-window";
import type { Construct, TerraformResource } from "../../bindings/cdktf";
import type { EncryptionReference, IdentityReference } from "../../stacks/identity-stack";
import { guard } from "../guard";
import { Service, type Surroundings } from "../service";
import { readPipeline } from "./pipeline";

export interface DataFactoryProps extends Surroundings {
  readonly identity: IdentityReference;
  readonly lake: { readonly accountId: string; readonly accountName: string };
  readonly dataExplorer: {
    readonly clusterId: string;
    readonly clusterUri: string;
    readonly databaseName: string;
  };
  readonly cosmosEndpoint: string;
  readonly sql: { readonly serverId: string; readonly serverName: string; readonly databaseName: string };
  readonly databricks: { readonly workspaceId: string; readonly workspaceUrl: string };
  readonly encryption: EncryptionReference | null;
}

const credential = { referenceName: "workload", type: "CredentialReference" };

/** Data Factory in its managed network: linked services by identity, the hourly batch pipeline and its trigger. */
export class DataFactory extends Service {
  readonly factory: Factory;
  readonly #services: Readonly<Record<string, TerraformResource>>;

  constructor(scope: Construct, id: string, props: DataFactoryProps) {
    super(scope, id, props);
    const { nameOf, isPrivate } = this.stack;
    const { identity, encryption } = props;
    this.factory = new Factory(this, "factory", {
      ...this.place,
      name: nameOf("dataFactory"),
      managedVirtualNetworkEnabled: true,
      publicNetworkEnabled: !isPrivate,
      identity: {
        type: "SystemAssigned, UserAssigned",
        identityIds: [identity.id, ...(encryption === null ? [] : [encryption.identityId])],
      },
      ...(encryption !== null && {
        customerManagedKeyId: encryption.keyId,
        customerManagedKeyIdentityId: encryption.identityId,
      }),
    });
    guard(this.factory);
    this.connectPrivately("data-factory", this.factory.id, "dataFactory", "portal");
    this.diagnose("data-factory", this.factory.id, { dedicatedTables: true });
    const runtime = new DataFactoryIntegrationRuntimeAzure(this, "runtime", {
      name: "managed-network",
      dataFactoryId: this.factory.id,
      location: this.place.location,
      virtualNetworkEnabled: true,
      timeToLiveMin: 10,
    });
    const login = new DataFactoryCredentialUserManagedIdentity(this, "credential", {
      name: credential.referenceName,
      dataFactoryId: this.factory.id,
      identityId: identity.id,
    });
    if (isPrivate) this.#managedEndpoints(props);
    this.#services = this.#linkedServices(props, [runtime, login]);
    const datasets = this.#datasets();
    this.#pipeline(props, datasets);
  }

  #managedEndpoints(props: DataFactoryProps): void {
    const targets: readonly [string, string, string][] = [
      ["lake", props.lake.accountId, "dfs"],
      ["sql", props.sql.serverId, "sqlServer"],
      ["data-explorer", props.dataExplorer.clusterId, "cluster"],
      ["databricks", props.databricks.workspaceId, "databricks_ui_api"],
    ];
    for (const [name, targetResourceId, subresourceName] of targets) {
      new DataFactoryManagedPrivateEndpoint(this, `managed-link-${name}`, {
        name,
        dataFactoryId: this.factory.id,
        targetResourceId,
        subresourceName,
      });
    }
  }

  /** As JSON bodies: the typed resources of these services know keys, or one identity, and not the credential. */
  #linkedServices(
    props: DataFactoryProps,
    dependsOn: TerraformResource[],
  ): Record<string, TerraformResource> {
    const { tenantId } = this.stack.deployment;
    const services: Record<string, readonly [string, Record<string, unknown>]> = {
      lake: ["AzureBlobFS", { url: `https://${props.lake.accountName}.dfs.core.windows.net`, credential }],
      data_explorer: [
        "AzureDataExplorer",
        {
          endpoint: props.dataExplorer.clusterUri,
          database: props.dataExplorer.databaseName,
          tenant: tenantId,
          credential,
        },
      ],
      sql: [
        "AzureSqlDatabase",
        {
          server: `${props.sql.serverName}.database.windows.net`,
          database: props.sql.databaseName,
          encrypt: "mandatory",
          authenticationType: "UserAssignedManagedIdentity",
          credential,
        },
      ],
      databricks: [
        "AzureDatabricks",
        {
          domain: `https://${props.databricks.workspaceUrl}`,
          authentication: "MSI",
          workspaceResourceId: props.databricks.workspaceId,
          credential,
          newClusterNodeType: "Standard_D4ds_v5",
          newClusterNumOfWorker: "1:4",
          newClusterVersion: "17.3.x-scala2.13",
          newClusterSparkEnvVars: {
            DATABRICKS_DEFAULT_SERVICE_CREDENTIAL_NAME: this.stack.nameOf(
              "databricksAccessConnector",
              "services",
            ),
          },
          clusterOption: "Autoscaling",
        },
      ],
    };
    return Object.fromEntries(
      Object.entries(services).map(([name, [type, properties]]) => [
        name,
        new DataFactoryLinkedCustomService(this, `service-${name.replaceAll("_", "-")}`, {
          name,
          dataFactoryId: this.factory.id,
          type,
          integrationRuntime: { name: "managed-network" },
          typePropertiesJson: JSON.stringify(properties),
          dependsOn,
        }),
      ]),
    );
  }

  #datasets(): Record<string, TerraformResource> {
    const make = (name: string, service: string, type: string, properties: unknown) =>
      new DataFactoryCustomDataset(this, `dataset-${name.replaceAll("_", "-")}`, {
        name,
        dataFactoryId: this.factory.id,
        type,
        linkedService: { name: service },
        typePropertiesJson: JSON.stringify(properties),
        dependsOn: [this.#services[service]!],
      });
    return {
      line_minutes: make("line_minutes", "data_explorer", "AzureDataExplorerTable", {
        table: "line_minutes",
      }),
      sql_line_minutes: make("sql_line_minutes", "sql", "AzureSqlTable", {
        schema: "fact",
        table: "line_minutes",
      }),
    };
  }

  #pipeline(props: DataFactoryProps, datasets: Readonly<Record<string, TerraformResource>>): void {
    const definition = readPipeline(
      "factory-batch.json",
      {
        stage: this.stack.stage.topologyStage,
        lakeAccountName: props.lake.accountName,
        cosmosEndpoint: props.cosmosEndpoint,
      },
      { linkedServices: Object.keys(this.#services), datasets: Object.keys(datasets) },
    );
    const pipeline = new DataFactoryPipeline(this, "pipeline", {
      name: definition.name,
      dataFactoryId: this.factory.id,
      description: definition.description,
      concurrency: definition.concurrency,
      parameters: Object.fromEntries(Object.keys(definition.parameters).map((name) => [name, ""])),
      activitiesJson: JSON.stringify(definition.activities),
      dependsOn: [...Object.values(this.#services), ...Object.values(datasets)],
    });
    new DataFactoryTriggerTumblingWindow(this, "hourly", {
      name: "hourly",
      dataFactoryId: this.factory.id,
      activated: true,
      frequency: "Hour",
      interval: 1,
      // Capture closes its last file of an hour within its interval.
      delay: "00:15:00",
      startTime: "2026-12-01T00:00:00Z",
      maxConcurrency: 1,
      retry: { count: 2, interval: 300 },
      pipeline: {
        name: pipeline.name,
        parameters: {
          windowStart: "@trigger().outputs.windowStartTime",
          windowEnd: "@trigger().outputs.windowEndTime",
        },
      },
    });
  }
}
