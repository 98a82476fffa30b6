import type { Construct } from "../bindings/cdktf";
import type { Surroundings } from "../constructs/service";
import { Synapse } from "../constructs/warehouse/synapse";
import type { IdentityOutputs } from "./identity-stack";
import type { LakeOutputs } from "./lake-stack";
import { PlatformStack, type PlatformStackProps } from "./platform-stack";

/** What other stacks take from the warehouse. */
export interface WarehouseOutputs {
  readonly synapseWorkspaceId: string;
  readonly synapseWorkspaceName: string;
}

export interface WarehouseStackProps extends PlatformStackProps, Surroundings {
  readonly identity: IdentityOutputs;
  readonly lake: LakeOutputs;
}

/** Synapse over the lake. Its data plane (roles, linked services, views) is the bootstrap program's, not Terraform's. */
export class WarehouseStack extends PlatformStack {
  readonly outputs: WarehouseOutputs;

  constructor(scope: Construct, props: WarehouseStackProps) {
    super(scope, "warehouse", props);
    const { identity } = props;
    const { workspace } = new Synapse(this, "synapse", {
      network: props.network,
      observability: props.observability,
      lake: props.lake,
      sizes: this.stage.synapse,
      dedicatedPool: this.stage.flags.synapseDedicatedPool,
      encryption: identity.encryption,
    });
    this.outputs = { synapseWorkspaceId: workspace.id, synapseWorkspaceName: workspace.name };
  }
}
