import { StorageAccount } from "@cdktf/provider-azurerm/lib/storage-account";
import { StorageAccountCustomerManagedKeyA } from "@cdktf/provider-azurerm/lib/storage-account-customer-managed-key";
import { StorageContainer } from "@cdktf/provider-azurerm/lib/storage-container";
import type { Construct } from "../../bindings/cdktf";
import { renameArgument } from "../../bindings/renamed";
import type { EncryptionReference } from "../../stacks/identity-stack";
import { guard } from "../guard";
import { Service, type Surroundings } from "../service";

export type StorageSubresource = "blob" | "dfs" | "queue" | "table";

export interface KeylessStorageAccountProps extends Surroundings {
  /** Word in the account's name. */
  readonly what: string;
  readonly replication: "LRS" | "ZRS" | "GZRS";
  /** Hierarchical namespace: Data Lake Gen2. @default false */
  readonly hierarchical?: boolean;
  /** Containers to make. */
  readonly containers: readonly string[];
  /** Subresources that get a private endpoint. */
  readonly endpoints: readonly StorageSubresource[];
  /** The platform's key and the identity that may use it; null keeps Microsoft's key. */
  readonly encryption: EncryptionReference | null;
}

/**
 * A storage account without keys: Entra tokens only, TLS 1.2, no anonymous access, shut to networks other than the
 * stage's own and trusted services; blobs and containers can be restored for 30 days.
 */
export class KeylessStorageAccount extends Service {
  readonly account: StorageAccount;
  readonly #containers = new Map<string, StorageContainer>();

  constructor(scope: Construct, id: string, props: KeylessStorageAccountProps) {
    super(scope, id, props);
    const { isPrivate, deployment } = this.stack;
    const { encryption } = props;
    this.account = new StorageAccount(this, "account", {
      ...this.place,
      name: this.stack.nameOf("storage", props.what),
      accountKind: "StorageV2",
      accountTier: "Standard",
      accountReplicationType: props.replication,
      isHnsEnabled: props.hierarchical ?? false,
      sharedAccessKeyEnabled: false,
      defaultToOauthAuthentication: true,
      minTlsVersion: "TLS1_2",
      httpsTrafficOnlyEnabled: true,
      allowNestedItemsToBePublic: false,
      crossTenantReplicationEnabled: false,
      localUserEnabled: false,
      infrastructureEncryptionEnabled: true,
      publicNetworkAccessEnabled: !isPrivate,
      networkRules: {
        defaultAction: "Deny",
        bypass: ["AzureServices"],
        ...(!isPrivate && { ipRules: [...deployment.developerCidrs] }),
      },
      blobProperties: {
        deleteRetentionPolicy: { days: 30 },
        containerDeleteRetentionPolicy: { days: 30 },
      },
      sasPolicy: { expirationPeriod: "00.01:00:00", expirationAction: "Log" },
      ...(encryption !== null && {
        identity: { type: "UserAssigned", identityIds: [encryption.identityId] },
      }),
    });
    guard(this.account);
    if (encryption !== null) {
      const key = new StorageAccountCustomerManagedKeyA(this, "encryption", {
        storageAccountId: this.account.id,
        keyName: "platform",
        userAssignedIdentityId: encryption.identityId,
      });
      key.addOverride("key_name", undefined);
      renameArgument(key, "key_vault_id", "key_vault_key_id", encryption.keyId);
    }
    for (const name of props.containers) {
      const container = new StorageContainer(this, `container-${name}`, {
        name,
        storageAccountId: this.account.id,
        containerAccessType: "private",
      });
      guard(container);
      this.#containers.set(name, container);
    }
    this.connectPrivately(props.what, this.account.id, ...props.endpoints);
    this.diagnose(props.what, this.account.id, { logs: false });
    this.diagnose(`${props.what}-blob`, `${this.account.id}/blobServices/default`);
  }

  /** Resource Manager id of the container: the scope of role edges. @throws RangeError when there is none */
  containerId(name: string): string {
    const found = this.#containers.get(name);
    if (found === undefined) throw new RangeError(`the storage account has no container "${name}"`);
    return found.id;
  }
}
