import type { Deployment } from "../config/deployment";
import { nameMaker } from "../config/names";
import type { StageConfig } from "../config/stages";
import { workloadIdentities } from "../stacks/identity-stack";
import { type HttpDeps, ServiceClient } from "./service-client";
import type { SqlTarget } from "./sqlcmd";
import type { LinkSource } from "./steps/managed-links";

const management = "https://management.azure.com";

/** Where the services of a stage answer, by name where Azure fixes the address and by asking ARM where it does not. */
export interface Targets {
  /** Resource Manager, and the services of a private stage that reach others through endpoints of their own. */
  readonly arm: ServiceClient;
  readonly linkSources: readonly LinkSource[];
  readonly digitalTwins: () => Promise<ServiceClient>;
  readonly grafana: () => Promise<ServiceClient>;
  readonly dataExplorer: () => Promise<{ readonly uri: string; readonly database: string }>;
  readonly sql: () => Promise<SqlTarget>;
  readonly synapseServerless: () => Promise<SqlTarget>;
  readonly synapseDedicated: () => Promise<SqlTarget>;
  /** Values of the places in SQL scripts: names of identities and of the lake's account. */
  readonly places: Readonly<Record<string, string>>;
}

export interface TargetProps extends HttpDeps {
  readonly stage: StageConfig;
  readonly deployment: Deployment;
  /** Address of ARM. @default the public cloud's */
  readonly arm?: string;
  /** Makes the address of a data plane from the host that ARM gives. @default https */
  readonly addressOf?: (host: string) => string;
}

/** Targets of a stage. Nothing is asked before a target is used. */
export function targetsOf(props: TargetProps): Targets {
  const { stage, deployment } = props;
  const nameOf = nameMaker(deployment, stage.name);
  const arm = new ServiceClient(props.arm ?? management, `${management}/.default`, props);
  const addressOf = props.addressOf ?? ((host: string) => `https://${host}`);
  const group = `/subscriptions/${deployment.subscriptionId}/resourceGroups/${nameOf("resourceGroup")}`;
  const properties = async (
    type: string,
    name: string,
    version: string,
  ): Promise<Record<string, unknown>> => {
    const path = `${group}/providers/${type}/${name}?api-version=${version}`;
    return ((await arm.get(path)).body as { properties: Record<string, unknown> }).properties;
  };
  const synapse = nameOf("synapse");
  const identities = workloadIdentities.map((name) => [
    name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    nameOf("identity", name),
  ]);
  const provider = (type: string, name: string) => `${group}/providers/${type}/${name}`;
  const linkSources = [
    {
      name: "Data Factory",
      path: `${provider("Microsoft.DataFactory/factories", nameOf("dataFactory"))}/managedVirtualNetworks/default/managedPrivateEndpoints?api-version=2018-06-01`,
    },
    {
      name: "Grafana",
      path: `${provider("Microsoft.Dashboard/grafana", nameOf("grafana"))}/managedPrivateEndpoints?api-version=2023-09-01`,
    },
    ...(stage.flags.asaCluster
      ? [
          {
            name: "Stream Analytics",
            path: `${provider("Microsoft.StreamAnalytics/clusters", nameOf("streamAnalyticsCluster"))}/privateEndpoints?api-version=2020-03-01`,
          },
        ]
      : []),
  ];
  return {
    arm,
    linkSources: stage.flags.privateNetworking ? linkSources : [],
    digitalTwins: once(async () => {
      const type = "Microsoft.DigitalTwins/digitalTwinsInstances";
      const { hostName } = await properties(type, nameOf("digitalTwins"), "2023-01-31");
      return new ServiceClient(addressOf(String(hostName)), "https://digitaltwins.azure.net/.default", props);
    }),
    grafana: once(async () => {
      const { endpoint } = await properties("Microsoft.Dashboard/grafana", nameOf("grafana"), "2023-09-01");
      const host = new URL(String(endpoint)).host;
      return new ServiceClient(addressOf(host), "https://dashboard.azure.com/.default", props);
    }),
    dataExplorer: once(async () => {
      const { uri } = await properties("Microsoft.Kusto/clusters", nameOf("dataExplorer"), "2024-04-13");
      return { uri: String(uri), database: "telemetry" };
    }),
    sql: async () => ({
      server: `${nameOf("sqlServer")}.database.windows.net`,
      database: nameOf("sqlDatabase"),
    }),
    synapseServerless: async () => ({
      server: `${synapse}-ondemand.sql.azuresynapse.net`,
      database: "master",
    }),
    synapseDedicated: async () => ({
      server: `${synapse}.sql.azuresynapse.net`,
      database: nameOf("synapseSqlPool"),
    }),
    places: { ...Object.fromEntries(identities), lakeAccountName: nameOf("storage", "lake") },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
