import { type FunctionBinding, topology } from "../../contracts";
import { about, type Finding } from "./finding";
import { ReferenceResolver } from "./references";
import { type RoleEdge, roleEdgesOf } from "./role-edges";
import { blocksOf, type JsonValue, type SynthesisedResource, type SynthesisedStage } from "./synthesis";

const receiver = ["Azure Event Hubs Data Receiver", "Azure Event Hubs Data Owner"];
const sender = ["Azure Event Hubs Data Sender", "Azure Event Hubs Data Owner"];
const blobWriter = ["Storage Blob Data Contributor", "Storage Blob Data Owner"];
const blobReader = ["Storage Blob Data Reader", ...blobWriter];

/** Services that a function names as a whole, the resource of each in a stage, and the roles that let it in. */
const functionServices: Readonly<
  Record<string, { readonly type: string; readonly roles: readonly string[] }>
> = {
  "digital-twins": { type: "azurerm_digital_twins_instance", roles: ["Azure Digital Twins Data Owner"] },
  "data-explorer": { type: "azurerm_kusto_database", roles: ["Kusto database Viewer"] },
  "logic-app": { type: "Microsoft.Logic/workflows", roles: ["Reader"] },
};

/**
 * Holds the flow that the resources and the topology describe against the permissions that exist: whoever reads or
 * writes has the role for it on that resource or on what holds it.
 */
export function checkFlowRoles(stage: SynthesisedStage): Finding[] {
  return new FlowRoles(stage).check();
}

class FlowRoles {
  readonly #stage: SynthesisedStage;
  readonly #resolver: ReferenceResolver;
  readonly #edges: readonly RoleEdge[];
  readonly #findings: Finding[] = [];

  constructor(stage: SynthesisedStage) {
    this.#stage = stage;
    this.#resolver = new ReferenceResolver(stage);
    this.#edges = roleEdgesOf(stage);
  }

  check(): Finding[] {
    for (const resource of this.#stage.resources) {
      const { args, stack } = resource;
      switch (resource.type) {
        case "azurerm_eventhub":
          for (const capture of blocksOf(args["capture_description"])) {
            for (const destination of blocksOf(capture["destination"])) {
              const container = String(destination["blob_container_name"]);
              this.#need(
                resource,
                this.#owner(stack, args["namespace_id"]),
                container,
                blobWriter,
                "Capture writes",
              );
            }
          }
          break;
        case "azurerm_iothub_endpoint_eventhub":
          this.#need(
            resource,
            this.#owner(stack, args["iothub_id"]),
            this.#label(stack, args["entity_path"]),
            sender,
            "the route sends",
          );
          break;
        case "azurerm_stream_analytics_stream_input_eventhub_v2":
          this.#need(
            resource,
            this.#jobIdentity(resource),
            this.#label(stack, args["eventhub_name"]),
            receiver,
            "the input reads",
          );
          break;
        case "azurerm_stream_analytics_output_eventhub":
          this.#need(
            resource,
            this.#jobIdentity(resource),
            this.#label(stack, args["eventhub_name"]),
            sender,
            "the output sends",
          );
          break;
        case "azurerm_stream_analytics_reference_input_blob":
          this.#need(
            resource,
            this.#jobIdentity(resource),
            this.#label(stack, args["storage_container_name"]),
            blobReader,
            "the reference input reads",
          );
          break;
        case "azurerm_stream_analytics_output_blob":
          this.#need(
            resource,
            this.#jobIdentity(resource),
            this.#label(stack, args["storage_container_name"]),
            blobWriter,
            "the output writes",
          );
          break;
        case "azurerm_stream_analytics_output_cosmosdb":
          this.#need(
            resource,
            this.#jobIdentity(resource),
            this.#label(stack, args["container_name"]),
            ["Cosmos DB Built-in Data Contributor"],
            "the output writes",
          );
          break;
        case "azurerm_kusto_eventhub_data_connection":
          this.#need(
            resource,
            this.#label(stack, args["identity_id"] ?? args["cluster_name"]),
            this.#label(stack, args["eventhub_id"]),
            receiver,
            "the connection reads",
          );
          break;
        case "azurerm_eventgrid_system_topic_event_subscription":
          if (args["eventhub_endpoint_id"] !== undefined) {
            this.#need(
              resource,
              this.#label(stack, args["system_topic"]),
              this.#label(stack, args["eventhub_endpoint_id"]),
              sender,
              "the subscription sends",
            );
          }
          break;
      }
    }
    if (this.#stage.stacks.some(({ shortName }) => shortName === "speed")) this.#functions();
    return this.#findings;
  }

  /** What the topology's functions read and write. */
  #functions(): void {
    const identity = this.#stage.resources.find(
      ({ type, path }) => type === "azurerm_user_assigned_identity" && /identity-functions/.test(path),
    );
    if (identity === undefined) return;
    const principal = this.#path(identity);
    for (const item of topology.functions) {
      const entry: FunctionBinding = item;
      // A stage without the service does not register the function.
      if (entry.requires === "digital-twins" && this.#place("azurerm_digital_twins_instance") === undefined)
        continue;
      const why = (verb: string) => `function ${entry.name} ${verb}`;
      if (entry.hub !== undefined)
        this.#need(identity, principal, this.#hub(entry.hub), receiver, why("reads"));
      for (const container of [entry.container, entry.leases]) {
        if (container !== undefined) {
          this.#need(identity, principal, container, ["Cosmos DB Built-in Data Contributor"], why("follows"));
        }
      }
      for (const [list, verb] of [
        [entry.writes ?? [], "writes"],
        [entry.reads ?? [], "reads"],
      ] as const) {
        for (const target of list) {
          const [kind, name] = target.split(":") as [string, string];
          if (kind === "hub") this.#need(identity, principal, this.#hub(name), sender, why(verb));
          for (const [service, { type, roles }] of Object.entries(functionServices)) {
            if (kind === service) this.#need(identity, principal, this.#place(type), roles, why(verb));
          }
          if (kind === "cosmos") {
            const roles = [
              "Cosmos DB Built-in Data Contributor",
              ...(verb === "reads" ? ["Cosmos DB Built-in Data Reader"] : []),
            ];
            this.#need(identity, principal, name, roles, why(verb));
          }
        }
      }
    }
  }

  #need(
    resource: SynthesisedResource,
    principal: string | undefined,
    scope: string | undefined,
    roles: readonly string[],
    why: string,
  ): void {
    const has = this.#edges.some(
      (edge) =>
        roles.includes(edge.role) &&
        (principal === undefined || edge.principal.startsWith(principal)) &&
        scope !== undefined &&
        (edge.scope === scope ||
          edge.scope.endsWith(`/${scope}`) ||
          edge.scope.endsWith(`-${scope}`) ||
          this.#isAround(edge.scope, scope)),
    );
    if (!has) {
      const message = `${why} "${scope ?? "?"}", and "${principal ?? "?"}" has none of: ${roles.join(", ")}`;
      this.#findings.push(about(resource, "graph.flow-role", message));
    }
  }

  /** A role on the namespace holds for its hubs, and one on the Cosmos account or database for its containers. */
  #isAround(edgeScope: string, scope: string): boolean {
    return scope.startsWith(`${edgeScope}/`);
  }

  #jobIdentity(part: SynthesisedResource): string | undefined {
    const job = this.#resolver.target(
      part.stack,
      part.args["stream_analytics_job_id"] ?? part.args["stream_analytics_job_name"],
    )?.resource;
    if (job === undefined) return undefined;
    return this.#identity(job);
  }

  #owner(stack: string, value: JsonValue | undefined): string | undefined {
    const owner = this.#resolver.target(stack, value)?.resource;
    return owner === undefined ? undefined : this.#identity(owner);
  }

  /** The principal of a resource: its user-assigned identity where it has one, else itself. */
  #identity(resource: SynthesisedResource): string | undefined {
    const [identity] = blocksOf(resource.args["identity"]);
    const ids = identity?.["identity_ids"];
    if (identity?.["type"] === "UserAssigned" && Array.isArray(ids)) {
      const assigned = this.#resolver.target(resource.stack, ids[0])?.resource;
      if (assigned !== undefined) return this.#path(assigned);
    }
    return this.#path(resource);
  }

  #label(stack: string, value: JsonValue | undefined): string | undefined {
    const target = this.#resolver.target(stack, value)?.resource;
    return target === undefined ? this.#resolver.literal(stack, value) : this.#path(target);
  }

  #hub(name: string): string | undefined {
    const hub = this.#stage.resources.find(
      ({ type, args }) => type === "azurerm_eventhub" && args["name"] === name,
    );
    return hub === undefined ? undefined : this.#path(hub);
  }

  /** Path of the stage's resource of a type of azurerm or, for what azapi makes, of Resource Manager. */
  #place(type: string): string | undefined {
    const found = this.#stage.resources.find(
      (resource) => resource.type === type || String(resource.args["type"]).split("@")[0] === type,
    );
    return found === undefined ? undefined : this.#path(found);
  }

  #path({ path }: SynthesisedResource): string {
    return path.slice(this.#stage.name.length + 1);
  }
}
