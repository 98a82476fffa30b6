import { KeyVault } from "@cdktf/provider-azurerm/lib/key-vault";
import { KeyVaultKey } from "@cdktf/provider-azurerm/lib/key-vault-key";
import { UserAssignedIdentity } from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import type { Construct } from "../bindings/cdktf";
import { guard } from "../constructs/guard";
import { RoleEdge } from "../constructs/identity/role-edge";
import { PrivateLink } from "../constructs/network/private-link";
import { Diagnostics } from "../constructs/observability/diagnostics";
import type { NetworkOutputs } from "./network-stack";
import type { ObservabilityOutputs } from "./observability-stack";
import { PlatformStack, type PlatformStackProps } from "./platform-stack";

/** Workloads with an identity of their own; made before everything else, so that roles have spread before use. */
export const workloadIdentities = [
  "functions",
  "stream-analytics",
  "data-factory",
  "databricks",
  "machine-learning",
  "provisioning",
  "hdinsight",
  "encryption",
] as const;

export type WorkloadIdentity = (typeof workloadIdentities)[number];

/** An identity as other stacks name it. */
export interface IdentityReference {
  readonly id: string;
  readonly principalId: string;
  readonly clientId: string;
}

/** The stage's encryption key and the identity that may use it. */
export interface EncryptionReference {
  /** Versionless id of the key. */
  readonly keyId: string;
  /** Id with its version, for the services that insist on one and follow rotations themselves. */
  readonly versionedKeyId: string;
  readonly keyName: string;
  readonly keyVaultId: string;
  readonly identityId: string;
}

/** What other stacks take from identity. */
export interface IdentityOutputs {
  readonly identity: (name: WorkloadIdentity) => IdentityReference;
  readonly keyVaultId: string;
  readonly keyVaultName: string;
  /** The stage's own encryption key; null where it uses Microsoft's. */
  readonly encryption: EncryptionReference | null;
}

export interface IdentityStackProps extends PlatformStackProps {
  readonly network: NetworkOutputs;
  readonly observability: ObservabilityOutputs;
}

/** Identities of the workloads, the key vault, and the stage's encryption key. */
export class IdentityStack extends PlatformStack {
  readonly outputs: IdentityOutputs;

  constructor(scope: Construct, props: IdentityStackProps) {
    super(scope, "identity", props);
    const { place, isPrivate } = this;
    const identities = new Map<WorkloadIdentity, UserAssignedIdentity>();
    for (const name of workloadIdentities) {
      identities.set(
        name,
        new UserAssignedIdentity(this, `identity-${name}`, { ...place, name: this.nameOf("identity", name) }),
      );
    }
    const vault = new KeyVault(this, "vault", {
      ...place,
      name: this.nameOf("keyVault"),
      tenantId: this.deployment.tenantId,
      // A key that a machine made cannot be stored in hardware by the standard vault.
      skuName: this.stage.flags.cmk ? "premium" : "standard",
      rbacAuthorizationEnabled: true,
      purgeProtectionEnabled: true,
      softDeleteRetentionDays: 90,
      publicNetworkAccessEnabled: !isPrivate,
      networkAcls: {
        bypass: "AzureServices",
        defaultAction: "Deny",
        ...(!isPrivate && { ipRules: [...this.deployment.developerCidrs] }),
      },
    });
    guard(vault);
    new Diagnostics(this, "vault-diagnostics", {
      name: "to-workspace-identity",
      targetId: vault.id,
      workspaceId: props.observability.workspaceId,
    });
    if (isPrivate) {
      new PrivateLink(this, "vault-link", {
        ...place,
        name: this.nameOf("privateEndpoint", "vault"),
        resourceId: vault.id,
        subresource: "vault",
        network: props.network.privateLink,
      });
    }
    let key: KeyVaultKey | undefined;
    if (this.stage.flags.cmk) {
      const role = new RoleEdge(this, "encryption-role", {
        role: "Key Vault Crypto Service Encryption User",
        principalId: identities.get("encryption")!.principalId,
        scope: vault.id,
        edge: "encryption -> key vault",
      });
      key = new KeyVaultKey(this, "encryption-key", {
        name: "platform",
        keyVaultId: vault.id,
        keyType: "RSA-HSM",
        keySize: 3072,
        keyOpts: ["unwrapKey", "wrapKey"],
        expirationDate: "2028-12-31T00:00:00Z",
        rotationPolicy: {
          expireAfter: "P2Y",
          notifyBeforeExpiry: "P30D",
          automatic: { timeBeforeExpiry: "P60D" },
        },
        tags: this.tags,
        dependsOn: [role.assignment],
      });
      guard(key);
    }
    this.outputs = {
      identity: (name) => {
        const found = identities.get(name)!;
        return { id: found.id, principalId: found.principalId, clientId: found.clientId };
      },
      keyVaultId: vault.id,
      keyVaultName: vault.name,
      encryption:
        key === undefined
          ? null
          : {
              keyId: key.versionlessId,
              versionedKeyId: `${key.versionlessId}/${key.version}`,
              keyName: "platform",
              keyVaultId: vault.id,
              identityId: identities.get("encryption")!.id,
            },
    };
  }
}
