import type { Deployment } from "./deployment";

/** Abbreviations of the Cloud Adoption Framework for the resources in use. */
export const abbreviations = {
  resourceGroup: "rg",
  virtualNetwork: "vnet",
  subnet: "snet",
  networkSecurityGroup: "nsg",
  privateEndpoint: "pep",
  natGateway: "ng",
  publicIp: "pip",
  logAnalytics: "log",
  applicationInsights: "appi",
  actionGroup: "ag",
  keyVault: "kv",
  storage: "st",
  eventHubsNamespace: "evhns",
  eventHub: "evh",
  iotHub: "iot",
  provisioning: "provs",
  streamAnalytics: "asa",
  streamAnalyticsCluster: "asac",
  functionApp: "func",
  servicePlan: "asp",
  cosmos: "cosno",
  dataExplorer: "dec",
  dataExplorerDatabase: "dedb",
  digitalTwins: "dt",
  eventGridTopic: "egst",
  dataFactory: "adf",
  databricks: "dbw",
  databricksAccessConnector: "dbac",
  synapse: "synw",
  synapseSparkPool: "synsp",
  synapseSqlPool: "syndp",
  sqlServer: "sql",
  sqlDatabase: "sqldb",
  machineLearning: "mlw",
  grafana: "amg",
  logicApp: "logic",
  fabric: "fc",
  powerBiEmbedded: "pbi",
  analysisServices: "as",
  identity: "id",
  hdinsightKafka: "kafka",
  privateLinkScope: "ampls",
  budget: "budget",
  dataCollectionRule: "dcr",
  metricAlert: "ma",
  logAlert: "la",
} as const;

export type ResourceKind = keyof typeof abbreviations;

interface NameRule {
  readonly maxLength: number;
  /** Without hyphens, lower case: storage accounts, clusters and the like. */
  readonly compact: boolean;
  /** Part of a global DNS name: carries the unique suffix. */
  readonly global: boolean;
}

const usual: NameRule = { maxLength: 60, compact: false, global: false };

const rules: Partial<Record<ResourceKind, Partial<NameRule>>> = {
  storage: { maxLength: 24, compact: true, global: true },
  keyVault: { maxLength: 24, global: true },
  dataExplorer: { maxLength: 22, compact: true, global: true },
  synapse: { maxLength: 45, compact: true, global: true },
  synapseSparkPool: { maxLength: 15, compact: true },
  synapseSqlPool: { maxLength: 60, compact: true },
  analysisServices: { maxLength: 63, compact: true, global: true },
  fabric: { maxLength: 63, compact: true, global: true },
  powerBiEmbedded: { maxLength: 63, compact: true, global: true },
  functionApp: { maxLength: 32, global: true },
  eventHubsNamespace: { maxLength: 50, global: true },
  iotHub: { maxLength: 50, global: true },
  provisioning: { maxLength: 64, global: true },
  cosmos: { maxLength: 44, global: true },
  digitalTwins: { maxLength: 63, global: true },
  dataFactory: { maxLength: 63, global: true },
  sqlServer: { maxLength: 63, global: true },
  machineLearning: { maxLength: 33 },
  grafana: { maxLength: 23, global: true },
  hdinsightKafka: { maxLength: 59, global: true },
  metricAlert: { maxLength: 128 },
  logAlert: { maxLength: 128 },
};

/**
 * Makes resource names `<abbr>-<workload>-<stage>-<region>-<what>`, compact and with the unique suffix where the kind
 * needs it. @throws RangeError when a name would be longer than Azure allows
 */
export function nameMaker(deployment: Deployment, stage: string) {
  const stageWord = stage === "all-flags" ? "all" : stage;
  return (kind: ResourceKind, what?: string): string => {
    const rule: NameRule = { ...usual, ...rules[kind] };
    const parts: string[] = [abbreviations[kind], deployment.workload, stageWord];
    // Short kinds have no room for the region; the suffix makes them unique.
    if (rule.maxLength > 40) parts.push(deployment.regionShort);
    if (what !== undefined) parts.push(what);
    if (rule.global) parts.push(deployment.uniqueSuffix);
    const name = rule.compact ? parts.join("").replaceAll("-", "").toLowerCase() : parts.join("-");
    if (name.length > rule.maxLength)
      throw new RangeError(`name "${name}" is longer than ${rule.maxLength} characters`);
    return name;
  };
}

export type NameMaker = ReturnType<typeof nameMaker>;
