import { type FunctionBinding, topology } from "../../contracts";
import type { Construct } from "../bindings/cdktf";
import {
  type CosmosAccountReference,
  type CosmosRole,
  CosmosRoleEdge,
} from "../constructs/identity/cosmos-role-edge";
import type { Surroundings } from "../constructs/service";
import { CosmosAccount } from "../constructs/serving/cosmos-account";
import { SqlDatabase } from "../constructs/serving/sql-database";
import type { IdentityOutputs, WorkloadIdentity } from "./identity-stack";
import { PlatformStack, type PlatformStackProps } from "./platform-stack";

/** What other stacks take from serving. */
export interface ServingOutputs {
  readonly cosmos: CosmosAccountReference & { readonly databaseId: string; readonly endpoint: string };
  readonly cosmosContainerId: (name: string) => string;
  readonly sqlServerId: string;
  readonly sqlServerName: string;
  readonly sqlDatabaseId: string;
  readonly sqlDatabaseName: string;
}

export interface ServingStackProps extends PlatformStackProps, Surroundings {
  readonly identity: IdentityOutputs;
}

interface ContainerEdge {
  readonly who: WorkloadIdentity;
  readonly container: string;
  readonly writes: boolean;
}

const contributor: CosmosRole = "Cosmos DB Built-in Data Contributor";
const reader: CosmosRole = "Cosmos DB Built-in Data Reader";

/** Cosmos DB and Azure SQL: where views, alerts and facts are served from. */
export class ServingStack extends PlatformStack {
  readonly outputs: ServingOutputs;

  constructor(scope: Construct, props: ServingStackProps) {
    super(scope, "serving", props);
    const { identity } = props;
    const { encryption } = identity;
    const { flags } = this.stage;
    const cosmos = new CosmosAccount(this, "cosmos", {
      network: props.network,
      observability: props.observability,
      sizes: this.stage.cosmos,
      database: topology.cosmos.database,
      containers: topology.cosmos.containers,
      analyticalStore: flags.synapseLink,
      openToAzureServices: !flags.asaCluster,
      encryption,
    });
    const sql = new SqlDatabase(this, "sql", {
      network: props.network,
      observability: props.observability,
      sizes: this.stage.sql,
      encryption,
    });
    const account: CosmosAccountReference = {
      accountId: cosmos.account.id,
      accountName: cosmos.account.name,
      databaseName: cosmos.database.name,
    };
    let previous: CosmosRoleEdge | undefined;
    for (const { who, container, writes } of containerEdges()) {
      previous = new CosmosRoleEdge(this, `role-${who}-${container}`, {
        account: { ...account, databaseName: topology.cosmos.database },
        role: writes ? contributor : reader,
        principalId: identity.identity(who).principalId,
        principalName: who,
        container,
        edge: writes ? `${who} -> cosmos ${container}` : `cosmos ${container} -> ${who}`,
        after: [...(previous === undefined ? [] : [previous.assignment]), cosmos.containers.get(container)!],
      });
    }
    this.outputs = {
      cosmos: { ...account, databaseId: cosmos.database.id, endpoint: cosmos.account.endpoint },
      cosmosContainerId: (name) => {
        const found = cosmos.containers.get(name);
        if (found === undefined) throw new RangeError(`the topology has no container "${name}"`);
        return found.id;
      },
      sqlServerId: sql.server.id,
      sqlServerName: sql.server.name,
      sqlDatabaseId: sql.database.id,
      sqlDatabaseName: sql.database.name,
    };
  }
}

/** Which identity reads or writes which container: one edge each, writing before reading. */
export function containerEdges(): ContainerEdge[] {
  const edges = new Map<string, ContainerEdge>();
  const add = (who: WorkloadIdentity, container: string, writes: boolean) => {
    const key = `${who}/${container}`;
    if (writes || !edges.has(key)) edges.set(key, { who, container, writes });
  };
  for (const job of topology.jobs) {
    for (const { container } of job.outputs)
      if (container !== undefined) add("stream-analytics", container, true);
  }
  for (const { who, container, writes } of topology.functions.flatMap(functionEdges))
    add(who, container, writes);
  for (const container of ["batch-views", "view-pointers"]) add("databricks", container, true);
  return [...edges.values()].sort((a, b) =>
    `${a.who}/${a.container}`.localeCompare(`${b.who}/${b.container}`),
  );
}

function functionEdges(binding: FunctionBinding): ContainerEdge[] {
  const named = (list: readonly string[] | undefined, writes: boolean): ContainerEdge[] =>
    (list ?? [])
      .filter((entry) => entry.startsWith("cosmos:"))
      .map((entry) => ({ who: "functions", container: entry.slice("cosmos:".length), writes }));
  const trigger = [binding.container, binding.leases]
    .filter((container) => container !== undefined)
    .map((container) => ({ who: "functions" as const, container, writes: true }));
  return [...trigger, ...named(binding.reads, false), ...named(binding.writes, true)];
}
