import document from "./topology.json";

/** Deployment stages; `local` is the platform on one machine. */
export type Stage = "local" | "dev" | "test" | "prod";

/** A consumer group and the one reader that it is for. */
export interface ConsumerGroup {
  readonly name: string;
  /** The one reader, as `job:<name>:<version>`, `function:<name>` or a system's name. */
  readonly reader: string;
}

/** How a hub is captured: into which container, how long an interval is in event time, and how large a file may grow. */
export interface CaptureSettings {
  readonly container: string;
  readonly intervalSeconds: number;
  readonly sizeLimitBytes: number;
}

/** A hub with its sizes by stage and its consumer groups. */
export interface EventHub {
  readonly name: string;
  readonly description: string;
  readonly event: string;
  readonly partitions: Readonly<Record<Stage, number>>;
  readonly retentionHours: Readonly<Record<Stage, number>>;
  readonly capture?: CaptureSettings;
  readonly consumerGroups: readonly ConsumerGroup[];
}

/** A container of the database. */
export interface CosmosContainer {
  readonly name: string;
  /** One path, with its leading slash. */
  readonly partitionKey: string;
  readonly description: string;
  readonly defaultTtlSeconds?: number;
  /** Functions that read the container's change feed. */
  readonly changeFeed?: readonly string[];
}

/** A version of a stream job: its inputs, outputs, grains, windows and tolerances. */
export interface StreamJob {
  readonly name: string;
  readonly version: string;
  /** Folder of the official project layout, relative to the repository. */
  readonly folder: string;
  readonly inputs: readonly {
    readonly alias: string;
    readonly hub: string;
    readonly consumerGroup: string;
  }[];
  readonly outputs: readonly {
    readonly alias: string;
    readonly container?: string;
    readonly hub?: string;
    readonly documentId?: string;
    readonly partitionKey?: string;
  }[];
  /** First entry is the default of the serving API; empty for a job whose rows are no views. */
  readonly grains: readonly string[];
  /** First entry is the default of the serving API; empty for a job whose rows are no views. */
  readonly windows: readonly string[];
  readonly lateToleranceSeconds: number;
  readonly outOfOrderToleranceSeconds: number;
  /** Backend units of StandardV2: 3, 7, 10, 20, ... */
  readonly streamingUnits: Readonly<Record<Exclude<Stage, "local">, number>>;
}

/** A function of the Functions app: what triggers it, and what it reads and writes. */
export interface FunctionBinding {
  readonly name: string;
  readonly trigger: "eventHub" | "cosmosDB" | "http" | "timer";
  readonly hub?: string;
  readonly consumerGroup?: string;
  readonly container?: string;
  readonly leases?: string;
  readonly route?: string;
  /** When a timer fires, as the host reads it: six fields, seconds first. */
  readonly schedule?: string;
  /** Service without which the function is not registered: stages differ, and one machine has none of them. */
  readonly requires?: "digital-twins" | "notifications";
  /** `cosmos:<container>`, `hub:<hub>`, `digital-twins`, `data-explorer` or `logic-app`; each is one role edge. */
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
}

/** Everything that exists by name, in the cloud as here; the shape of topology.json. */
export interface Topology {
  readonly eventHubs: { readonly namespace: string; readonly hubs: readonly EventHub[] };
  readonly iotHub: {
    readonly name: string;
    readonly routes: readonly {
      readonly name: string;
      readonly source: string;
      readonly condition: string;
      readonly hub: string;
    }[];
  };
  readonly lake: {
    readonly containers: readonly { readonly name: string; readonly description: string }[];
    readonly captureNameFormat: string;
  };
  readonly cosmos: { readonly database: string; readonly containers: readonly CosmosContainer[] };
  readonly jobs: readonly StreamJob[];
  readonly functions: readonly FunctionBinding[];
}

/** Hubs, partitions, consumer groups, containers, jobs and functions: what infra, functions and local all read. */
export const topology: Topology = document as Topology;

/** Returns the hub of that name. @throws RangeError when the topology has none. */
export function hubNamed(name: string): EventHub {
  const hub = topology.eventHubs.hubs.find((candidate) => candidate.name === name);
  if (hub === undefined) throw new RangeError(`hub "${name}" is not in contracts/topology.json`);
  return hub;
}

/** Returns the job of that name; the last listed version when none is given. @throws RangeError when there is none. */
export function jobNamed(name: string, version?: string): StreamJob {
  const job = topology.jobs.findLast(
    (candidate) => candidate.name === name && (version === undefined || candidate.version === version),
  );
  if (job === undefined)
    throw new RangeError(`job "${name}" ${version ?? ""} is not in contracts/topology.json`);
  return job;
}
