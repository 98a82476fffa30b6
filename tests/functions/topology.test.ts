import type { FunctionBinding } from "../../contracts";
import { topology } from "../../contracts";
import { FunctionsCore } from "../../local/functions-host";
import type { FunctionMetadata } from "../../local/functions-host/rpc";

/** What the app registers when its entry module is loaded, through the library itself. */
function registeredByTheApp(): FunctionMetadata[] {
  const core = new FunctionsCore(() => {});
  jest.doMock("@azure/functions-core", () => core.api(), { virtual: true });
  const before = { ...process.env };
  process.env["EventHubs"] =
    "Endpoint=sb://localhost;SharedAccessKeyName=k;SharedAccessKey=s;UseDevelopmentEmulator=true;";
  process.env["Cosmos"] = "AccountEndpoint=http://127.0.0.1:9/;AccountKey=a2V5;";
  try {
    require("../../functions/src/main");
  } finally {
    process.env = before;
  }
  return [...core.functions.values()].map(({ metadata }) => metadata);
}

/** A registration in the words of the topology. */
function bindingOf({ name, bindings }: FunctionMetadata): Partial<FunctionBinding> {
  const trigger = Object.values(bindings).find(({ type }) => type.endsWith("Trigger"));
  const text = (property: string) => String(trigger?.[property]);
  switch (trigger?.type) {
    case "eventHubTrigger":
      return { name, trigger: "eventHub", hub: text("eventHubName"), consumerGroup: text("consumerGroup") };
    case "cosmosDBTrigger":
      return {
        name,
        trigger: "cosmosDB",
        container: text("containerName"),
        leases: text("leaseContainerName"),
      };
    case "httpTrigger":
      return { name, trigger: "http", route: text("route") };
    default:
      throw new Error(`${name} has a trigger of type ${trigger?.type}`);
  }
}

describe("the app's registrations", () => {
  const registered = registeredByTheApp();
  const named = (name: string) => registered.find((metadata) => metadata.name === name) as FunctionMetadata;
  const triggerOf = (name: string) =>
    Object.values(named(name).bindings).find(({ type }) => type.endsWith("Trigger"));

  it("are those of the topology, no more and no fewer", () => {
    const expected = topology.functions.map(({ reads: _, writes: __, ...entry }) => entry);
    const byName = (a: { name?: string }, b: { name?: string }) => (a.name ?? "").localeCompare(b.name ?? "");
    expect(registered.map(bindingOf).toSorted(byName)).toEqual(expected.toSorted(byName));
  });

  it("read a consumer group that the topology gives to the function", () => {
    for (const entry of topology.functions.filter(({ trigger }) => trigger === "eventHub")) {
      const hub = topology.eventHubs.hubs.find(({ name }) => name === entry.hub);
      const group = hub?.consumerGroups.find(({ name }) => name === entry.consumerGroup);
      expect(group?.reader).toBe(`function:${entry.name}`);
    }
  });

  it.each(["quarantineTelemetry", "updateDeviceState", "routeAlerts"])(
    "take batches of bytes and repeat them until they succeed: %s",
    (name) => {
      expect(triggerOf(name)).toMatchObject({
        cardinality: "many",
        dataType: "binary",
        connection: "EventHubs",
      });
      expect(named(name).retryOptions).toMatchObject({
        retryStrategy: "exponentialBackoff",
        maxRetryCount: -1,
        minimumInterval: { seconds: 1 },
        maximumInterval: { seconds: 15 },
      });
    },
  );

  it("follow the change feed from its beginning in the platform's database", () => {
    expect(triggerOf("fanOutViewChanges")).toMatchObject({
      databaseName: topology.cosmos.database,
      connection: "Cosmos",
      startFromBeginning: true,
    });
  });

  it.each([
    ["getViews", ["GET"], "function"],
    ["getQuarantine", ["GET"], "function"],
    ["replayQuarantine", ["POST"], "function"],
    ["getHealth", ["GET"], "anonymous"],
  ])("answer %s to %p at level %s", (name, methods, authLevel) => {
    expect(triggerOf(name)).toMatchObject({ methods, authLevel });
  });
});
