/** Stages that synth writes; `all-flags` is never deployed: it holds what every other stage has switched off. */
export const stageNames = ["dev", "test", "prod", "all-flags"] as const;
export type StageName = (typeof stageNames)[number];

/** The load a stage is sized for; synth fails when the stage's sizes cannot carry it. */
export interface DeclaredLoad {
  readonly eventsPerSecond: number;
  readonly eventBytes: number;
  readonly devices: number;
}

export interface FeatureFlags {
  readonly hdinsight: boolean;
  readonly powerBiStreamingOutput: boolean;
  readonly powerBiEmbedded: boolean;
  readonly analysisServices: boolean;
  readonly synapseLink: boolean;
  readonly synapseDedicatedPool: boolean;
  readonly digitalTwins: boolean;
  readonly azureMl: boolean;
  readonly fabricCapacity: boolean;
  readonly asaCluster: boolean;
  readonly privateNetworking: boolean;
  readonly cmk: boolean;
}

export interface StageConfig {
  readonly name: StageName;
  /** Stage of contracts/topology.json whose partitions and sizes hold. */
  readonly topologyStage: "dev" | "test" | "prod";
  readonly load: DeclaredLoad;
  readonly flags: FeatureFlags;
  readonly eventHubs:
    | { readonly sku: "Standard"; readonly throughputUnits: number; readonly maximumThroughputUnits: number }
    | { readonly sku: "Premium"; readonly processingUnits: 1 | 2 | 4 | 8 | 16 };
  readonly iotHub: {
    readonly sku: "F1" | "S1" | "S2" | "S3";
    readonly units: number;
    /** Devices find their hub through the provisioning service. */
    readonly provisioning: boolean;
  };
  readonly streamAnalytics: {
    /** `JobStartTime` for a job's first start, `LastOutputEventTime` ever after: no gap and no replay. */
    readonly start: "JobStartTime" | "LastOutputEventTime";
  };
  readonly functions: { readonly alwaysReady: number; readonly maximumInstances: number };
  readonly cosmos:
    | { readonly mode: "serverless" }
    | {
        readonly mode: "autoscale";
        readonly maxRequestUnits: number;
        readonly zoneRedundant: boolean;
        readonly secondRegion: string | null;
      };
  readonly dataExplorer: {
    readonly sku: string;
    readonly instances: number;
    readonly maximumInstances: number;
    readonly autoStop: boolean;
    readonly zones: boolean;
  };
  readonly lake: {
    readonly replication: "LRS" | "ZRS" | "GZRS";
    readonly coldAfterDays: number;
    /** A cool tier before the cold one; moving on before 30 days costs the early-delete fee. Null leaves it out. */
    readonly coolAfterDays: number | null;
  };
  readonly sql: {
    readonly sku: string;
    readonly autoPauseMinutes: number | null;
    readonly zoneRedundant: boolean;
  };
  readonly synapse: { readonly sparkPool: boolean; readonly dedicatedPoolSku: string };
  readonly logs: { readonly retentionDays: number; readonly dailyQuotaGb: number | null };
  /** What the planner says for the declared load around the clock, and a fifth more; the check compares them. */
  readonly monthlyBudgetUsd: number;
}

const off: FeatureFlags = {
  hdinsight: false,
  powerBiStreamingOutput: false,
  powerBiEmbedded: false,
  analysisServices: false,
  synapseLink: false,
  synapseDedicatedPool: false,
  digitalTwins: false,
  azureMl: false,
  fabricCapacity: false,
  asaCluster: false,
  privateNetworking: false,
  cmk: false,
};

const prod: StageConfig = {
  name: "prod",
  topologyStage: "prod",
  load: { eventsPerSecond: 10_000, eventBytes: 500, devices: 10_000 },
  flags: {
    ...off,
    synapseDedicatedPool: true,
    digitalTwins: true,
    azureMl: true,
    fabricCapacity: true,
    asaCluster: true,
    privateNetworking: true,
    cmk: true,
  },
  eventHubs: { sku: "Premium", processingUnits: 4 },
  iotHub: { sku: "S3", units: 3, provisioning: true },
  streamAnalytics: { start: "LastOutputEventTime" },
  functions: { alwaysReady: 2, maximumInstances: 100 },
  cosmos: { mode: "autoscale", maxRequestUnits: 100_000, zoneRedundant: true, secondRegion: "northeurope" },
  dataExplorer: { sku: "Standard_E8ads_v5", instances: 2, maximumInstances: 8, autoStop: false, zones: true },
  lake: { replication: "GZRS", coldAfterDays: 30, coolAfterDays: null },
  sql: { sku: "GP_Gen5_4", autoPauseMinutes: null, zoneRedundant: true },
  synapse: { sparkPool: true, dedicatedPoolSku: "DW100c" },
  logs: { retentionDays: 90, dailyQuotaGb: null },
  monthlyBudgetUsd: 57_600,
};

/** The typed configuration of every stage, in one place. Sizes are explained by `npm run capacity`. */
export const stages: Readonly<Record<StageName, StageConfig>> = {
  dev: {
    name: "dev",
    topologyStage: "dev",
    load: { eventsPerSecond: 4, eventBytes: 500, devices: 4 },
    flags: off,
    eventHubs: { sku: "Standard", throughputUnits: 1, maximumThroughputUnits: 4 },
    iotHub: { sku: "S1", units: 1, provisioning: false },
    streamAnalytics: { start: "JobStartTime" },
    functions: { alwaysReady: 0, maximumInstances: 40 },
    cosmos: { mode: "serverless" },
    dataExplorer: {
      sku: "Dev(No SLA)_Standard_E2a_v4",
      instances: 1,
      maximumInstances: 1,
      autoStop: true,
      zones: false,
    },
    lake: { replication: "LRS", coldAfterDays: 30, coolAfterDays: null },
    sql: { sku: "GP_S_Gen5_1", autoPauseMinutes: 60, zoneRedundant: false },
    synapse: { sparkPool: false, dedicatedPoolSku: "DW100c" },
    logs: { retentionDays: 30, dailyQuotaGb: 1 },
    monthlyBudgetUsd: 1_600,
  },
  test: {
    name: "test",
    topologyStage: "test",
    load: { eventsPerSecond: 500, eventBytes: 500, devices: 500 },
    flags: { ...off, digitalTwins: true, privateNetworking: true },
    eventHubs: { sku: "Standard", throughputUnits: 4, maximumThroughputUnits: 20 },
    iotHub: { sku: "S2", units: 9, provisioning: true },
    streamAnalytics: { start: "LastOutputEventTime" },
    functions: { alwaysReady: 1, maximumInstances: 40 },
    cosmos: { mode: "autoscale", maxRequestUnits: 10_000, zoneRedundant: false, secondRegion: null },
    dataExplorer: {
      sku: "Standard_E2ads_v5",
      instances: 2,
      maximumInstances: 2,
      autoStop: true,
      zones: false,
    },
    lake: { replication: "ZRS", coldAfterDays: 30, coolAfterDays: null },
    sql: { sku: "GP_S_Gen5_2", autoPauseMinutes: 60, zoneRedundant: false },
    synapse: { sparkPool: true, dedicatedPoolSku: "DW100c" },
    logs: { retentionDays: 30, dailyQuotaGb: null },
    monthlyBudgetUsd: 6_600,
  },
  prod,
  "all-flags": {
    ...prod,
    name: "all-flags",
    flags: {
      hdinsight: true,
      powerBiStreamingOutput: true,
      powerBiEmbedded: true,
      analysisServices: true,
      synapseLink: true,
      synapseDedicatedPool: true,
      digitalTwins: true,
      azureMl: true,
      fabricCapacity: true,
      asaCluster: true,
      privateNetworking: true,
      cmk: true,
    },
  },
};
