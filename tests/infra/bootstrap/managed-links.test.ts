import { type BootstrapError, managedLinks, runSteps, ServiceClient } from "../../../infra/bootstrap";
import { type LocalService, type Received, type Reply, startService } from "./services";

const group = "/subscriptions/s/resourceGroups/g/providers";
const cluster = `${group}/Microsoft.Kusto/clusters/dec`;
const cosmos = `${group}/Microsoft.DocumentDB/databaseAccounts/cosno`;
const factory = `${group}/Microsoft.DataFactory/factories/adf/managedVirtualNetworks/default/managedPrivateEndpoints`;
const asa = `${group}/Microsoft.StreamAnalytics/clusters/asa/privateEndpoints`;

interface Wanted {
  readonly source: string;
  readonly name: string;
  readonly target: string;
}

/** Resource Manager with two services that ask, and the connections that their targets hold. */
class Links {
  readonly connections = new Map<string, { target: string; status: string; asks: Wanted | null }>();

  ask(source: string, name: string, target: string): void {
    const id = `${target}/privateEndpointConnections/${name}-${this.connections.size}`;
    this.connections.set(id, { target, status: "Pending", asks: { source, name, target } });
  }
  stranger(target: string): void {
    const id = `${target}/privateEndpointConnections/stranger-${this.connections.size}`;
    this.connections.set(id, { target, status: "Pending", asks: null });
  }

  readonly answer = ({ method, path, query, body }: Received): Reply => {
    if (!query.includes("api-version=")) return { status: 400, body: { error: { message: "no version" } } };
    if (path === factory || path === asa) return { status: 200, body: this.#listed(path, query) };
    const target = /^(.*)\/privateEndpointConnections$/.exec(path)?.[1];
    if (target !== undefined) {
      const value = [...this.connections]
        .filter(([, connection]) => connection.target === target)
        .map(([id, { status }]) => ({
          id,
          properties: {
            privateEndpoint: { id: `of ${id}` },
            privateLinkServiceConnectionState: { status, actionsRequired: "None" },
          },
        }));
      return { status: 200, body: { value } };
    }
    const connection = this.connections.get(path);
    if (method !== "PUT" || connection === undefined) return { status: 404 };
    const { properties } = body as {
      properties: { privateEndpoint: object; privateLinkServiceConnectionState: { status: string } };
    };
    connection.status = properties.privateLinkServiceConnectionState.status;
    return { status: 200, body };
  };

  /** A page holds one endpoint; each service has its own way to write state and target. */
  #listed(path: string, query: string): object {
    const all = [...this.connections.values()].filter(({ asks }) => asks?.source === path);
    const from = Number(new URLSearchParams(query).get("from") ?? 0);
    const value = all.slice(from, from + 1).map(({ status, asks }) => ({
      name: asks?.name,
      properties:
        path === factory
          ? { privateLinkResourceId: asks?.target, connectionState: { status } }
          : {
              manualPrivateLinkServiceConnections: [
                {
                  properties: {
                    privateLinkServiceId: asks?.target,
                    privateLinkServiceConnectionState: { status },
                  },
                },
              ],
            },
    }));
    const next = `${path}?from=${from + 1}&api-version=1`;
    return { value, ...(from + 1 < all.length && { nextLink: `https://management.azure.com${next}` }) };
  }
}

let links: Links;
let service: LocalService;
beforeEach(async () => {
  links = new Links();
  service = await startService(links.answer);
});
afterEach(() => service.close());

const run = () => {
  const arm = new ServiceClient(service.address, "scope", { tokens: async () => "token" });
  const sources = [
    { name: "Data Factory", path: `${factory}?api-version=2018-06-01` },
    { name: "Stream Analytics", path: `${asa}?api-version=2020-03-01` },
  ];
  return runSteps([managedLinks(arm, sources)], { only: [], dryRun: false, print: () => {} });
};
const states = () => [...links.connections.values()].map(({ status }) => status);

test("approves what the stage's services ask for, whatever page it is on, and nothing twice", async () => {
  links.ask(factory, "data-explorer", cluster);
  links.ask(factory, "cosmos", cosmos);
  links.ask(asa, "data-explorer", cluster);
  await run();
  expect(states()).toEqual(["Approved", "Approved", "Approved"]);
  expect(service.writes()).toHaveLength(3);
  expect(service.writes()[0]?.body).toMatchObject({
    properties: {
      privateEndpoint: expect.anything(),
      privateLinkServiceConnectionState: {
        status: "Approved",
        description: expect.stringContaining("Data Factory data-explorer"),
      },
    },
  });
  await run();
  expect(service.writes()).toHaveLength(3);
});

test("approves none on a target where somebody else waits too", async () => {
  links.ask(factory, "data-explorer", cluster);
  links.stranger(cluster);
  const failure = (await run().catch((error: unknown) => error)) as BootstrapError;
  expect(failure.code).toBe("BOOTSTRAP_LINK_UNKNOWN");
  expect(failure.message).toContain("2 connections that wait for approval, and this stage asks for 1");
  expect(states()).toEqual(["Pending", "Pending"]);
});

test("leaves a stranger alone who waits where the stage asks for nothing", async () => {
  links.ask(factory, "data-explorer", cluster);
  links.stranger(cosmos);
  await run();
  expect(states()).toEqual(["Approved", "Pending"]);
});

test("says which service it does not know", async () => {
  links.ask(factory, "search", `${group}/Microsoft.Search/searchServices/x`);
  await expect(run()).rejects.toThrow('"microsoft.search/searchservices" are not known');
});

test("has nothing to do where nobody asks", async () => {
  await run();
  expect(service.writes()).toEqual([]);
});
