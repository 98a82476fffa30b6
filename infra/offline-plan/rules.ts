import { blocksOf, type JsonObject, type JsonValue } from "../checks";

/** What a rule sees of a resource before and after. */
export interface RuleInput {
  readonly before: JsonObject;
  readonly after: JsonObject;
  /** Value of an argument of the resource that this one stands in, before the change, where it is known. */
  readonly parent: (argument: string) => JsonObject | undefined;
}

/** A rule that no schema shows. */
export interface ChangeRule {
  readonly type: string;
  readonly argument: string;
  readonly applies: (input: RuleInput) => boolean;
  readonly why: string;
}

const one = (args: JsonObject, path: string): JsonValue => {
  let value: JsonValue | undefined = args;
  for (const key of path.split(".")) value = blocksOf(value)[0]?.[key];
  return value ?? null;
};

const changes =
  (path: string, test: (before: JsonValue, after: JsonValue) => boolean): ChangeRule["applies"] =>
  ({ before, after }) => {
    const [old, next] = [one(before, path), one(after, path)];
    return JSON.stringify(old) !== JSON.stringify(next) && test(old, next);
  };

const fromTo = (path: string, from: JsonValue, to: JsonValue) =>
  changes(path, (old, next) => old === from && next === to);
const families: readonly (readonly string[])[] = [
  ["LRS", "GRS", "RAGRS"],
  ["ZRS", "GZRS", "RAGZRS"],
];
const family = (value: JsonValue): number => families.findIndex((each) => each.includes(String(value)));
const serverless = (args: JsonObject): boolean =>
  blocksOf(args["capabilities"]).some(({ name }) => name === "EnableServerless");

/** Arguments, as `<type>.<argument>`, that force a new resource by a rule of the provider that no schema shows. */
export const alwaysReplacing: ReadonlySet<string> = new Set(["azurerm_storage_container.storage_account_id"]);

/** Changes that the azurerm provider turns into a replacement although its schema does not say so. */
export const replacingRules: readonly ChangeRule[] = [
  {
    type: "azurerm_eventhub_namespace",
    argument: "sku",
    applies: changes("sku", (old, next) => old === "Premium" || next === "Premium"),
    why: "a namespace cannot move to or from Premium",
  },
  {
    type: "azurerm_storage_account",
    argument: "account_replication_type",
    applies: changes("account_replication_type", (old, next) => family(old) !== family(next)),
    why: "replication cannot move between zone-redundant and other kinds in place",
  },
  {
    type: "azurerm_storage_account",
    argument: "account_kind",
    applies: changes("account_kind", (old, next) => old !== "Storage" && next !== "StorageV2"),
    why: "only an old account can become a StorageV2 account",
  },
  {
    type: "azurerm_storage_account",
    argument: "large_file_share_enabled",
    applies: fromTo("large_file_share_enabled", true, false),
    why: "large file shares cannot be switched off",
  },
  {
    type: "azurerm_storage_account",
    argument: "immutability_policy",
    applies: changes("immutability_policy.state", (old) => old === "Locked"),
    why: "a locked policy cannot change",
  },
  {
    type: "azurerm_cosmosdb_account",
    argument: "backup.type",
    applies: fromTo("backup.type", "Continuous", "Periodic"),
    why: "continuous backup cannot go back to periodic",
  },
  {
    type: "azurerm_cosmosdb_account",
    argument: "analytical_storage_enabled",
    applies: changes("analytical_storage_enabled", (old, next) => old === true && next !== true),
    why: "analytical storage cannot be switched off",
  },
  {
    type: "azurerm_cosmosdb_account",
    argument: "capabilities",
    applies: ({ before, after }) => serverless(before) !== serverless(after),
    why: "an account is serverless from the start or never",
  },
  {
    type: "azurerm_cosmosdb_sql_container",
    argument: "analytical_storage_ttl",
    applies: changes(
      "analytical_storage_ttl",
      (old, next) => old !== null && old !== 0 && (next === null || next === 0),
    ),
    why: "a container's analytical store cannot be switched off",
  },
  {
    type: "azurerm_cosmosdb_sql_container",
    argument: "partition_key_version",
    applies: changes(
      "partition_key_version",
      (old, next) => !(old === null && next === 1) && !(old === 1 && next === null),
    ),
    why: "the version of a partition key is fixed",
  },
  {
    type: "azurerm_data_factory",
    argument: "managed_virtual_network_enabled",
    applies: changes("managed_virtual_network_enabled", (old, next) => old === true && next !== true),
    why: "a managed network cannot be taken away",
  },
  {
    type: "azurerm_databricks_workspace",
    argument: "sku",
    applies: changes("sku", (_, next) => next === "trial"),
    why: "a workspace cannot become a trial",
  },
  {
    type: "azurerm_log_analytics_workspace",
    argument: "sku",
    applies: changes(
      "sku",
      (old, next) =>
        !["PerGB2018", "CapacityReservation"].includes(String(old)) ||
        !["PerGB2018", "CapacityReservation"].includes(String(next)),
    ),
    why: "only PerGB2018 and CapacityReservation can change places",
  },
  {
    type: "azurerm_mssql_database",
    argument: "sku_name",
    applies: changes(
      "sku_name",
      (old, next) => String(old).startsWith("HS") && !String(next).startsWith("HS"),
    ),
    why: "a database cannot leave Hyperscale",
  },
  {
    type: "azurerm_service_plan",
    argument: "zone_balancing_enabled",
    applies: changes("zone_balancing_enabled", () => true),
    why: "a plan's zones are fixed",
  },
  {
    type: "azurerm_public_ip",
    argument: "domain_name_label_scope",
    applies: changes("domain_name_label_scope", () => true),
    why: "the scope of a label is fixed",
  },
];

/** Changes that the provider accepts, or does not notice, and the service refuses. */
export const refusedRules: readonly ChangeRule[] = [
  {
    type: "azurerm_eventhub",
    argument: "partition_count",
    applies: (input) =>
      changes("partition_count", (old, next) => {
        const premium = input.parent("namespace_id")?.["sku"] === "Premium";
        return premium ? Number(next) < Number(old) : true;
      })(input),
    why: "a hub's partition count is fixed in Standard and cannot be lowered in Premium",
  },
  {
    type: "azurerm_iothub",
    argument: "event_hub_partition_count",
    applies: changes("event_hub_partition_count", () => true),
    why: "an IoT hub's partition count is fixed",
  },
  {
    type: "azurerm_iothub",
    argument: "sku.name",
    applies: changes("sku.name", (old, next) => old === "F1" || next === "F1"),
    why: "a free IoT hub cannot become a paid one, nor the other way",
  },
  {
    type: "azurerm_eventhub_namespace",
    argument: "identity",
    applies: ({ before, after }) =>
      blocksOf(before["identity"]).length > 0 && blocksOf(after["identity"]).length === 0,
    why: "a namespace's identity cannot be removed",
  },
  {
    type: "azurerm_cosmosdb_sql_container",
    argument: "throughput",
    applies: ({ before, after }) => switchesThroughput(before, after),
    why: "a container cannot switch between autoscale and fixed throughput by Terraform",
  },
  {
    type: "azurerm_cosmosdb_sql_database",
    argument: "throughput",
    applies: ({ before, after }) => switchesThroughput(before, after),
    why: "a database cannot switch between autoscale and fixed throughput by Terraform",
  },
  {
    type: "azurerm_key_vault",
    argument: "purge_protection_enabled",
    applies: changes("purge_protection_enabled", (old, next) => old === true && next !== true),
    why: "purge protection cannot be switched off",
  },
];

function switchesThroughput(before: JsonObject, after: JsonObject): boolean {
  const mode = (args: JsonObject) =>
    blocksOf(args["autoscale_settings"]).length > 0
      ? "autoscale"
      : args["throughput"] !== undefined
        ? "fixed"
        : "none";
  return mode(before) !== mode(after) && mode(before) !== "none" && mode(after) !== "none";
}
