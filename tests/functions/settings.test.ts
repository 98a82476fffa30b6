import { readSettings, SettingsError } from "../../functions/src/adapters/config/settings";

const local = {
  EventHubs:
    "Endpoint=sb://localhost:5672;SharedAccessKeyName=k;SharedAccessKey=s;UseDevelopmentEmulator=true;",
  Cosmos: "AccountEndpoint=http://localhost:8081/;AccountKey=a2V5;",
};
const cloud = {
  EventHubs__fullyQualifiedNamespace: "evhns-x.servicebus.windows.net",
  Cosmos__accountEndpoint: "https://cosmos-x.documents.azure.com:443/",
};

const mistakesOf = (environment: Record<string, string>) => {
  try {
    readSettings(environment);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes;
    throw error;
  }
};

describe("readSettings", () => {
  it("takes connection strings on one machine", () => {
    expect(readSettings(local)).toEqual({
      eventHubs: { kind: "connectionString", connectionString: local.EventHubs },
      cosmos: { kind: "connectionString", connectionString: local.Cosmos },
      digitalTwins: null,
      dataExplorer: null,
      notifications: null,
      insights: null,
    });
  });

  it("takes addresses and identities in the cloud", () => {
    expect(
      readSettings({
        ...cloud,
        WEBSITE_INSTANCE_ID: "1",
        Cosmos__credential: "managedidentity",
        Cosmos__clientId: "c-1",
      }),
    ).toMatchObject({
      eventHubs: { kind: "identity", address: cloud.EventHubs__fullyQualifiedNamespace, clientId: undefined },
      cosmos: { kind: "identity", address: cloud.Cosmos__accountEndpoint, clientId: "c-1" },
    });
  });

  it("takes the services that a stage has, each with the identity that reaches it", () => {
    const workflow = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/logic-x";
    const settings = readSettings({
      ...cloud,
      DigitalTwins__serviceUrl: "https://dt-x.api.weu.digitaltwins.azure.net",
      DigitalTwins__credential: "managedidentity",
      DigitalTwins__clientId: "c-1",
      DataExplorer__clusterUri: "https://dec.westeurope.kusto.windows.net",
      DataExplorer__database: "telemetry",
      Notifications__workflowId: workflow,
      APPLICATIONINSIGHTS_CONNECTION_STRING:
        "InstrumentationKey=k-1;IngestionEndpoint=https://weu.in.applicationinsights.azure.com/;LiveEndpoint=x",
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: "Authorization=AAD;ClientId=c-2",
    });
    expect(settings).toMatchObject({
      digitalTwins: { address: "https://dt-x.api.weu.digitaltwins.azure.net", clientId: "c-1" },
      dataExplorer: { address: "https://dec.westeurope.kusto.windows.net", database: "telemetry" },
      notifications: { address: workflow },
      insights: {
        address: "https://weu.in.applicationinsights.azure.com",
        instrumentationKey: "k-1",
        clientId: "c-2",
      },
    });
  });

  it.each([
    ["DigitalTwins__serviceUrl", "http://dt"],
    ["DataExplorer__clusterUri", "dec.kusto.windows.net"],
    ["Notifications__workflowId", "logic-x"],
    ["APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=k"],
  ])("refuses %s = %s", (name, value) => {
    expect(mistakesOf({ ...cloud, [name]: value })).toEqual([
      expect.stringContaining(`${name} does not look like`),
    ]);
  });

  it("names every mistake at once, with what to set", () => {
    const mistakes = mistakesOf({});
    expect(mistakes).toHaveLength(2);
    expect(mistakes[0]).toContain("EventHubs__fullyQualifiedNamespace");
    expect(mistakes[1]).toContain("Cosmos__accountEndpoint");
  });

  it.each<[string, Record<string, string>, string]>([
    ["a connection string in the cloud", { ...local, WEBSITE_INSTANCE_ID: "1" }, "use the app's identity"],
    ["both kinds at once", { ...local, ...cloud }, "keep one"],
    ["a text that is no connection string", { ...local, Cosmos: "hello" }, "Cosmos does not look like"],
    [
      "an address with a scheme",
      { ...cloud, EventHubs__fullyQualifiedNamespace: "sb://x" },
      "does not look like",
    ],
    ["another credential", { ...cloud, Cosmos__credential: "secret" }, "the only value is managedidentity"],
    ["a client id alone", { ...cloud, Cosmos__clientId: "c" }, "needs Cosmos__credential"],
    ["an empty setting", { ...local, EventHubs: " " }, "neither EventHubs__fullyQualifiedNamespace"],
  ])("refuses %s", (_, environment, text) => {
    expect(mistakesOf(environment).join("\n")).toContain(text);
  });

  it("does not repeat a secret in its message", () => {
    expect(mistakesOf({ ...local, Cosmos: "AccountKey=secret-key" }).join()).not.toContain("secret-key");
  });
});
