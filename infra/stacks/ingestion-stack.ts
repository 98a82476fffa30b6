import { topology } from "../../contracts";
import type { Construct } from "../bindings/cdktf";
import { RoleEdge } from "../constructs/identity/role-edge";
import { EventHubs } from "../constructs/ingestion/event-hubs";
import { HdinsightKafka } from "../constructs/ingestion/hdinsight-kafka";
import { IotHub } from "../constructs/ingestion/iot-hub";
import type { Surroundings } from "../constructs/service";
import type { IdentityOutputs } from "./identity-stack";
import type { LakeOutputs } from "./lake-stack";
import { PlatformStack, type PlatformStackProps } from "./platform-stack";

/** What other stacks take from ingestion. */
export interface IngestionOutputs {
  readonly namespaceId: string;
  readonly namespaceName: string;
  readonly hubId: (hub: string) => string;
  readonly hubName: (hub: string) => string;
  readonly consumerGroupName: (hub: string, group: string) => string;
  readonly iotHubId: string;
  readonly iotHubName: string;
}

export interface IngestionStackProps extends PlatformStackProps, Surroundings {
  readonly identity: IdentityOutputs;
  readonly lake: LakeOutputs;
}

/** Event Hubs with Capture to the lake, the IoT Hub that routes device messages into them, and Kafka where wanted. */
export class IngestionStack extends PlatformStack {
  readonly outputs: IngestionOutputs;

  constructor(scope: Construct, props: IngestionStackProps) {
    super(scope, "ingestion", props);
    const { identity } = props;
    const surroundings = { network: props.network, observability: props.observability };
    const { flags } = this.stage;
    const eventHubs = new EventHubs(this, "event-hubs", {
      ...surroundings,
      sizes: this.stage.eventHubs,
      hubs: topology.eventHubs.hubs,
      lake: props.lake,
      encryption: identity.encryption,
    });
    const iot = new IotHub(this, "iot", {
      ...surroundings,
      eventHubs,
      provisioning: this.stage.iotHub.provisioning ? identity.identity("provisioning") : null,
    });
    if (flags.hdinsight) {
      new HdinsightKafka(this, "kafka", {
        ...surroundings,
        identity: identity.identity("hdinsight"),
        encryption: identity.encryption,
      });
    }
    for (const { who, hub, sends } of hubEdges()) {
      new RoleEdge(this, `role-${who}-${sends ? "to" : "from"}-${hub}`, {
        role: sends ? "Azure Event Hubs Data Sender" : "Azure Event Hubs Data Receiver",
        principalId: identity.identity(who).principalId,
        scope: eventHubs.hub(hub).id,
        edge: sends ? `${who} -> hub ${hub}` : `hub ${hub} -> ${who}`,
      });
    }
    this.outputs = {
      namespaceId: eventHubs.namespace.id,
      namespaceName: eventHubs.namespace.name,
      hubId: (hub) => eventHubs.hub(hub).id,
      hubName: (hub) => eventHubs.hub(hub).name,
      consumerGroupName: (hub, group) => eventHubs.group(hub, group).name,
      iotHubId: iot.hub.id,
      iotHubName: iot.hub.name,
    };
  }
}

interface HubEdge {
  readonly who: "stream-analytics" | "functions";
  readonly hub: string;
  readonly sends: boolean;
}

/** Which identity reads from or sends to which hub of the topology, once each. */
export function hubEdges(): HubEdge[] {
  const edges: HubEdge[] = [];
  for (const job of topology.jobs) {
    for (const { hub } of job.inputs) edges.push({ who: "stream-analytics", hub, sends: false });
    for (const { hub } of job.outputs)
      if (hub !== undefined) edges.push({ who: "stream-analytics", hub, sends: true });
  }
  for (const binding of topology.functions) {
    if (binding.hub !== undefined) edges.push({ who: "functions", hub: binding.hub, sends: false });
    for (const entry of binding.writes ?? []) {
      if (entry.startsWith("hub:"))
        edges.push({ who: "functions", hub: entry.slice("hub:".length), sends: true });
    }
  }
  return [...new Map(edges.map((edge) => [`${edge.who}/${edge.hub}/${edge.sends}`, edge])).values()];
}
