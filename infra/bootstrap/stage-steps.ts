import { existsSync } from "node:fs";
import { join } from "node:path";
import { listRepositoryFiles, readRepositoryFile, repositoryRoot } from "../config/repository";
import type { StageConfig } from "../config/stages";
import type { SqlRunner } from "./sqlcmd";
import type { Step } from "./step";
import { type TwinModel, twinModels, twinRoutes } from "./steps/digital-twins";
import { type Dashboard, dataExplorerSource, grafanaDashboards, grafanaSource } from "./steps/grafana";
import { managedLinks } from "./steps/managed-links";
import { type SqlScript, sqlScripts } from "./steps/sql-scripts";
import type { Targets } from "./targets";

/**
 * The steps of a stage, in their order: what reads stands after what it reads from. Kusto's tables and policies, Unity
 * Catalog's grants, notebooks and Databricks jobs are Terraform's; Power BI workspaces belong to the tenant.
 */
export function stepsOf(stage: StageConfig, targets: Targets, run: SqlRunner): Step[] {
  const { flags } = stage;
  const source = async () => {
    const { uri, database } = await targets.dataExplorer();
    return dataExplorerSource(uri, database);
  };
  const scripts = { places: targets.places, run };
  const synapse = sqlFiles("synapse");
  const steps: (Step | null)[] = [
    // First: what jobs and pipelines write waits for it.
    flags.privateNetworking ? managedLinks(targets.arm, targets.linkSources) : null,
    sqlScripts({ ...scripts, name: "sql", scripts: sqlFiles("sql"), target: targets.sql }),
    sqlScripts({
      ...scripts,
      name: "synapse-serverless",
      scripts: synapse.filter(({ name }) => name.includes("serverless")),
      target: targets.synapseServerless,
      madeDatabase: "lambda",
    }),
    flags.synapseDedicatedPool
      ? sqlScripts({
          ...scripts,
          name: "synapse-dedicated",
          scripts: synapse.filter(({ name }) => name.includes("dedicated")),
          target: targets.synapseDedicated,
        })
      : null,
    flags.digitalTwins ? twinModels(targets.digitalTwins, jsonFiles<TwinModel>("dtdl")) : null,
    flags.digitalTwins
      ? twinRoutes(targets.digitalTwins, [{ id: "twin-events", endpointName: "twin-events", filter: "true" }])
      : null,
    grafanaSource(targets.grafana, source),
    grafanaDashboards(targets.grafana, jsonFiles<Dashboard>("grafana")),
  ];
  return steps.filter((step) => step !== null);
}

const filesOf = (folder: string, ending: string): SqlScript[] => {
  const path = `infra/data-plane/${folder}`;
  if (!existsSync(join(repositoryRoot(), path))) return [];
  return listRepositoryFiles(path, ending).map((name) => ({
    name,
    text: readRepositoryFile(`${path}/${name}`),
  }));
};

const sqlFiles = (folder: string): SqlScript[] => filesOf(folder, ".sql");

/** Files with one value or a list of values. */
const jsonFiles = <T>(folder: string): T[] =>
  filesOf(folder, ".json").flatMap(({ text }) => JSON.parse(text) as T | T[]);
