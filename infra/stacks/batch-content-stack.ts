import { Catalog } from "@cdktf/provider-databricks/lib/catalog";
import { ClusterPolicy } from "@cdktf/provider-databricks/lib/cluster-policy";
import { Credential } from "@cdktf/provider-databricks/lib/credential";
import { DisableLegacyDbfsSetting } from "@cdktf/provider-databricks/lib/disable-legacy-dbfs-setting";
import { ExternalLocation } from "@cdktf/provider-databricks/lib/external-location";
import { Grants } from "@cdktf/provider-databricks/lib/grants";
import { Job } from "@cdktf/provider-databricks/lib/job";
import { DatabricksProvider } from "@cdktf/provider-databricks/lib/provider";
import { Schema } from "@cdktf/provider-databricks/lib/schema";
import { SqlEndpoint } from "@cdktf/provider-databricks/lib/sql-endpoint";
import { StorageCredential } from "@cdktf/provider-databricks/lib/storage-credential";
import { Volume } from "@cdktf/provider-databricks/lib/volume";
import { WorkspaceFile } from "@cdktf/provider-databricks/lib/workspace-file";
import { jobNamed } from "../../contracts";
import type { Construct } from "../bindings/cdktf";
import { listRepositoryFiles, readRepositoryFile } from "../config/repository";
import type { BatchOutputs } from "./batch-stack";
import type { LakeOutputs } from "./lake-stack";
import { PlatformStack, type PlatformStackProps } from "./platform-stack";
import type { ServingOutputs } from "./serving-stack";

export interface BatchContentStackProps extends PlatformStackProps {
  readonly batch: BatchOutputs;
  readonly lake: LakeOutputs;
  readonly serving: ServingOutputs;
}

/** The newer provider than the bindings' own. */
export const databricksVersion = "~> 1.128";

/** Folder of the workspace that holds the repository's notebooks. */
const root = "/Shared/lambda-platform";
const layers = ["bronze", "silver", "gold", "progress"] as const;
/** The long-term release on Spark 4, the version that the notebooks are tested on. */
const sparkVersion = "17.3.x-scala2.13";

/**
 * What stands inside the Databricks workspace: places of the lake in Unity Catalog, the notebooks and the job that runs
 * them. A stack of its own, because its provider needs the workspace's address before it can plan.
 */
export class BatchContentStack extends PlatformStack {
  constructor(scope: Construct, props: BatchContentStackProps) {
    super(scope, "batch-content", props);
    new DatabricksProvider(this, "databricks", {
      host: `https://${props.batch.databricksHost}`,
      azureWorkspaceResourceId: props.batch.databricksWorkspaceId,
      authType: "azure-cli",
    });
    this.addOverride("terraform.required_providers.databricks.version", databricksVersion);
    new DisableLegacyDbfsSetting(this, "no-dbfs", { disableLegacyDbfs: { value: true } });
    const locations = this.#locations(props);
    this.#catalog(props, locations);
    const policy = this.#policy();
    this.#analysts();
    const files = this.#files();
    this.#job(props, policy, files);
  }

  #locations({ batch, lake }: BatchContentStackProps): ExternalLocation[] {
    const identity = { accessConnectorId: batch.accessConnectorId };
    const storage = new StorageCredential(this, "lake-credential", {
      name: this.nameOf("databricksAccessConnector", "lake"),
      azureManagedIdentity: identity,
      comment: "The access connector's identity.",
    });
    new Credential(this, "service-credential", {
      name: this.nameOf("databricksAccessConnector", "services"),
      purpose: "SERVICE",
      azureManagedIdentity: identity,
      comment: "By which notebooks reach Cosmos DB.",
    });
    return ["capture", "lake"].map(
      (container) =>
        new ExternalLocation(this, `location-${container}`, {
          name: `${this.stage.name}-${container}`,
          url: `abfss://${container}@${lake.accountName}.dfs.core.windows.net/`,
          credentialName: storage.name,
          readOnly: container === "capture",
          isolationMode: "ISOLATION_MODE_ISOLATED",
          comment: container === "capture" ? "The master dataset." : "The Delta tables.",
        }),
    );
  }

  #catalog({ lake }: BatchContentStackProps, locations: ExternalLocation[]): void {
    const catalog = new Catalog(this, "catalog", {
      name: this.nameOf("databricks").replaceAll("-", "_"),
      storageRoot: `abfss://lake@${lake.accountName}.dfs.core.windows.net/catalog`,
      isolationMode: "ISOLATED",
      comment: "The platform's tables.",
      dependsOn: locations,
    });
    for (const layer of layers) {
      new Schema(this, `schema-${layer}`, { catalogName: catalog.name, name: layer });
    }
    const exports = new Schema(this, "schema-exports", { catalogName: catalog.name, name: "exports" });
    new Volume(this, "volume-exports", {
      catalogName: catalog.name,
      schemaName: exports.name,
      name: "telemetry",
      volumeType: "EXTERNAL",
      storageLocation: `abfss://lake@${lake.accountName}.dfs.core.windows.net/export/telemetry`,
      comment: "Parquet files of Data Explorer's continuous export.",
    });
    new Grants(this, "catalog-grants", {
      catalog: catalog.name,
      grant: [
        { principal: this.deployment.adminGroupName, privileges: ["ALL_PRIVILEGES"] },
        { principal: "account users", privileges: ["USE_CATALOG", "USE_SCHEMA", "SELECT"] },
      ],
    });
  }

  /** Limits what a job's cluster may be: size, price and how it logs in. */
  #policy(): ClusterPolicy {
    const spot = !this.isProduction;
    return new ClusterPolicy(this, "policy", {
      name: this.nameOf("databricks", "jobs"),
      definition: JSON.stringify({
        cluster_type: { type: "fixed", value: "job" },
        data_security_mode: { type: "fixed", value: "SINGLE_USER" },
        spark_version: { type: "fixed", value: sparkVersion },
        node_type_id: { type: "allowlist", values: ["Standard_D4ds_v5", "Standard_D8ds_v5"] },
        num_workers: { type: "range", minValue: 0, maxValue: this.isProduction ? 16 : 2 },
        "azure_attributes.availability": {
          type: "fixed",
          value: spot ? "SPOT_WITH_FALLBACK_AZURE" : "ON_DEMAND_AZURE",
        },
        "spark_conf.spark.databricks.delta.optimizeWrite.enabled": { type: "fixed", value: "true" },
        "custom_tags.project": { type: "fixed", value: this.deployment.workload },
      }),
    });
  }

  /** A serverless warehouse for people who ask in SQL; it sleeps when nobody does. */
  #analysts(): void {
    new SqlEndpoint(this, "warehouse", {
      name: this.nameOf("databricks", "sql"),
      clusterSize: this.isProduction ? "Small" : "2X-Small",
      minNumClusters: 1,
      maxNumClusters: this.isProduction ? 3 : 1,
      autoStopMins: 10,
      enableServerlessCompute: true,
      warehouseType: "PRO",
    });
  }

  /** The notebooks, the package they use and the contracts that it reads. */
  #files(): WorkspaceFile[] {
    const add = (path: string) =>
      new WorkspaceFile(this, `file-${path.replaceAll(/[/._]/g, "-")}`, {
        path: `${root}/${path}`,
        // Text, not a path on the machine that synthesises: two synths differ where the files do, and nowhere else.
        contentBase64: Buffer.from(readRepositoryFile(path)).toString("base64"),
      });
    const runnerOnly = ["runner.py"];
    return [
      ...listRepositoryFiles("notebooks", ".py")
        .filter((name) => !runnerOnly.includes(name))
        .map((name) => add(`notebooks/${name}`)),
      ...listRepositoryFiles("notebooks/batch_layer", ".py").map((name) =>
        add(`notebooks/batch_layer/${name}`),
      ),
      add("contracts/topology.json"),
    ];
  }

  #job(props: BatchContentStackProps, policy: ClusterPolicy, files: WorkspaceFile[]): void {
    const { lake, serving } = props;
    const workers = this.isProduction ? 4 : 0;
    new Job(this, "factory-batch", {
      name: `${this.stage.name}-factory-batch`,
      description: "Bronze, silver, gold and batch views of the factory workload.",
      maxConcurrentRuns: 1,
      queue: { enabled: true },
      // The pipeline of Data Factory starts the runs of the hour, and runs exclude one another: this job is for rebuilds.
      schedule: { quartzCronExpression: "0 30 2 * * ?", timezoneId: "UTC", pauseStatus: "PAUSED" },
      emailNotifications: { onFailure: [this.deployment.alertEmail] },
      jobCluster: [
        {
          jobClusterKey: "batch",
          newCluster: {
            policyId: policy.id,
            sparkVersion,
            nodeTypeId: this.isProduction ? "Standard_D8ds_v5" : "Standard_D4ds_v5",
            numWorkers: workers,
            dataSecurityMode: "SINGLE_USER",
            azureAttributes: {
              availability: this.isProduction ? "ON_DEMAND_AZURE" : "SPOT_WITH_FALLBACK_AZURE",
              firstOnDemand: 1,
              spotBidMaxPrice: -1,
            },
            ...(workers === 0 && {
              sparkConf: { "spark.databricks.cluster.profile": "singleNode", "spark.master": "local[*]" },
              customTags: { ResourceClass: "SingleNode", project: this.deployment.workload },
            }),
            sparkEnvVars: {
              DATABRICKS_DEFAULT_SERVICE_CREDENTIAL_NAME: this.nameOf(
                "databricksAccessConnector",
                "services",
              ),
            },
          },
        },
      ],
      task: [
        {
          taskKey: "factory-batch",
          jobClusterKey: "batch",
          notebookTask: {
            notebookPath: `${root}/notebooks/factory_batch`,
            baseParameters: {
              stage: this.stage.topologyStage,
              hub: "telemetry",
              job: "factory-aggregates",
              version: jobNamed("factory-aggregates").version,
              capture_uri: `abfss://capture@${lake.accountName}.dfs.core.windows.net`,
              lake_uri: `abfss://lake@${lake.accountName}.dfs.core.windows.net`,
              cosmos_endpoint: serving.cosmos.endpoint,
            },
          },
          library: [
            { pypi: { package: "azure-cosmos==4.17.1" } },
            { pypi: { package: "azure-identity==1.25.1" } },
          ],
          maxRetries: 1,
          minRetryIntervalMillis: 60_000,
          timeoutSeconds: 7_200,
        },
      ],
      dependsOn: files,
    });
  }
}
