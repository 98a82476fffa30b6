import { type FunctionBinding, topology } from "../../contracts";
import {
  blocksOf,
  ReferenceResolver,
  roleEdgesOf,
  type SynthesisedResource,
  type SynthesisedStage,
} from "../checks";
import { visitTexts } from "../checks/references";
import type { GraphNode, NodeFinder } from "./nodes";

/** An arrow of the picture: data that flows, or a permission. */
export interface GraphEdge {
  readonly kind: "flow" | "role";
  readonly from: GraphNode;
  readonly to: GraphNode;
  /** What flows, or which roles. */
  readonly labels: readonly string[];
}

/** Types that carry data from one argument's resource to another's; `this` is what the resource stands under. */
const flows: Readonly<
  Record<string, { readonly from: string; readonly to: string; readonly label: string }>
> = {
  azurerm_iothub_endpoint_eventhub: { from: "iothub_id", to: "entity_path", label: "route" },
  azurerm_stream_analytics_stream_input_eventhub_v2: { from: "eventhub_name", to: "this", label: "input" },
  azurerm_stream_analytics_reference_input_blob: {
    from: "storage_account_name",
    to: "this",
    label: "reference data",
  },
  azurerm_stream_analytics_output_cosmosdb: { from: "this", to: "cosmosdb_sql_database_id", label: "output" },
  azurerm_stream_analytics_output_eventhub: { from: "this", to: "eventhub_name", label: "output" },
  azurerm_stream_analytics_output_blob: { from: "this", to: "storage_account_name", label: "output" },
  azurerm_stream_analytics_output_mssql: { from: "this", to: "server", label: "output" },
  azurerm_kusto_eventhub_data_connection: { from: "eventhub_id", to: "cluster_name", label: "connection" },
  azurerm_kusto_eventgrid_data_connection: { from: "eventhub_id", to: "cluster_name", label: "file notices" },
  azurerm_kusto_cosmosdb_data_connection: {
    from: "cosmosdb_container_id",
    to: "kusto_database_id",
    label: "change feed",
  },
  azurerm_eventgrid_system_topic: { from: "source_resource_id", to: "self", label: "blob created" },
  azurerm_eventgrid_system_topic_event_subscription: {
    from: "system_topic",
    to: "eventhub_endpoint_id",
    label: "events",
  },
  azurerm_digital_twins_time_series_database_connection: {
    from: "digital_twins_id",
    to: "kusto_cluster_id",
    label: "history",
  },
};

const dataRole = /^(Storage Blob Data (Reader|Contributor)|Cosmos DB Built-in .*|Kusto database Viewer)$/;

/** Services whose flows no resource describes, because their own programs ask: their permissions tell. */
function asksByItself(finder: NodeFinder, principal: SynthesisedResource): GraphNode | undefined {
  const workload = /identity-(databricks|machine-learning)$/.exec(principal.path)?.[1];
  if (workload !== undefined) {
    const kind = workload === "databricks" ? "Databricks" : "Machine Learning";
    return finder.nodes.find((node) => node.kind === kind);
  }
  const node = finder.of(principal);
  return ["Grafana", "Synapse", "Data Explorer"].includes(node?.kind ?? "") ? node : undefined;
}

/** Every arrow of a stage; arrows between the same two services are one. */
export function edgesOf(stage: SynthesisedStage, finder: NodeFinder): GraphEdge[] {
  const edges = new Map<
    string,
    { kind: "flow" | "role"; from: GraphNode; to: GraphNode; labels: Set<string> }
  >();
  const add = (
    kind: "flow" | "role",
    from: GraphNode | undefined,
    to: GraphNode | undefined,
    label: string,
  ) => {
    if (from === undefined || to === undefined || from === to) return;
    const key = `${kind}|${from.resource.key}|${to.resource.key}`;
    const edge = edges.get(key) ?? { kind, from, to, labels: new Set<string>() };
    edge.labels.add(label);
    edges.set(key, edge);
  };
  const resolver = new ReferenceResolver(stage);
  for (const resource of stage.resources) {
    const { stack, args, type } = resource;
    const flow = flows[type];
    const end = (argument: string) =>
      argument === "this" || argument === "self" ? finder.of(resource) : finder.at(stack, args[argument]);
    if (flow !== undefined) add("flow", end(flow.from), end(flow.to), flow.label);
    if (type === "azurerm_eventhub") {
      for (const capture of blocksOf(args["capture_description"])) {
        for (const destination of blocksOf(capture["destination"])) {
          add("flow", finder.of(resource), finder.at(stack, destination["storage_account_id"]), "Capture");
        }
      }
    }
    if (type === "azapi_resource" && /streamingjobs\/outputs@/i.test(String(args["type"]))) {
      visitTexts(args["body"] ?? null, (text) =>
        add("flow", finder.at(stack, args["parent_id"]), finder.at(stack, text), "output"),
      );
    }
    if (type.startsWith("azurerm_data_factory_linked_")) {
      visitTexts(args, (text, path) => {
        if (path !== "data_factory_id" && path !== "integration_runtime_name")
          add("flow", finder.of(resource), finder.at(stack, text), "linked service");
      });
    }
  }
  const app = finder.nodes.find(({ kind }) => kind === "Functions");
  const hubs = finder.nodes.find(
    ({ kind, resource }) => kind === "Event Hubs" && resource.path.includes("-ingestion/"),
  );
  const cosmos = finder.nodes.find(({ kind }) => kind === "Cosmos DB");
  const kinds: Readonly<Record<string, string>> = {
    "digital-twins": "Digital Twins",
    "data-explorer": "Data Explorer",
    "logic-app": "Logic App",
  };
  const place = (target: string) => {
    if (target.startsWith("hub:")) return hubs;
    if (target.startsWith("cosmos:")) return cosmos;
    return finder.nodes.find(({ kind }) => kind === kinds[target]);
  };
  for (const entry of topology.functions as readonly FunctionBinding[]) {
    if (entry.requires === "digital-twins" && place("digital-twins") === undefined) continue;
    if (entry.hub !== undefined) add("flow", hubs, app, "trigger");
    if (entry.container !== undefined) add("flow", cosmos, app, "change feed");
    for (const target of entry.writes ?? []) add("flow", app, place(target), "writes");
    for (const target of entry.reads ?? []) add("flow", place(target), app, "reads");
  }
  for (const { resource, role } of roleEdgesOf(stage)) {
    const principal = resolver.targets(resource.stack, String(resource.args["principal_id"]))[0]?.resource;
    const scope = resource.args["scope"] ?? resource.args["database_name"] ?? resource.args["cluster_name"];
    const reader = principal === undefined ? undefined : asksByItself(finder, principal);
    if (reader !== undefined && dataRole.test(role)) {
      const store = finder.at(resource.stack, scope);
      if (/(Viewer|Reader)$/.test(role)) add("flow", store, reader, "reads");
      else add("flow", reader, store, "writes");
    }
    add(
      "role",
      principal === undefined ? undefined : finder.of(principal),
      finder.at(resource.stack, scope),
      role,
    );
  }
  return [...edges.values()]
    .map(({ kind, from, to, labels }) => ({ kind, from, to, labels: [...labels].sort() }))
    .sort((a, b) =>
      `${a.kind}${a.from.resource.key}${a.to.resource.key}` <
      `${b.kind}${b.from.resource.key}${b.to.resource.key}`
        ? -1
        : 1,
    );
}
