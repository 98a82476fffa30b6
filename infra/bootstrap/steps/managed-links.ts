import { BootstrapError } from "../errors";
import type { ServiceClient } from "../service-client";
import type { Step } from "../step";

/** A service that reaches others through private endpoints of its own network, which their owner has to approve. */
export interface LinkSource {
  /** Word for people. */
  readonly name: string;
  /** Path below Resource Manager that lists its managed private endpoints. */
  readonly path: string;
}

/** One managed private endpoint, wherever its service writes what. */
interface ManagedLink {
  readonly source: string;
  readonly name: string;
  readonly targetId: string;
  readonly approved: boolean;
}

interface ConnectionState {
  readonly status?: string;
}

interface ListedLink {
  readonly name: string;
  readonly properties: {
    readonly privateLinkResourceId?: string;
    readonly connectionState?: ConnectionState;
    readonly manualPrivateLinkServiceConnections?: readonly {
      readonly properties: {
        readonly privateLinkServiceId: string;
        readonly privateLinkServiceConnectionState?: ConnectionState;
      };
    }[];
  };
}

interface Connection {
  readonly id: string;
  readonly properties: {
    readonly privateLinkServiceConnectionState: ConnectionState & { readonly description?: string };
  };
}

/** Versions of Resource Manager's API that know the connections of a service. */
const connectionVersions: Readonly<Record<string, string>> = {
  "microsoft.eventhub/namespaces": "2024-01-01",
  "microsoft.documentdb/databaseaccounts": "2024-11-15",
  "microsoft.kusto/clusters": "2024-04-13",
  "microsoft.storage/storageaccounts": "2024-01-01",
  "microsoft.sql/servers": "2023-08-01",
  "microsoft.databricks/workspaces": "2024-05-01",
};

/**
 * Approves the private endpoints that the stage's own services ask for. A target may have no more waiting connections than
 * this stage asks for: whose the others are, a program cannot tell, so it approves none of them.
 */
export function managedLinks(arm: ServiceClient, sources: readonly LinkSource[]): Step {
  const waiting = async () => {
    const links = (await Promise.all(sources.map((source) => linksOf(arm, source)))).flat();
    return links.filter(({ approved }) => !approved);
  };
  return {
    name: "private-links",
    plan: () => sources.map(({ name }) => `approve the private endpoints that ${name} asks for`),
    isDone: async () => (await waiting()).length === 0,
    apply: async () => {
      const byTarget = new Map<string, ManagedLink[]>();
      for (const link of await waiting())
        byTarget.set(link.targetId, [...(byTarget.get(link.targetId) ?? []), link]);
      for (const [targetId, links] of byTarget) await approve(arm, targetId, links);
    },
  };
}

async function linksOf(arm: ServiceClient, { name: source, path }: LinkSource): Promise<ManagedLink[]> {
  const listed = await listAll<ListedLink>(arm, path);
  return listed.flatMap(({ name, properties }) => {
    const targets = [
      { targetId: properties.privateLinkResourceId, state: properties.connectionState },
      ...(properties.manualPrivateLinkServiceConnections ?? []).map((connection) => ({
        targetId: connection.properties.privateLinkServiceId,
        state: connection.properties.privateLinkServiceConnectionState,
      })),
    ];
    return targets.flatMap(({ targetId, state }) =>
      targetId === undefined ? [] : [{ source, name, targetId, approved: state?.status === "Approved" }],
    );
  });
}

async function approve(arm: ServiceClient, targetId: string, links: readonly ManagedLink[]): Promise<void> {
  const version = versionOf(targetId);
  const connections = await listAll<Connection>(
    arm,
    `${targetId}/privateEndpointConnections?api-version=${version}`,
  );
  const pending = connections.filter(
    ({ properties }) => properties.privateLinkServiceConnectionState.status === "Pending",
  );
  if (pending.length > links.length) {
    throw new BootstrapError(
      "BOOTSTRAP_LINK_UNKNOWN",
      `${targetId} has ${pending.length} connections that wait for approval, and this stage asks for ${links.length}`,
      "look at them in the portal, and approve or reject by hand those that are not this stage's",
    );
  }
  const description = `approved for ${links.map(({ source, name }) => `${source} ${name}`).join(", ")}`;
  for (const { id, properties } of pending) {
    const state = { ...properties.privateLinkServiceConnectionState, status: "Approved", description };
    await arm.send(
      "PUT",
      `${id}?api-version=${version}`,
      { properties: { ...properties, privateLinkServiceConnectionState: state } },
      [200, 201, 202],
    );
  }
}

function versionOf(targetId: string): string {
  const type = /\/providers\/([^/]+\/[^/]+)\//i.exec(targetId)?.[1]?.toLowerCase() ?? "";
  const version = connectionVersions[type];
  if (version === undefined) {
    throw new BootstrapError(
      "BOOTSTRAP_LINK_UNKNOWN",
      `connections of "${type}" are not known: ${targetId}`,
      "approve it by hand, and add the type to infra/bootstrap/steps/managed-links.ts",
    );
  }
  return version;
}

async function listAll<T>(arm: ServiceClient, path: string): Promise<T[]> {
  const found: T[] = [];
  let next: string | null = path;
  while (next !== null) {
    const page = (await arm.find(next)) as { value?: readonly T[]; nextLink?: string | null } | null;
    found.push(...(page?.value ?? []));
    next = page?.nextLink ? pathOf(page.nextLink) : null;
  }
  return found;
}

function pathOf(address: string): string {
  const { pathname, search } = new URL(address, "https://management.invalid");
  return `${pathname}${search}`;
}
