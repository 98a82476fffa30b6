// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are Terraform expressions
import type { JsonObject, SynthesisedResource, SynthesisedStage } from "../../../infra/checks";
import { checkMarkdown, checkTable, isBlocking } from "../../../infra/offline-plan/check-report";
import { compareStages } from "../../../infra/offline-plan/compare";
import { mutated, stageWith, synthesised } from "../support/stages";

const of = (type: string, args: JsonObject, more: Partial<SynthesisedResource> = {}) =>
  stageWith([{ type, name: "x", args, ...more }]);
const compare = (type: string, before: JsonObject, after: JsonObject) =>
  compareStages(of(type, before), of(type, after))[0];

describe("compareStages", () => {
  it("sees what is created, destroyed and unchanged", () => {
    const base = stageWith([
      { type: "azurerm_key_vault", name: "a" },
      { type: "azurerm_key_vault", name: "b" },
    ]);
    const head = stageWith([
      { type: "azurerm_key_vault", name: "b" },
      { type: "azurerm_key_vault", name: "c" },
    ]);
    expect(
      compareStages(base, head)
        .map(({ kind, address }) => `${kind} ${address}`)
        .sort(),
    ).toEqual(["create azurerm_key_vault.c", "destroy azurerm_key_vault.a"]);
    expect(compareStages(base, base)).toEqual([]);
  });

  it.each<[string, string, JsonObject, JsonObject, string]>([
    ["a force-new argument", "azurerm_storage_account", { name: "a" }, { name: "b" }, "name"],
    [
      "LRS to ZRS",
      "azurerm_storage_account",
      { account_replication_type: "LRS" },
      { account_replication_type: "ZRS" },
      "account_replication_type",
    ],
    ["Standard to Premium", "azurerm_eventhub_namespace", { sku: "Standard" }, { sku: "Premium" }, "sku"],
    [
      "continuous to periodic backup",
      "azurerm_cosmosdb_account",
      { backup: { type: "Continuous" } },
      { backup: { type: "Periodic" } },
      "backup.type",
    ],
    [
      "not serverless to serverless",
      "azurerm_cosmosdb_account",
      { capabilities: [] },
      { capabilities: [{ name: "EnableServerless" }] },
      "capabilities",
    ],
    [
      "version of a partition key",
      "azurerm_cosmosdb_sql_container",
      { partition_key_version: 2 },
      { partition_key_version: 1 },
      "partition_key_version",
    ],
    [
      "zones of a plan",
      "azurerm_service_plan",
      { zone_balancing_enabled: false },
      { zone_balancing_enabled: true },
      "zone_balancing_enabled",
    ],
  ])("replaces for %s, and names the argument", (_, type, before, after, argument) => {
    const change = compare(type, before, after);
    expect(change?.kind).toBe("replace");
    expect(change?.forcedBy.join()).toContain(argument);
  });

  it.each<[string, string, JsonObject, JsonObject]>([
    [
      "LRS to GRS",
      "azurerm_storage_account",
      { account_replication_type: "LRS" },
      { account_replication_type: "GRS" },
    ],
    [
      "more units",
      "azurerm_eventhub_namespace",
      { sku: "Standard", capacity: 1 },
      { sku: "Standard", capacity: 2 },
    ],
    ["tags", "azurerm_key_vault", { tags: { a: "1" } }, { tags: { a: "2" } }],
    [
      "periodic to continuous backup",
      "azurerm_cosmosdb_account",
      { backup: { type: "Periodic" } },
      { backup: { type: "Continuous" } },
    ],
  ])("changes in place for %s", (_, type, before, after) => {
    expect(compare(type, before, after)).toMatchObject({ kind: "change", forcedBy: [], refused: [] });
  });

  it.each<[string, string, JsonObject, JsonObject]>([
    ["a default that is written out", "azurerm_storage_account", {}, { https_traffic_only_enabled: true }],
    [
      "a block as a list",
      "azurerm_storage_account",
      { sas_policy: { expiration_period: "1" } },
      { sas_policy: [{ expiration_period: "1" }] },
    ],
    ["a null", "azurerm_storage_account", { name: "a" }, { name: "a", edge_zone: null }],
    ["another order of a set", "azurerm_private_dns_zone", { name: "a" }, { name: "a" }],
  ])("sees no change in %s", (_, type, before, after) => {
    expect(compare(type, before, after)).toBeUndefined();
  });

  it("leaves what lifecycle ignores", () => {
    const lifecycle = { ignore_changes: ["capacity"] };
    const base = of("azurerm_eventhub_namespace", { capacity: 1 }, { lifecycle });
    const head = of("azurerm_eventhub_namespace", { capacity: 4 }, { lifecycle });
    expect(compareStages(base, head)).toEqual([]);
  });

  it("follows a replacement to what holds the id, and stops at what holds the name", () => {
    const resources = (replication: string) => [
      {
        type: "azurerm_storage_account",
        name: "a",
        args: { name: "acc", account_replication_type: replication },
      },
      {
        type: "azurerm_storage_container",
        name: "c",
        args: { name: "con", storage_account_id: "${azurerm_storage_account.a.id}" },
      },
      { type: "azurerm_role_assignment", name: "r", args: { scope: "${azurerm_storage_container.c.id}" } },
      { type: "azurerm_resource_group", name: "g", args: { name: "${azurerm_storage_account.a.name}" } },
    ];
    const changes = compareStages(stageWith(resources("LRS")), stageWith(resources("ZRS")));
    expect(changes.map(({ kind, address }) => `${kind} ${address}`)).toEqual([
      "replace azurerm_storage_account.a",
      "replace azurerm_storage_container.c",
      "replace azurerm_role_assignment.r",
    ]);
  });

  it("restarts a schedule when what triggers it changes", () => {
    const lifecycle = { replace_triggered_by: ["azurerm_stream_analytics_job.j.transformation_query"] };
    const resources = (query: string) => [
      { type: "azurerm_stream_analytics_job", name: "j", args: { transformation_query: query } },
      { type: "azurerm_stream_analytics_job_schedule", name: "s", args: {}, lifecycle },
    ];
    const changes = compareStages(stageWith(resources("SELECT 1")), stageWith(resources("SELECT 2")));
    expect(changes.map(({ kind, address }) => `${kind} ${address}`)).toContain(
      "replace azurerm_stream_analytics_job_schedule.s",
    );
  });

  const hubs = (sku: string, partitions: number) =>
    stageWith([
      { type: "azurerm_eventhub_namespace", name: "n", args: { sku } },
      {
        type: "azurerm_eventhub",
        name: "h",
        args: { partition_count: partitions, namespace_id: "${azurerm_eventhub_namespace.n.id}" },
      },
    ]);

  it.each([
    ["Standard", 4, 8, true],
    ["Standard", 8, 4, true],
    ["Premium", 8, 4, true],
    ["Premium", 4, 8, false],
  ])("in %s, partitions from %i to %i are refused by the service: %p", (sku, before, after, refused) => {
    const [change] = compareStages(hubs(sku, before), hubs(sku, after));
    expect(change!.refused.length > 0).toBe(refused);
    expect(isBlocking(change!)).toBe(refused);
  });

  it.each<[string, string, JsonObject, JsonObject]>([
    [
      "an IoT hub's partitions",
      "azurerm_iothub",
      { event_hub_partition_count: 4 },
      { event_hub_partition_count: 8 },
    ],
    [
      "autoscale to fixed",
      "azurerm_cosmosdb_sql_container",
      { autoscale_settings: { max_throughput: 4000 } },
      { throughput: 400 },
    ],
    [
      "purge protection off",
      "azurerm_key_vault",
      { purge_protection_enabled: true },
      { purge_protection_enabled: false },
    ],
  ])("knows that the service refuses %s", (_, type, before, after) => {
    expect(compare(type, before, after)?.refused).toHaveLength(1);
  });
});

describe("the plan check of stage prod", () => {
  let prod: SynthesisedStage;
  beforeAll(async () => {
    [prod] = (await synthesised("prod")) as [SynthesisedStage];
  }, 60_000);

  const changed = (type: string, argument: string, value: string | number) =>
    mutated(prod, (resource) =>
      resource.type === type && argument in resource.args && resource.args["name"] !== undefined
        ? { ...resource, args: { ...resource.args, [argument]: value } }
        : resource,
    );

  it("reports another replication of the lake as a replacement that loses state", () => {
    const changes = compareStages(
      prod,
      changed("azurerm_storage_account", "account_replication_type", "LRS"),
    );
    const lake = changes.find(
      ({ stack, address }) => stack === "prod-lake" && address.startsWith("azurerm_storage_account."),
    );
    expect(lake).toMatchObject({ kind: "replace", stateful: true });
    expect(lake!.forcedBy.join()).toContain("account_replication_type");
    expect(isBlocking(lake!)).toBe(true);
    expect(checkTable(changes, new Set())).toContain("account_replication_type");
  });

  it("reports fewer partitions as refused by the service", () => {
    const changes = compareStages(prod, changed("azurerm_eventhub", "partition_count", 1));
    expect(changes.filter(({ refused }) => refused.length > 0).length).toBeGreaterThan(0);
    const comment = checkMarkdown(changes, new Set(), "main");
    expect(comment).toContain("refused by the service");
    expect(comment).toContain("must not go through");
    const waived = checkMarkdown(changes, new Set(changes), "main");
    expect(waived).toContain("(waived)");
    expect(waived).not.toContain("must not go through");
  });

  it("reports nothing for the same stage", () => {
    expect(compareStages(prod, prod)).toEqual([]);
  });
});
