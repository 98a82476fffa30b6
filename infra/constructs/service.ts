import { Construct } from "../bindings/cdktf";
import type { NetworkOutputs } from "../stacks/network-stack";
import type { ObservabilityOutputs } from "../stacks/observability-stack";
import { type Place, PlatformStack } from "../stacks/platform-stack";
import { PrivateLink, type PrivateLinkSubresource } from "./network/private-link";
import { Diagnostics, type DiagnosticsProps } from "./observability/diagnostics";

/** What every service of a stage is connected to: the network for its endpoints, the workspace for its logs. */
export interface Surroundings {
  readonly network: NetworkOutputs;
  readonly observability: ObservabilityOutputs;
}

/** A construct around one Azure service: gives it its place, its diagnostics and its private endpoints. */
export abstract class Service extends Construct {
  protected readonly stack: PlatformStack;
  protected readonly place: Place;
  readonly #surroundings: Surroundings;

  constructor(scope: Construct, id: string, surroundings: Surroundings) {
    super(scope, id);
    this.stack = PlatformStack.of(this) as PlatformStack;
    this.place = this.stack.place;
    this.#surroundings = surroundings;
  }

  /** Sends logs and metrics of the resource to the stage's workspace. */
  protected diagnose(
    what: string,
    targetId: string,
    options: Omit<DiagnosticsProps, "name" | "targetId" | "workspaceId"> = {},
  ): void {
    new Diagnostics(this, `${what}-diagnostics`, {
      name: `to-workspace-${what}`,
      targetId,
      workspaceId: this.#surroundings.observability.workspaceId,
      ...options,
    });
  }

  /** Makes private endpoints for the subresources, where the stage's network is private. */
  protected connectPrivately(
    what: string,
    resourceId: string,
    ...subresources: readonly PrivateLinkSubresource[]
  ): void {
    if (!this.stack.isPrivate) return;
    for (const subresource of subresources) {
      const name =
        subresources.length === 1 ? what : `${what}-${subresource.replaceAll("_", "-").toLowerCase()}`;
      new PrivateLink(this, `${name}-link`, {
        ...this.place,
        name: this.stack.nameOf("privateEndpoint", name),
        resourceId,
        subresource,
        network: this.#surroundings.network.privateLink,
      });
    }
  }
}
