import { about, type Finding } from "./finding";
import { ReferenceResolver } from "./references";
import { blocksOf, type JsonValue, type SynthesisedResource, type SynthesisedStage } from "./synthesis";

/** A rule of an Azure service that the provider's schema does not know. */
export interface ServiceRule {
  readonly name: string;
  readonly types: readonly string[];
  /** Where the rule is written. */
  readonly source: string;
  /** What is wrong, one text each. */
  readonly check: (resource: SynthesisedResource, context: RuleContext) => readonly string[];
}

export interface RuleContext {
  readonly stage: SynthesisedStage;
  readonly resolver: ReferenceResolver;
}

/** Streaming units that Stream Analytics knows: a third, two thirds and whole units of the V2 model. */
export const streamingUnitValues: readonly number[] = [
  3,
  7,
  ...Array.from({ length: 12 }, (_, i) => 10 * (i + 1)),
];

const number = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" ? value : undefined;
const text = (value: JsonValue | undefined): string =>
  typeof value === "string" && !value.includes("${") ? value : "";

const durationPattern = /^P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/;

function namespaceSku(resource: SynthesisedResource, { resolver }: RuleContext): string | undefined {
  const namespace = resolver.target(
    resource.stack,
    resource.args["namespace_id"] ?? resource.args["namespace_name"],
  );
  const sku = namespace?.resource.args["sku"];
  return typeof sku === "string" ? sku : undefined;
}

/** How many resources of a type hang on a parent by an argument. */
const siblings = ({ stage, resolver }: RuleContext, type: string, argument: string, parent: string) =>
  stage.resources.filter(
    (other) =>
      other.type === type && resolver.target(other.stack, other.args[argument])?.resource.key === parent,
  );

/** Rules that Azure's services hold and the provider's schema does not. */
export const serviceRules: readonly ServiceRule[] = [
  {
    name: "service.streaming-units",
    types: ["azurerm_stream_analytics_job"],
    source: "Stream Analytics, streaming unit consumption: V2 sizes",
    check: ({ args }) => {
      const units = number(args["streaming_units"]);
      return units === undefined || streamingUnitValues.includes(units)
        ? []
        : [
            `streaming_units ${units} is none of ${streamingUnitValues.join(", ")}; other values are sizes of the V1 model`,
          ];
    },
  },
  {
    name: "service.streaming-job-sku",
    types: ["azurerm_stream_analytics_job"],
    source: "Stream Analytics, retirement of the V1 model",
    check: ({ args }) =>
      args["sku_name"] === "StandardV2"
        ? []
        : ['sku_name must be "StandardV2": units mean V1 sizes otherwise'],
  },
  {
    name: "service.partition-count",
    types: ["azurerm_eventhub"],
    source: "Event Hubs, quotas by tier: 32 partitions in Basic and Standard, 100 in Premium",
    check: (resource, context) => {
      const count = number(resource.args["partition_count"]);
      const sku = namespaceSku(resource, context);
      const most = sku === "Premium" ? 100 : sku === undefined ? 1024 : 32;
      return count === undefined || (count >= 1 && count <= most)
        ? []
        : [`partition_count ${count} is outside 1 to ${most} of tier ${sku}`];
    },
  },
  {
    name: "service.hub-retention",
    types: ["azurerm_eventhub"],
    source: "Event Hubs, quotas by tier: 7 days in Standard, 90 in Premium",
    check: (resource, context) => {
      const sku = namespaceSku(resource, context);
      const most = (sku === "Premium" ? 90 : sku === "Standard" ? 7 : 1) * 24;
      return blocksOf(resource.args["retention_description"]).flatMap((block) => {
        const hours = number(block["retention_time_in_hours"]);
        return hours !== undefined && sku !== undefined && hours > most
          ? [`retention of ${hours} hours is more than the ${most} of tier ${sku}`]
          : [];
      });
    },
  },
  {
    name: "service.namespace-limits",
    types: ["azurerm_eventhub_namespace"],
    source:
      "Event Hubs, quotas by tier: 40 throughput units; processing units 1, 2, 4, 8, 16; 10 hubs, 200 partitions a unit",
    check: (resource, context) => {
      const { args } = resource;
      const capacity = number(args["capacity"]) ?? 1;
      const problems: string[] = [];
      const hubs = siblings(context, "azurerm_eventhub", "namespace_id", resource.key);
      if (args["sku"] === "Premium") {
        if (![1, 2, 4, 8, 16].includes(capacity))
          problems.push(`capacity ${capacity} is none of 1, 2, 4, 8, 16 processing units`);
        const partitions = hubs.reduce((sum, hub) => sum + (number(hub.args["partition_count"]) ?? 0), 0);
        if (partitions > 200 * capacity)
          problems.push(`${partitions} partitions are more than ${200 * capacity} (200 a unit)`);
      } else if (hubs.length > 10)
        problems.push(`${hubs.length} hubs are more than the 10 of a namespace in this tier`);
      if (args["sku"] === "Standard" && capacity > 40)
        problems.push(`capacity ${capacity} is more than 40 throughput units`);
      const most = number(args["maximum_throughput_units"]);
      if (most !== undefined && most < capacity)
        problems.push(`maximum_throughput_units ${most} is below capacity ${capacity}`);
      if (args["auto_inflate_enabled"] === true && args["sku"] === "Premium")
        problems.push("auto-inflate is a feature of Standard");
      for (const rules of blocksOf(args["network_rulesets"])) {
        const own = rules["public_network_access_enabled"] ?? true;
        if (own !== (args["public_network_access_enabled"] ?? true)) {
          problems.push("network_rulesets.public_network_access_enabled must equal the namespace's");
        }
      }
      return problems;
    },
  },
  {
    name: "service.consumer-groups",
    types: ["azurerm_eventhub"],
    source: "Event Hubs, quotas by tier: 20 consumer groups a hub in Standard, 100 in Premium",
    check: (resource, context) => {
      const groups = siblings(
        context,
        "azurerm_eventhub_consumer_group",
        "eventhub_name",
        resource.key,
      ).length;
      const most = namespaceSku(resource, context) === "Premium" ? 100 : 20;
      return groups > most ? [`${groups} consumer groups are more than ${most}`] : [];
    },
  },
  {
    name: "service.capture",
    types: ["azurerm_eventhub"],
    source: "Event Hubs Capture: name format, identity",
    check: ({ args }) =>
      blocksOf(args["capture_description"]).flatMap((capture) => {
        const problems: string[] = [];
        for (const destination of blocksOf(capture["destination"])) {
          const format = text(destination["archive_name_format"]);
          const parts = [
            "Namespace",
            "EventHub",
            "PartitionId",
            "Year",
            "Month",
            "Day",
            "Hour",
            "Minute",
            "Second",
          ];
          const missing = format === "" ? [] : parts.filter((part) => !format.includes(`{${part}}`));
          if (missing.length > 0) problems.push(`archive_name_format lacks ${missing.join(", ")}`);
          if (destination["storage_authentication_type"] !== "SystemAssigned") {
            problems.push(
              "capture must use the namespace's identity: the lake refuses shared access signatures",
            );
          }
        }
        if (capture["skip_empty_archives"] !== false) {
          problems.push(
            "skip_empty_archives must be false: an empty file is how the batch layer learns that nothing came",
          );
        }
        return problems;
      }),
  },
  {
    name: "service.iot-hub",
    types: ["azurerm_iothub"],
    source:
      "IoT Hub, quotas: 1 to 200 units of S1 and S2, 10 of S3; 128 partitions (32 in F1 and B1); 7 days",
    check: ({ args }) =>
      blocksOf(args["sku"]).flatMap((sku) => {
        const units = number(sku["capacity"]) ?? 1;
        const most = sku["name"] === "F1" ? 1 : /3$/.test(String(sku["name"])) ? 10 : 200;
        const partitions = number(args["event_hub_partition_count"]);
        return [
          ...(units > most ? [`${units} units are more than ${most} of ${sku["name"]}`] : []),
          ...(partitions !== undefined && (partitions < 2 || partitions > 128)
            ? [`event_hub_partition_count ${partitions} is outside 2 to 128`]
            : []),
        ];
      }),
  },
  {
    name: "service.iot-routes",
    types: ["azurerm_iothub"],
    source:
      "IoT Hub, quotas: 10 custom endpoints, 100 routes; without a fallback route unmatched messages are lost",
    check: (resource, context) => {
      const routes = context.stage.resources.filter(
        ({ type, stack, args }) =>
          type === "azurerm_iothub_route" &&
          context.resolver.target(stack, args["iothub_name"])?.resource.key === resource.key,
      );
      const fallback = siblings(context, "azurerm_iothub_fallback_route", "iothub_name", resource.key);
      return [
        ...(routes.length > 100 ? [`${routes.length} routes are more than 100`] : []),
        ...(routes.length > 0 && fallback.length + blocksOf(resource.args["fallback_route"]).length !== 1
          ? ["there must be exactly one fallback route"]
          : []),
        ...(resource.args["route"] !== undefined ? ["inline routes beside separate ones never settle"] : []),
      ];
    },
  },
  {
    name: "service.job-late-policy",
    types: ["azurerm_stream_analytics_job"],
    source:
      "architecture of the platform, policies: an event is dropped exactly when it is later than the tolerance",
    check: ({ args }) => {
      const late = number(args["events_late_arrival_max_delay_in_seconds"]);
      const disorder = number(args["events_out_of_order_max_delay_in_seconds"]);
      return late !== undefined && disorder !== undefined && late >= 0 && disorder <= late
        ? [`the out-of-order tolerance (${disorder} s) must be greater than the late tolerance (${late} s)`]
        : [];
    },
  },
  {
    name: "service.storage-tier",
    types: ["azurerm_storage_management_policy"],
    source:
      "Blob storage, access tiers: no archive tier with zone redundancy; early deletion after cool 30, cold 90 days",
    check: (resource, context) => {
      const account = context.resolver.target(resource.stack, resource.args["storage_account_id"])?.resource;
      const replication = String(account?.args["account_replication_type"] ?? "");
      return blocksOf(resource.args["rule"]).flatMap((rule) =>
        blocksOf(rule["actions"]).flatMap((actions) =>
          blocksOf(actions["base_blob"]).flatMap((blob) =>
            Object.keys(blob).some((key) => key.startsWith("tier_to_archive")) && replication.includes("ZRS")
              ? [`rule "${rule["name"]}" archives, which ${replication} does not know`]
              : [],
          ),
        ),
      );
    },
  },
  {
    name: "service.hierarchical-namespace",
    types: ["azurerm_storage_account"],
    source: "Data Lake Storage Gen2, known limits: no versioning, no point-in-time restore",
    check: ({ args }) =>
      args["is_hns_enabled"] !== true
        ? []
        : blocksOf(args["blob_properties"]).flatMap((properties) => [
            ...(properties["versioning_enabled"] === true
              ? ["versioning is not available with a hierarchical namespace"]
              : []),
            ...(properties["restore_policy"] !== undefined
              ? ["point-in-time restore is not available with a hierarchical namespace"]
              : []),
          ]),
  },
  {
    name: "service.kusto-periods",
    types: ["azurerm_kusto_database"],
    source: "Data Explorer, caching and retention policy: ISO 8601 periods, cache within retention",
    check: ({ args }) => {
      const hot = text(args["hot_cache_period"]);
      const kept = text(args["soft_delete_period"]);
      const days = (period: string) => Number(/^P(\d+)D$/.exec(period)?.[1] ?? Number.NaN);
      return [
        ...[hot, kept]
          .filter((p) => p !== "" && !durationPattern.test(p))
          .map((p) => `"${p}" is no ISO 8601 period`),
        ...(days(hot) > days(kept) ? [`hot cache ${hot} is longer than retention ${kept}`] : []),
      ];
    },
  },
  {
    name: "service.kusto-cluster",
    types: ["azurerm_kusto_cluster"],
    source:
      "Data Explorer, cluster sizes: a development cluster has one node, a production cluster two and more",
    check: ({ args }) =>
      blocksOf(args["sku"]).flatMap((sku) => {
        const nodes = number(sku["capacity"]);
        if (nodes === undefined) return [];
        const development = String(sku["name"]).startsWith("Dev(");
        if (development && nodes !== 1) return [`a development cluster has one node, not ${nodes}`];
        return !development && nodes < 2
          ? [`a cluster with a service level has two nodes or more, not ${nodes}`]
          : [];
      }),
  },
  {
    name: "service.kusto-script",
    types: ["azurerm_kusto_script"],
    source: "Data Explorer, database scripts: idempotent commands only",
    check: ({ args }) => {
      const content = text(args["script_content"]);
      const commands = [...content.matchAll(/^\s*(\.[a-z-]+)/gm)].map((match) => match[1]!);
      const allowed = [
        ".create",
        ".create-or-alter",
        ".create-merge",
        ".alter",
        ".alter-merge",
        ".add",
        ".execute",
        ".enable",
      ];
      return commands
        .filter((command) => !allowed.includes(command))
        .map((command) => `script runs "${command}"`);
    },
  },
  {
    name: "service.cosmos-throughput",
    types: ["azurerm_cosmosdb_sql_container", "azurerm_cosmosdb_sql_database"],
    source: "Cosmos DB, autoscale: 1,000 to 1,000,000 RU/s in steps of 1,000",
    check: ({ args }) =>
      blocksOf(args["autoscale_settings"]).flatMap(({ max_throughput: most }) =>
        typeof most === "number" && (most < 1_000 || most > 1_000_000 || most % 1_000 !== 0)
          ? [`max_throughput ${most} is no multiple of 1,000 from 1,000 to 1,000,000`]
          : [],
      ),
  },
  {
    name: "service.cosmos-serverless",
    types: ["azurerm_cosmosdb_account"],
    source: "Cosmos DB, serverless: one region, no throughput",
    check: ({ args }) => {
      const serverless = blocksOf(args["capabilities"]).some(({ name }) => name === "EnableServerless");
      const regions = blocksOf(args["geo_location"]).length;
      return serverless && regions > 1 ? [`a serverless account has one region, not ${regions}`] : [];
    },
  },
  {
    name: "service.synapse-spark",
    types: ["azurerm_synapse_spark_pool"],
    source: "Synapse, runtime life cycle: 3.4 ended 2026-03-31",
    check: ({ args }) =>
      text(args["spark_version"]) === "3.5"
        ? []
        : ['spark_version must be "3.5", the runtime with long-term support'],
  },
  {
    name: "service.analysis-network",
    types: ["azurerm_virtual_network"],
    source: "Stream Analytics, jobs in a virtual network: never 10.0.0.0/16",
    check: ({ args }) =>
      (Array.isArray(args["address_space"]) ? args["address_space"] : []).includes("10.0.0.0/16")
        ? ["address space 10.0.0.0/16 cannot hold Stream Analytics jobs"]
        : [],
  },
  {
    name: "service.pipeline-json",
    types: ["azurerm_data_factory_pipeline"],
    source: "the provider does not read activities_json before Azure does",
    check: ({ args }) => {
      const json = args["activities_json"];
      if (typeof json !== "string") return [];
      try {
        const parsed: unknown = JSON.parse(
          json.replaceAll(/"?\$\{[^}]*\}"?/g, (whole) => (whole.startsWith('"') ? '"x"' : "x")),
        );
        if (!Array.isArray(parsed)) return ["activities_json is no list"];
        const names = parsed.map((activity: { name?: unknown }) => activity.name);
        return new Set(names).size === names.length ? [] : ["two activities have one name"];
      } catch (error) {
        return [`activities_json is no JSON: ${(error as Error).message}`];
      }
    },
  },
  {
    name: "service.job-schedule",
    types: ["azurerm_stream_analytics_job_schedule"],
    source: "a running job refuses changes: the schedule stops it first and starts it after them",
    check: ({ lifecycle }) =>
      Array.isArray(lifecycle["replace_triggered_by"]) && lifecycle["replace_triggered_by"].length > 0
        ? []
        : ["lifecycle.replace_triggered_by must list the job and its inputs, outputs and functions"],
  },
];

/** Runs the service rules over a stage. */
export function checkServiceRules(stage: SynthesisedStage, rules = serviceRules): Finding[] {
  const context = { stage, resolver: new ReferenceResolver(stage) };
  return stage.resources.flatMap((resource) =>
    rules
      .filter(({ types }) => types.includes(resource.type))
      .flatMap((rule) =>
        rule.check(resource, context).map((message) => about(resource, rule.name, message, rule.source)),
      ),
  );
}
