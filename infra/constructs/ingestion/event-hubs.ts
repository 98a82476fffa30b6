import { Eventhub } from "@cdktf/provider-azurerm/lib/eventhub";
import { EventhubConsumerGroup } from "@cdktf/provider-azurerm/lib/eventhub-consumer-group";
import { EventhubNamespace } from "@cdktf/provider-azurerm/lib/eventhub-namespace";
import { EventhubNamespaceCustomerManagedKey } from "@cdktf/provider-azurerm/lib/eventhub-namespace-customer-managed-key";
import { EventhubNamespaceSchemaGroup } from "@cdktf/provider-azurerm/lib/eventhub-namespace-schema-group";
import { type EventHub, topology } from "../../../contracts";
import type { Construct } from "../../bindings/cdktf";
import type { StageConfig } from "../../config/stages";
import type { EncryptionReference } from "../../stacks/identity-stack";
import type { LakeOutputs } from "../../stacks/lake-stack";
import { guard } from "../guard";
import { RoleEdge } from "../identity/role-edge";
import { Service, type Surroundings } from "../service";

export interface EventHubsProps extends Surroundings {
  readonly sizes: StageConfig["eventHubs"];
  readonly hubs: readonly EventHub[];
  readonly lake: LakeOutputs;
  readonly encryption: EncryptionReference | null;
}

/** The namespace (AMQP and Kafka), its hubs with Capture to the lake, consumer groups and the schema registry's group. */
export class EventHubs extends Service {
  readonly namespace: EventhubNamespace;
  readonly #hubs = new Map<string, Eventhub>();
  readonly #groups = new Map<string, EventhubConsumerGroup>();

  constructor(scope: Construct, id: string, props: EventHubsProps) {
    super(scope, id, props);
    const { isPrivate, deployment, nameOf } = this.stack;
    const { sizes, encryption } = props;
    this.namespace = new EventhubNamespace(this, "namespace", {
      ...this.place,
      name: nameOf("eventHubsNamespace"),
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
          ipRule: isPrivate ? [] : deployment.developerCidrs.map((ipMask) => ({ ipMask, action: "Allow" })),
        },
      ],
      identity:
        encryption === null
          ? { type: "SystemAssigned" }
          : { type: "SystemAssigned, UserAssigned", identityIds: [encryption.identityId] },
    });
    guard(this.namespace);
    if (encryption !== null && sizes.sku === "Premium") {
      new EventhubNamespaceCustomerManagedKey(this, "encryption", {
        eventhubNamespaceId: this.namespace.id,
        keyVaultKeyIds: [encryption.keyId],
        userAssignedIdentityId: encryption.identityId,
        infrastructureEncryptionEnabled: true,
      });
    }
    this.connectPrivately("event-hubs", this.namespace.id, "namespace");
    this.diagnose("event-hubs", this.namespace.id);
    new EventhubNamespaceSchemaGroup(this, "schemas", {
      name: "events",
      namespaceId: this.namespace.id,
      schemaCompatibility: "Backward",
      schemaType: "Avro",
    });
    this.#addHubs(props);
  }

  /** The hub of that name. @throws RangeError when the topology has none */
  hub(name: string): Eventhub {
    const found = this.#hubs.get(name);
    if (found === undefined) throw new RangeError(`the topology has no hub "${name}"`);
    return found;
  }

  /** The consumer group of that name. @throws RangeError when the topology has none */
  group(hub: string, name: string): EventhubConsumerGroup {
    const found = this.#groups.get(`${hub}/${name}`);
    if (found === undefined)
      throw new RangeError(`the topology has no consumer group "${name}" of hub "${hub}"`);
    return found;
  }

  #addHubs(props: EventHubsProps): void {
    const { topologyStage } = this.stack.stage;
    const capture = new RoleEdge(this, "role-capture", {
      role: "Storage Blob Data Contributor",
      principalId: this.namespace.identity.principalId,
      scope: props.lake.containerId("capture"),
      edge: "event hubs capture -> lake",
    });
    for (const hub of props.hubs) {
      const made = new Eventhub(this, `hub-${hub.name}`, {
        name: hub.name,
        namespaceId: this.namespace.id,
        partitionCount: hub.partitions[topologyStage],
        retentionDescription: {
          cleanupPolicy: "Delete",
          retentionTimeInHours: hub.retentionHours[topologyStage],
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
      this.#hubs.set(hub.name, made);
      for (const group of hub.consumerGroups) {
        this.#groups.set(
          `${hub.name}/${group.name}`,
          new EventhubConsumerGroup(this, `group-${hub.name}-${group.name}`, {
            name: group.name,
            namespaceName: this.namespace.name,
            eventhubName: made.name,
            resourceGroupName: this.place.resourceGroupName,
            userMetadata: group.reader,
          }),
        );
      }
    }
  }
}
