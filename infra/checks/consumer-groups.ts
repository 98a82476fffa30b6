import { topology } from "../../contracts";
import { about, type Finding } from "./finding";
import { ReferenceResolver } from "./references";
import type { SynthesisedResource, SynthesisedStage } from "./synthesis";

/** Resource types that read a hub, and the argument that names the consumer group. */
const readers: Readonly<Record<string, { readonly group: string; readonly kind: string }>> = {
  azurerm_stream_analytics_stream_input_eventhub_v2: { group: "eventhub_consumer_group_name", kind: "job" },
  azurerm_stream_analytics_stream_input_eventhub: { group: "eventhub_consumer_group_name", kind: "job" },
  azurerm_kusto_eventhub_data_connection: { group: "consumer_group", kind: "data-explorer" },
  azurerm_kusto_eventgrid_data_connection: { group: "eventhub_consumer_group_name", kind: "data-explorer" },
};

/** Each consumer group of the topology exists, names its reader, and is read by that one reader alone. */
export function checkConsumerGroups(stage: SynthesisedStage, hubs = topology.eventHubs.hubs): Finding[] {
  const resolver = new ReferenceResolver(stage);
  const findings: Finding[] = [];
  const groups = stage.resources.filter(({ type }) => type === "azurerm_eventhub_consumer_group");
  const hubOf = (resource: SynthesisedResource) =>
    resolver.literal(resource.stack, resource.args["eventhub_name"]) ?? "";
  const byName = new Map<string, SynthesisedResource[]>();
  for (const group of groups) {
    const name = `${hubOf(group)}/${String(group.args["name"])}`;
    byName.set(name, [...(byName.get(name) ?? []), group]);
  }
  if (stage.stacks.some(({ shortName }) => shortName === "ingestion")) {
    for (const hub of hubs) {
      for (const { name, reader } of hub.consumerGroups) {
        const found = byName.get(`${hub.name}/${name}`) ?? [];
        if (found.length !== 1) {
          findings.push({
            check: "graph.consumer-group",
            stack: `${stage.name}-ingestion`,
            address: `consumer group ${hub.name}/${name}`,
            path: `${stage.name}-ingestion`,
            message: `the topology's consumer group "${name}" of hub "${hub.name}" is synthesised ${found.length} times`,
          });
        } else if (found[0]!.args["user_metadata"] !== reader) {
          findings.push(
            about(found[0]!, "graph.consumer-group", `user_metadata must name the reader "${reader}"`),
          );
        }
      }
    }
  }
  for (const resource of stage.resources) {
    if (resource.type !== "azurerm_eventhub") continue;
    const own = groups.filter(
      (group) => resolver.target(group.stack, group.args["eventhub_name"])?.resource.key === resource.key,
    );
    if (own.length === 0)
      findings.push(about(resource, "graph.consumer-group", "has no consumer group: nothing reads it"));
  }
  const readBy = new Map<string, SynthesisedResource[]>();
  for (const resource of stage.resources) {
    const how = readers[resource.type];
    if (how === undefined) continue;
    const value = resource.args[how.group];
    const literal = resolver.literal(resource.stack, value);
    const group = resolver.target(resource.stack, value)?.resource;
    if (group === undefined || group.type !== "azurerm_eventhub_consumer_group") {
      const text = `${how.group} ${JSON.stringify(literal ?? value ?? null)} is no consumer group of its own`;
      findings.push(about(resource, "graph.consumer-group-reader", text));
      continue;
    }
    readBy.set(group.key, [...(readBy.get(group.key) ?? []), resource]);
    const declared = String(group.args["user_metadata"] ?? "");
    if (!declared.startsWith(how.kind)) {
      const text = `reads group "${String(group.args["name"])}", which belongs to "${declared}"`;
      findings.push(about(resource, "graph.consumer-group-reader", text));
    }
  }
  for (const group of groups) {
    const found = readBy.get(group.key) ?? [];
    const declared = String(group.args["user_metadata"] ?? "");
    const kind = Object.values(readers).find((reader) => declared.split(":")[0] === reader.kind)?.kind;
    if (found.length > 1) {
      const names = found.map(({ path }) => path).join(", ");
      findings.push(about(group, "graph.consumer-group-reader", `has ${found.length} readers: ${names}`));
    } else if (found.length === 0 && kind !== undefined && hasStackOf(stage, kind)) {
      findings.push(about(group, "graph.consumer-group-reader", `its reader "${declared}" does not read it`));
    }
    const [declaredKind, reader] = declared.split(":");
    if (declaredKind === "function" && !readsGroup(reader, hubOf(group), String(group.args["name"]))) {
      const text = `the topology has no function "${reader}" that reads it`;
      findings.push(about(group, "graph.consumer-group-reader", text));
    }
    if (declaredKind === "function" && found.length > 0) {
      findings.push(
        about(
          group,
          "graph.consumer-group-reader",
          `belongs to "${declared}" and is read by ${found[0]!.path}`,
        ),
      );
    }
  }
  return findings;
}

const readsGroup = (reader: string | undefined, hub: string, group: string): boolean =>
  topology.functions.some((item) => item.name === reader && item.hub === hub && item.consumerGroup === group);

const hasStackOf = (stage: SynthesisedStage, kind: string): boolean =>
  stage.stacks.some(({ shortName }) => shortName === (kind === "job" ? "speed" : "analytics"));
