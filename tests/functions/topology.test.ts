import type { FunctionBinding } from "../../contracts";
import { topology } from "../../contracts";
import { FunctionsCore } from "../../local/functions-host";
import type { FunctionMetadata } from "../../local/functions-host/rpc";

/** What a stage has beyond the settings of one machine. */
const stageSettings = {
  DigitalTwins__serviceUrl: "https://dt-lambda-test.api.weu.digitaltwins.azure.net",
  DataExplorer__clusterUri: "https://declambda.westeurope.kusto.windows.net",
  Notifications__workflowId: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/w",
};

/** What the app registers when its entry module is loaded, through the library itself. */
function registeredByTheApp(settings: Readonly<Record<string, string>>): FunctionMetadata[] {
  const core = new FunctionsCore(() => {});
  jest.resetModules();
  jest.doMock("@azure/functions-core", () => core.api(), { virtual: true });
  const before = { ...process.env };
  Object.assign(process.env, settings);
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
    case "timerTrigger":
      return { name, trigger: "timer", schedule: text("schedule") };
    default:
      throw new Error(`${name} has a trigger of type ${trigger?.type}`);
  }
}

describe("the app's registrations", () => {
  const registered = registeredByTheApp(stageSettings);
  const named = (name: string) => registered.find((metadata) => metadata.name === name) as FunctionMetadata;
  const triggerOf = (name: string) =>
    Object.values(named(name).bindings).find(({ type }) => type.endsWith("Trigger"));

  it("are those of the topology, no more and no fewer", () => {
    const expected = topology.functions.map(({ reads: _, writes: __, requires: ___, ...entry }) => entry);
    const byName = (a: { name?: string }, b: { name?: string }) => (a.name ?? "").localeCompare(b.name ?? "");
    expect(registered.map(bindingOf).toSorted(byName)).toEqual(expected.toSorted(byName));
  });

  it("leave out what needs a service that one machine does not have", () => {
    const names = registeredByTheApp({}).map(({ name }) => name);
    const expected = topology.functions.filter(({ requires }) => requires === undefined);
    expect(names.toSorted()).toEqual(expected.map(({ name }) => name).toSorted());
    expect(expected.length).toBeLessThan(topology.functions.length);
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

  it.each(["fanOutViewChanges", "syncDeviceTwins", "syncLineTwins"])(
    "follow the change feed from its beginning, with leases of their own: %s",
    (name) => {
      expect(triggerOf(name)).toMatchObject({
        databaseName: topology.cosmos.database,
        connection: "Cosmos",
        startFromBeginning: true,
        leaseContainerPrefix: `${name}-`,
      });
      const entry = topology.functions.find((candidate) => candidate.name === name);
      const container = topology.cosmos.containers.find((candidate) => candidate.name === entry?.container);
      expect(container?.changeFeed).toContain(name);
    },
  );

  it.each([
    ["getViews", ["GET"], "function"],
    ["getQuarantine", ["GET"], "function"],
    ["replayQuarantine", ["POST"], "function"],
    ["getHealth", ["GET"], "anonymous"],
  ])("answer %s to %p at level %s", (name, methods, authLevel) => {
    expect(triggerOf(name)).toMatchObject({ methods, authLevel });
  });
});
