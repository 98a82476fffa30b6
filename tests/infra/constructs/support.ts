import { Testing } from "../../../infra/bindings/cdktf";
import { deployment } from "../../../infra/config/deployment";
import { type StageName, stages } from "../../../infra/config/stages";
import type { Surroundings } from "../../../infra/constructs/service";
import type { EncryptionReference, IdentityReference } from "../../../infra/stacks/identity-stack";
import { PlatformStack } from "../../../infra/stacks/platform-stack";

/** An empty stack of a stage, to put one construct into. */
export function stackOf(stage: StageName = "prod"): PlatformStack {
  return new PlatformStack(Testing.app(), "test", { stage: stages[stage], deployment });
}

export const surroundings: Surroundings = {
  network: {
    virtualNetworkId: "vnet-id",
    subnetId: (name) => `subnet-${name}`,
    subnetName: (name) => `snet-${name}`,
    securityGroupAssociationId: (name) => `association-${name}`,
    privateLink: { endpointSubnetId: "subnet-endpoints", zoneId: (zone) => `zone:${zone}` },
  },
  observability: {
    workspaceId: "workspace-id",
    workspaceName: "log",
    privateScopeName: "ampls",
    actionGroupId: "ag-id",
  },
};

export const identity: IdentityReference = {
  id: "identity-id",
  principalId: "principal-id",
  clientId: "client-id",
};

export const encryption: EncryptionReference = {
  keyId: "https://kv.vault.azure.net/keys/platform",
  versionedKeyId: "https://kv.vault.azure.net/keys/platform/1",
  keyName: "platform",
  keyVaultId: "vault-id",
  identityId: "encryption-identity-id",
};

type Resource = Readonly<Record<string, unknown>>;

/** The synthesised resources of a type, in the order of their names. */
export function resources(stack: PlatformStack, type: string): Resource[] {
  const json = JSON.parse(Testing.synth(stack)) as {
    readonly resource?: Readonly<Record<string, Readonly<Record<string, Resource>>>>;
  };
  return Object.entries(json.resource?.[type] ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, resource]) => resource);
}

/** The one resource of a type. @throws Error when there is none or more than one */
export function only(stack: PlatformStack, type: string): Resource {
  const found = resources(stack, type);
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type}`);
  return found[0]!;
}
