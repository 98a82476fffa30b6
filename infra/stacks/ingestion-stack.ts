import { Eventhub } from "@cdktf/provider-azurerm/lib/eventhub";
import { EventhubConsumerGroup } from "@cdktf/provider-azurerm/lib/eventhub-consumer-group";
import { EventhubNamespace } from "@cdktf/provider-azurerm/lib/eventhub-namespace";
import { Iothub } from "@cdktf/provider-azurerm/lib/iothub";
import { IothubEndpointEventhub } from "@cdktf/provider-azurerm/lib/iothub-endpoint-eventhub";
import { IothubFallbackRouteA } from "@cdktf/provider-azurerm/lib/iothub-fallback-route";
import { IothubRouteA } from "@cdktf/provider-azurerm/lib/iothub-route";
import { topology } from "../../contracts";
import type { Construct } from "../bindings/cdktf";
import { guard } from "../constructs/guard";
import { RoleEdge } from "../constructs/identity/role-edge";
import { PrivateLink } from "../constructs/network/private-link";
import { Diagnostics } from "../constructs/observability/diagnostics";
import type { LakeOutputs } from "./lake-stack";
import type { NetworkOutputs } from "./network-stack";
import type { ObservabilityOutputs } from "./observability-stack";
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

export interface IngestionStackProps extends PlatformStackProps {
  readonly network: NetworkOutputs;
  readonly observability: ObservabilityOutputs;
  readonly lake: LakeOutputs;
}

/** Event Hubs with Capture to the lake, and the IoT Hub that routes device messages into them. */
export class IngestionStack extends PlatformStack {
  readonly outputs: IngestionOutputs;

  constructor(scope: Construct, props: IngestionStackProps) {
    super(scope, "ingestion", props);
    const { place, isPrivate } = this;
    const sizes = this.stage.eventHubs;
    const namespace = new EventhubNamespace(this, "namespace", {
      ...place,
      name: this.nameOf("eventHubsNamespace"),
      sku: sizes.sku,
      capacity: sizes.sku === "Standard" ? sizes.throughputUnits : sizes.processingUnits,
      ...(sizes.sku === "Standard" && {
        autoInflateEnabled: true,
        maximumThroughputUnits: sizes.maximumThroughputUnits,
        // Auto-inflate moves the units; a plan must not move them back.
        lifecycle: { ignoreChanges: ["capacity"] },
      }),
      localAuthenticationEnabled: false,
      minimumTlsVersion: "1.2",
      publicNetworkAccessEnabled: !isPrivate,
      networkRulesets: [
        {
          defaultAction: "Deny",
          trustedServiceAccessEnabled: true,
          publicNetworkAccessEnabled: !isPrivate,
          virtualNetworkRule: [],
          ipRule: isPrivate
            ? []
            : this.deployment.developerCidrs.map((ipMask) => ({ ipMask, action: "Allow" })),
        },
      ],
      identity: { type: "SystemAssigned" },
    });
    guard(namespace);
    new Diagnostics(this, "namespace-diagnostics", {
      name: "to-workspace-ingestion",
      targetId: namespace.id,
      workspaceId: props.observability.workspaceId,
    });
    if (isPrivate) {
      new PrivateLink(this, "namespace-link", {
        ...place,
        name: this.nameOf("privateEndpoint", "event-hubs"),
        resourceId: namespace.id,
        subresource: "namespace",
        network: props.network.privateLink,
      });
    }
    const capture = new RoleEdge(this, "role-capture", {
      role: "Storage Blob Data Contributor",
      principalId: namespace.identity.principalId,
      scope: props.lake.containerId("capture"),
      edge: "event hubs capture -> lake",
    });

    const hubs = new Map<string, Eventhub>();
    const groups = new Map<string, EventhubConsumerGroup>();
    for (const hub of topology.eventHubs.hubs) {
      const made = new Eventhub(this, `hub-${hub.name}`, {
        name: hub.name,
        namespaceId: namespace.id,
        partitionCount: hub.partitions[this.stage.topologyStage],
        retentionDescription: {
          cleanupPolicy: "Delete",
          retentionTimeInHours: hub.retentionHours[this.stage.topologyStage],
        },
        ...(hub.capture !== undefined && {
          captureDescription: {
            enabled: true,
            encoding: "Avro",
            intervalInSeconds: hub.capture.intervalSeconds,
            sizeLimitInBytes: hub.capture.sizeLimitBytes,
            // An empty file is how the batch layer learns that nothing came.
            skipEmptyArchives: false,
            destination: {
              name: "EventHubArchive.AzureBlockBlob",
              archiveNameFormat: topology.lake.captureNameFormat,
              blobContainerName: hub.capture.container,
              storageAccountId: props.lake.accountId,
            },
          },
          dependsOn: [capture.assignment],
        }),
      });
      if (hub.capture !== undefined) {
        // The default is a shared access signature, and the lake refuses those.
        made.addOverride("capture_description.destination.storage_authentication_type", "SystemAssigned");
      }
      guard(made);
      hubs.set(hub.name, made);
      for (const group of hub.consumerGroups) {
        groups.set(
          `${hub.name}/${group.name}`,
          new EventhubConsumerGroup(this, `group-${hub.name}-${group.name}`, {
            name: group.name,
            namespaceName: namespace.name,
            eventhubName: made.name,
            resourceGroupName: this.group.name,
            userMetadata: group.reader,
          }),
        );
      }
    }

    const iotHub = this.#iotHub(props, namespace, hubs);
    const found = <T>(map: Map<string, T>, key: string): T => {
      const value = map.get(key);
      if (value === undefined) throw new RangeError(`the topology has no "${key}"`);
      return value;
    };
    this.outputs = {
      namespaceId: namespace.id,
      namespaceName: namespace.name,
      hubId: (hub) => found(hubs, hub).id,
      hubName: (hub) => found(hubs, hub).name,
      consumerGroupName: (hub, group) => found(groups, `${hub}/${group}`).name,
      iotHubId: iotHub.id,
      iotHubName: iotHub.name,
    };
  }

  #iotHub(props: IngestionStackProps, namespace: EventhubNamespace, hubs: Map<string, Eventhub>): Iothub {
    const { place, isPrivate } = this;
    const iotHub = new Iothub(this, "iot-hub", {
      ...place,
      name: this.nameOf("iotHub"),
      sku: { name: this.stage.iotHub.sku, capacity: this.stage.iotHub.units },
      eventHubPartitionCount: 4,
      eventHubRetentionInDays: 1,
      localAuthenticationEnabled: false,
      minTlsVersion: "1.2",
      publicNetworkAccessEnabled: !isPrivate,
      identity: { type: "SystemAssigned" },
      cloudToDevice: { maxDeliveryCount: 10, defaultTtl: "PT1H" },
      networkRuleSet: [
        {
          defaultAction: "Deny",
          applyToBuiltinEventhubEndpoint: true,
          ipRule: isPrivate
            ? []
            : this.deployment.developerCidrs.map((ipMask, index) => ({
                name: `developer-${index}`,
                ipMask,
                action: "Allow",
              })),
        },
      ],
    });
    guard(iotHub);
    new Diagnostics(this, "iot-hub-diagnostics", {
      name: "to-workspace-iot",
      targetId: iotHub.id,
      workspaceId: props.observability.workspaceId,
    });
    if (isPrivate) {
      new PrivateLink(this, "iot-hub-link", {
        ...place,
        name: this.nameOf("privateEndpoint", "iot-hub"),
        resourceId: iotHub.id,
        subresource: "iotHub",
        network: props.network.privateLink,
      });
    }
    let previous: IothubRouteA | undefined;
    for (const route of topology.iotHub.routes) {
      const hub = hubs.get(route.hub)!;
      const sender = new RoleEdge(this, `role-iot-${route.name}`, {
        role: "Azure Event Hubs Data Sender",
        principalId: iotHub.identity.principalId,
        scope: hub.id,
        edge: `iot hub -> hub ${route.hub}`,
      });
      const endpoint = new IothubEndpointEventhub(this, `endpoint-${route.name}`, {
        name: route.name,
        resourceGroupName: this.group.name,
        iothubId: iotHub.id,
        authenticationType: "identityBased",
        endpointUri: `sb://${namespace.name}.servicebus.windows.net`,
        entityPath: hub.name,
        subscriptionId: this.deployment.subscriptionId,
        dependsOn: [sender.assignment],
      });
      // Every route locks the hub, so they follow one another.
      previous = new IothubRouteA(this, `route-${route.name}`, {
        name: route.name,
        resourceGroupName: this.group.name,
        iothubName: iotHub.name,
        source: route.source,
        condition: route.condition,
        endpointNames: [endpoint.name],
        enabled: true,
        ...(previous !== undefined && { dependsOn: [previous] }),
      });
    }
    new IothubFallbackRouteA(this, "fallback", {
      resourceGroupName: this.group.name,
      iothubName: iotHub.name,
      source: "DeviceMessages",
      condition: "true",
      endpointNames: ["events"],
      enabled: true,
      ...(previous !== undefined && { dependsOn: [previous] }),
    });
    return iotHub;
  }
}
