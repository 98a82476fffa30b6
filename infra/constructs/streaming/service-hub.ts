import { Eventhub } from "@cdktf/provider-azurerm/lib/eventhub";
import { EventhubConsumerGroup } from "@cdktf/provider-azurerm/lib/eventhub-consumer-group";
import { Construct } from "../../bindings/cdktf";
import type { IngestionOutputs } from "../../stacks/ingestion-stack";
import { PlatformStack } from "../../stacks/platform-stack";
import { guard } from "../guard";

export interface ServiceHubProps {
  readonly ingestion: Pick<IngestionOutputs, "namespaceId" | "namespaceName">;
  readonly name: string;
  /** The one reader and its consumer group. */
  readonly reader: { readonly group: string; readonly who: string };
}

/** An event hub between two services of Azure, which the topology of the workloads does not know. */
export class ServiceHub extends Construct {
  readonly hub: Eventhub;
  readonly group: EventhubConsumerGroup;

  constructor(scope: Construct, id: string, props: ServiceHubProps) {
    super(scope, id);
    const stack = PlatformStack.of(this) as PlatformStack;
    this.hub = new Eventhub(this, "hub", {
      name: props.name,
      namespaceId: props.ingestion.namespaceId,
      partitionCount: 2,
      retentionDescription: { cleanupPolicy: "Delete", retentionTimeInHours: 24 },
    });
    guard(this.hub);
    this.group = new EventhubConsumerGroup(this, "group", {
      name: props.reader.group,
      namespaceName: props.ingestion.namespaceName,
      eventhubName: this.hub.name,
      resourceGroupName: stack.group.name,
      userMetadata: props.reader.who,
    });
  }
}
