// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are Terraform expressions
import type { SynthesisedStack } from "../../../infra/checks";
import { readStack, stageOf } from "../../../infra/checks";
import { checkConsumerGroups } from "../../../infra/checks/consumer-groups";
import { checkOrder, checkReferences, findCycle } from "../../../infra/checks/graph-checks";
import { checkNames, checkTags } from "../../../infra/checks/names";
import { expressionsIn, ReferenceResolver, referencesIn } from "../../../infra/checks/references";
import { checkSecrets } from "../../../infra/checks/secrets";
import { checkServiceRules } from "../../../infra/checks/service-rules";
import { stageWith } from "../support/stages";

const stack = (name: string, json: object): SynthesisedStack => readStack(name, json as never, ["prod"]);
const upstream = (value: string) =>
  stack("prod-network", {
    resource: { azurerm_subnet: { s: { name: "s" } } },
    output: { subnet: { value } },
  });
const reads = (output: string) =>
  stack("prod-lake", {
    data: { terraform_remote_state: { "cross-stack-reference-input-prod-network": {} } },
    resource: {
      azurerm_private_endpoint: {
        e: {
          subnet_id: `\${data.terraform_remote_state.cross-stack-reference-input-prod-network.outputs.${output}}`,
        },
      },
    },
  });

describe("referencesIn", () => {
  it.each([
    ["${azurerm_subnet.s.id}", [["resource", "azurerm_subnet.s", "id"]]],
    [
      "/a/${azurerm_x.y.name}/b/${azurerm_x.z.id}",
      [
        ["resource", "azurerm_x.y", "name"],
        ["resource", "azurerm_x.z", "id"],
      ],
    ],
    ["${azurerm_x.y.identity[0].principal_id}", [["resource", "azurerm_x.y", "identity[0].principal_id"]]],
    ['${join(",", [azurerm_x.y.id])}', [["resource", "azurerm_x.y", "id"]]],
    ["${data.azurerm_client_config.c.tenant_id}", [["data", "azurerm_client_config.c", "tenant_id"]]],
    ["azurerm_x.y.id", []],
    ["$${azurerm_x.y.id}", []],
  ])("of %s", (text, expected) => {
    expect(referencesIn(text).map(({ kind, target, attribute }) => [kind, target, attribute])).toEqual(
      expected,
    );
  });

  it("matches braces inside an expression", () => {
    expect(expressionsIn('${jsonencode({"a" = {}})} ${b}')).toEqual(['jsonencode({"a" = {}})', "b"]);
  });
});

describe("checkReferences", () => {
  it("follows a reference over stacks", () => {
    const stage = stageOf("prod", [upstream("${azurerm_subnet.s.id}"), reads("subnet")]);
    expect(checkReferences(stage)).toEqual([]);
    const target = new ReferenceResolver(stage).target("prod-lake", stage.resources[1]!.args["subnet_id"]);
    expect(target?.resource.key).toBe("prod-network:azurerm_subnet.s");
  });

  it("finds an output that is not there, and one that leads nowhere", () => {
    const missing = stageOf("prod", [upstream("${azurerm_subnet.s.id}"), reads("other")]);
    expect(checkReferences(missing).map(({ check }) => check)).toEqual(["graph.reference"]);
    const dangling = stageOf("prod", [upstream("${azurerm_subnet.gone.id}"), reads("subnet")]);
    expect(checkReferences(dangling).map(({ stack: name }) => name)).toEqual(["prod-network"]);
  });

  it("finds a depends_on that leads nowhere", () => {
    const stage = stageWith([{ dependsOn: ["azurerm_x.gone"] }]);
    expect(checkReferences(stage)).toHaveLength(1);
  });
});

describe("checkOrder", () => {
  it("finds a stack that reads one above it", () => {
    const upwards = stack("prod-network", {
      data: { terraform_remote_state: { "cross-stack-reference-input-prod-lake": {} } },
    });
    const found = checkOrder(stageOf("prod", [upwards, stack("prod-lake", {})]));
    expect(found.map(({ check, stack: name }) => `${check} ${name}`)).toEqual([
      "graph.downward prod-network",
    ]);
  });

  it("finds a cycle of resources", () => {
    const stage = stageWith([
      { type: "azurerm_a", name: "x", args: { of: "${azurerm_b.y.id}" } },
      { type: "azurerm_b", name: "y", args: { of: "${azurerm_a.x.id}" } },
    ]);
    expect(checkOrder(stage).map(({ check }) => check)).toEqual(["graph.cycle"]);
  });
});

describe("findCycle", () => {
  it.each<[Record<string, string[]>, string[] | undefined]>([
    [{ a: ["b"], b: ["c"], c: [] }, undefined],
    [{ a: ["a"] }, ["a", "a"]],
    [{ a: ["b"], b: ["c"], c: ["b"] }, ["b", "c", "b"]],
    [{ a: ["b", "c"], b: ["d"], c: ["d"], d: [] }, undefined],
  ])("of %j is %j", (graph, expected) => {
    expect(findCycle(new Map(Object.entries(graph).map(([node, next]) => [node, new Set(next)])))).toEqual(
      expected,
    );
  });
});

const hub = { type: "azurerm_eventhub", name: "h", args: { name: "telemetry" } };
const group = (reader: string) => ({
  type: "azurerm_eventhub_consumer_group",
  name: "g",
  args: { name: "analytics", eventhub_name: "${azurerm_eventhub.h.name}", user_metadata: reader },
});
const input = (name: string) => ({
  type: "azurerm_stream_analytics_stream_input_eventhub_v2",
  name,
  args: { eventhub_consumer_group_name: "${azurerm_eventhub_consumer_group.g.name}" },
});

describe("checkConsumerGroups", () => {
  it.each([
    ["one reader", [hub, group("job:a"), input("one")], []],
    ["two readers", [hub, group("job:a"), input("one"), input("two")], ["graph.consumer-group-reader"]],
    [
      "a reader of another kind",
      [hub, group("data-explorer"), input("one")],
      ["graph.consumer-group-reader"],
    ],
    [
      "a function's group that a job reads",
      [hub, group("function:routeAlerts"), input("one")],
      ["graph.consumer-group-reader", "graph.consumer-group-reader", "graph.consumer-group-reader"],
    ],
    [
      "a group of a function that does not exist",
      [hub, group("function:twinEvents")],
      ["graph.consumer-group-reader"],
    ],
    [
      "a reader of the default group",
      [{ ...input("one"), args: { eventhub_consumer_group_name: "$Default" } }],
      ["graph.consumer-group-reader"],
    ],
  ])("judges %s", (_, resources, expected) => {
    expect(
      checkConsumerGroups(stageWith(resources, { stack: "serving" }), []).map(({ check }) => check),
    ).toEqual(expected);
  });
});

describe("checkNames and checkTags", () => {
  it("finds a name that Azure refuses, and one that is taken", () => {
    const account = (id: string, name: string) => ({
      type: "azurerm_storage_account",
      name: id,
      args: { name },
    });
    const found = checkNames([
      stageWith([account("a", "has-hyphen"), account("b", "taken"), account("c", "taken")]),
    ]);
    expect(found.map(({ check, address }) => `${check} ${address}`)).toEqual([
      "names.valid azurerm_storage_account.a",
      "names.unique azurerm_storage_account.c",
    ]);
  });

  it("finds a missing tag", () => {
    const [finding] = checkTags(
      stageWith([{ type: "azurerm_resource_group", args: { tags: { project: "x" } } }]),
    );
    expect(finding?.message).toContain("environment, stack, owner");
  });
});

describe("checkSecrets", () => {
  it.each([
    [
      "a connection string",
      { value: "Endpoint=sb://x/;SharedAccessKeyName=a;SharedAccessKey=abcdef=" },
      "secrets.literal",
    ],
    [
      "a key of an account",
      { value: "${azurerm_storage_account.a.primary_access_key}" },
      "secrets.reference",
    ],
    ["a password in a connection string", { value: "Server=x;Password=hunter22" }, "secrets.literal"],
  ])("finds %s", (_, args, check) => {
    expect(checkSecrets(stageWith([{ type: "azurerm_x", args }])).map((finding) => finding.check)).toEqual([
      check,
    ]);
  });

  it("accepts names and ids", () => {
    const args = { value: "${azurerm_storage_account.a.id}", endpoint: "sb://x.servicebus.windows.net" };
    expect(checkSecrets(stageWith([{ type: "azurerm_x", args }]))).toEqual([]);
  });
});

describe("checkServiceRules", () => {
  const namespace = (sku: string) => ({
    type: "azurerm_eventhub_namespace",
    name: "n",
    args: { sku, capacity: 4 },
  });
  const job = (units: number) => ({
    type: "azurerm_stream_analytics_job",
    args: { streaming_units: units, sku_name: "StandardV2" },
  });
  const partitions = (count: number) => ({
    type: "azurerm_eventhub",
    args: { partition_count: count, namespace_id: "${azurerm_eventhub_namespace.n.id}" },
  });
  it.each([
    ["3 units", [job(3)], []],
    ["7 units", [job(7)], []],
    ["60 units", [job(60)], []],
    ["6 units", [job(6)], ["service.streaming-units"]],
    ["65 units", [job(65)], ["service.streaming-units"]],
    ["32 partitions in Standard", [namespace("Standard"), partitions(32)], []],
    ["33 partitions in Standard", [namespace("Standard"), partitions(33)], ["service.partition-count"]],
    ["100 partitions in Premium", [namespace("Premium"), partitions(100)], []],
    ["101 partitions in Premium", [namespace("Premium"), partitions(101)], ["service.partition-count"]],
    [
      "41 throughput units",
      [{ ...namespace("Standard"), args: { sku: "Standard", capacity: 41 } }],
      ["service.namespace-limits"],
    ],
    [
      "3 processing units",
      [{ ...namespace("Premium"), args: { sku: "Premium", capacity: 3 } }],
      ["service.namespace-limits"],
    ],
    [
      "11 units of S3",
      [{ type: "azurerm_iothub", args: { sku: { name: "S3", capacity: 11 } } }],
      ["service.iot-hub"],
    ],
    [
      "a pipeline that is no JSON",
      [{ type: "azurerm_data_factory_pipeline", args: { activities_json: "[{]" } }],
      ["service.pipeline-json"],
    ],
    [
      "a schedule without triggers",
      [{ type: "azurerm_stream_analytics_job_schedule" }],
      ["service.job-schedule"],
    ],
    [
      "archive with zones",
      [
        { type: "azurerm_storage_account", name: "a", args: { account_replication_type: "ZRS" } },
        {
          type: "azurerm_storage_management_policy",
          args: {
            storage_account_id: "${azurerm_storage_account.a.id}",
            rule: {
              name: "r",
              actions: { base_blob: { tier_to_archive_after_days_since_modification_greater_than: 180 } },
            },
          },
        },
      ],
      ["service.storage-tier"],
    ],
    [
      "throughput of 1,500",
      [{ type: "azurerm_cosmosdb_sql_container", args: { autoscale_settings: { max_throughput: 1500 } } }],
      ["service.cosmos-throughput"],
    ],
  ])("judges %s", (_, resources, expected) => {
    expect(checkServiceRules(stageWith(resources)).map(({ check }) => check)).toEqual(expected);
  });
});
