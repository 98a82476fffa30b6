import { topology } from "../../../contracts";
import { deployedJobs } from "../../../infra/config/stream-jobs";
import { checkPowerBiStreaming } from "../../../infra/constructs/speed/power-bi-streaming";
import { checkedQuery } from "../../../infra/constructs/speed/query-text";
import { StreamJob, type StreamJobOutput } from "../../../infra/constructs/speed/stream-job";
import { checkStreamingUnits, clusterUnits } from "../../../infra/constructs/speed/streaming-units";
import { KeylessStorageAccount } from "../../../infra/constructs/storage/keyless-storage-account";
import { identity, only, resources, stackOf, surroundings } from "./support";

const query = "SELECT deviceId\nINTO sink\nFROM telemetry TIMESTAMP BY eventTime\n";
const cosmos: StreamJobOutput = {
  kind: "cosmos",
  alias: "sink",
  databaseId: "database-id",
  container: "alerts",
  documentId: "id",
  partitionKey: "deviceId",
};

function jobIn(
  output: StreamJobOutput = cosmos,
  change: { query?: string; units?: number; own?: boolean } = {},
) {
  const stack = stackOf();
  const storage = new KeylessStorageAccount(stack, "storage", {
    ...surroundings,
    what: "asa",
    replication: "ZRS",
    containers: [],
    endpoints: [],
    encryption: null,
  });
  new StreamJob(stack, "job", {
    ...surroundings,
    job: "test",
    version: "v1",
    file: "test.asaql",
    query: change.query ?? query,
    inputs: [
      { alias: "telemetry", namespaceName: "ns", hubName: "telemetry", consumerGroupName: "analytics" },
    ],
    outputs: [output],
    streamingUnits: change.units ?? 10,
    lateToleranceSeconds: 10,
    outOfOrderToleranceSeconds: 11,
    start: "LastOutputEventTime",
    identity: change.own ? null : identity,
    storage,
    clusterId: "cluster-id",
  });
  return stack;
}

describe("StreamJob", () => {
  it("runs the checked text with the tolerances of the topology and no key", () => {
    expect(only(jobIn(), "azurerm_stream_analytics_job")).toMatchObject({
      sku_name: "StandardV2",
      streaming_units: 10,
      compatibility_level: "1.2",
      events_late_arrival_max_delay_in_seconds: 10,
      events_out_of_order_max_delay_in_seconds: 11,
      events_out_of_order_policy: "Drop",
      output_error_policy: "Stop",
      content_storage_policy: "JobStorageAccount",
      job_storage_account: { authentication_mode: "Msi" },
      identity: { type: "UserAssigned", identity_ids: ["identity-id"] },
      transformation_query: query,
      stream_analytics_cluster_id: "cluster-id",
    });
    expect(only(jobIn(), "azurerm_stream_analytics_stream_input_eventhub_v2")).toMatchObject({
      authentication_mode: "Msi",
      eventhub_consumer_group_name: "analytics",
    });
  });

  it("writes to Cosmos DB by identity, with the placeholder that the provider insists on", () => {
    expect(only(jobIn(), "azurerm_stream_analytics_output_cosmosdb")).toMatchObject({
      authentication_mode: "Msi",
      cosmosdb_account_key: "unused-msi",
      document_id: "id",
      partition_key: "deviceId",
    });
  });

  it("writes to Data Explorer by identity", () => {
    const stack = jobIn({
      kind: "dataExplorer",
      alias: "sink",
      clusterUri: "https://c",
      database: "d",
      table: "t",
    });
    expect(only(stack, "azapi_resource")["body"]).toEqual({
      properties: {
        datasource: {
          type: "Microsoft.Kusto/clusters/databases",
          properties: { cluster: "https://c", database: "d", table: "t", authenticationMode: "Msi" },
        },
      },
    });
  });

  it("writes to Power BI with the system's own identity", () => {
    const stack = jobIn(
      { kind: "powerBi", alias: "sink", workspaceId: "w", workspaceName: "n", dataset: "d", table: "t" },
      { own: true },
    );
    expect(only(stack, "azurerm_stream_analytics_job")["identity"]).toEqual({ type: "SystemAssigned" });
    expect(only(stack, "azurerm_stream_analytics_output_powerbi")).toMatchObject({
      dataset: "d",
      table: "t",
    });
  });

  it("writes to a hub by identity", () => {
    const stack = jobIn({
      kind: "hub",
      alias: "sink",
      namespaceName: "ns",
      hubName: "alerts",
      partitionKey: "deviceId",
    });
    expect(only(stack, "azurerm_stream_analytics_output_eventhub")).toMatchObject({
      authentication_mode: "Msi",
      partition_key: "deviceId",
    });
  });

  it("stops before any part changes and starts after", () => {
    const stack = jobIn();
    const schedule = only(stack, "azurerm_stream_analytics_job_schedule");
    const triggers = (schedule["lifecycle"] as { replace_triggered_by: string[] }).replace_triggered_by;
    expect(schedule["start_mode"]).toBe("LastOutputEventTime");
    expect(triggers.filter((trigger) => trigger.endsWith(".transformation_query"))).toHaveLength(1);
    for (const type of ["stream_input_eventhub_v2", "output_cosmosdb"]) {
      expect(
        triggers.filter((trigger) => trigger.startsWith(`azurerm_stream_analytics_${type}.`)),
      ).toHaveLength(1);
    }
    expect(triggers.join()).not.toContain("${");
    expect(schedule["depends_on"]).toHaveLength(3);
  });

  it("has its own diagnostics", () => {
    const targets = resources(jobIn(), "azurerm_monitor_diagnostic_setting").map(
      ({ target_resource_id: id }) => id,
    );
    expect(targets.filter((id) => String(id).includes("azurerm_stream_analytics_job"))).toHaveLength(1);
  });

  it("fails synth when the check rejects the query", () => {
    expect(() => jobIn(cosmos, { query: "SELECT deviceId INTO sink FROM telemetry WHERE\n" })).toThrow(
      "INFRA_JOB_QUERY",
    );
  });

  it("fails synth for a size that StandardV2 does not have", () => {
    expect(() => jobIn(cosmos, { units: 6 })).toThrow("INFRA_STREAMING_UNITS");
  });
});

describe("checkedQuery", () => {
  const aliases = { inputs: ["telemetry"], outputs: ["sink"] };

  it("gives the text back when it is right", () => expect(checkedQuery("f", query, aliases)).toBe(query));
  it("refuses an input that does not exist", () =>
    expect(() => checkedQuery("f", query, { ...aliases, inputs: ["other"] })).toThrow(
      /INFRA_JOB_QUERY: f:3:\d+ ASA_/,
    ));
  it("refuses an output that does not exist", () =>
    expect(() => checkedQuery("f", query, { ...aliases, outputs: ["other"] })).toThrow("INFRA_JOB_QUERY"));
  it("refuses an output that no query writes", () =>
    expect(() => checkedQuery("f", query, { ...aliases, outputs: ["sink", "idle"] })).toThrow(
      'output "idle" is written by no query',
    ));
});

describe("checkStreamingUnits", () => {
  it.each([3, 7, 10, 20, 60, 120])("takes %d", (units) => expect(checkStreamingUnits(units)).toBe(units));
  it.each([0, 1, 2, 4, 6, 8, 12, 15, 10.5, -10, Number.NaN, 670])("refuses %d", (units) =>
    expect(() => checkStreamingUnits(units)).toThrow("INFRA_STREAMING_UNITS"),
  );
});

describe("clusterUnits", () => {
  it.each([
    [[], 36],
    [[60], 36],
    [[60, 3], 72],
    [[60, 60, 10, 10, 10, 10], 108],
  ])("jobs of %j need %d", (jobs, units) => expect(clusterUnits(jobs)).toBe(units));
});

describe("checkPowerBiStreaming", () => {
  it("passes until the last day", () =>
    expect(() => checkPowerBiStreaming(new Date("2027-10-31T23:59:59Z"))).not.toThrow());
  it("fails after it", () =>
    expect(() => checkPowerBiStreaming(new Date("2027-11-01T00:00:00Z"))).toThrow(
      "INFRA_POWER_BI_STREAMING",
    ));
});

describe("deployedJobs", () => {
  const v1 = topology.jobs.find(({ name, version }) => name === "factory-aggregates" && version === "v1")!;
  const v2 = { ...v1, version: "v2", inputs: [{ ...v1.inputs[0]!, consumerGroup: "analytics-v2" }] };

  it("runs every version of the topology side by side", () => {
    expect(deployedJobs("prod").map(({ job }) => job)).toEqual([...topology.jobs]);
  });

  it("serves from the last version that the topology lists", () => {
    expect(deployedJobs("dev", [v1, v2], []).map(({ serves }) => serves)).toEqual([false, true]);
    expect(deployedJobs("dev", [v2, v1], []).map(({ serves }) => serves)).toEqual([false, true]);
  });

  it("leaves a retired version out", () => {
    expect(deployedJobs("dev", [v1, v2], ["factory-aggregates/v1"]).map(({ job }) => job.version)).toEqual([
      "v2",
    ]);
  });

  it("refuses to retire the version that serves", () => {
    expect(() => deployedJobs("dev", [v1, v2], ["factory-aggregates/v2"])).toThrow("serves answers");
  });

  it("refuses to retire what is not there", () => {
    expect(() => deployedJobs("dev", [v1], ["factory-aggregates/v9"])).toThrow("does not know it");
  });

  it("refuses two versions on one consumer group", () => {
    expect(() => deployedJobs("dev", [v1, { ...v1, version: "v2" }], [])).toThrow('through "analytics"');
  });

  it("starts a version that never ran at its start", () => {
    expect(
      deployedJobs("test").find(({ job }) => job.name === "factory-aggregates" && job.version === "v2")
        ?.firstStart,
    ).toBe(true);
    expect(
      deployedJobs("test").find(({ job }) => job.name === "factory-aggregates" && job.version === "v1")
        ?.firstStart,
    ).toBe(false);
  });
});
