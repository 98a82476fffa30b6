import { FederatedIdentityCredential } from "@cdktf/provider-azurerm/lib/federated-identity-credential";
import { ManagementLock } from "@cdktf/provider-azurerm/lib/management-lock";
import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { StorageAccount } from "@cdktf/provider-azurerm/lib/storage-account";
import { StorageContainer } from "@cdktf/provider-azurerm/lib/storage-container";
import { UserAssignedIdentity } from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import type { Construct } from "../bindings/cdktf";
import { renameArgument } from "../bindings/renamed";
import { roleGrantCondition } from "../constructs/identity/grantable-roles";
import { RoleEdge } from "../constructs/identity/role-edge";
import { type Place, PlatformStack, type PlatformStackProps } from "./platform-stack";

/** What other stacks take from bootstrap. */
export interface BootstrapOutputs {
  /** Object id of the identity that deploys the stage from the repository's workflows. */
  readonly deployerPrincipalId: string;
  readonly deployerClientId: string;
  readonly stateAccountId: string;
}

/** The stage's resource group, the account of its state, and the identities that deploy and plan it without secrets. */
export class BootstrapStack extends PlatformStack {
  readonly outputs: BootstrapOutputs;

  constructor(scope: Construct, props: PlatformStackProps) {
    super(scope, "bootstrap", props);
    const group = new ResourceGroup(this, "group", {
      name: this.group.name,
      location: this.location,
      tags: this.tags,
      lifecycle: { preventDestroy: this.isProduction },
    });
    const stateGroup = new ResourceGroup(this, "state-group", {
      name: this.nameOf("resourceGroup", "state"),
      location: this.location,
      tags: this.tags,
      lifecycle: { preventDestroy: true },
    });
    const place = { location: this.location, resourceGroupName: stateGroup.name, tags: this.tags };
    const { account, container } = this.#state(place);

    const deployer = new UserAssignedIdentity(this, "deployer", {
      ...place,
      name: this.nameOf("identity", "deployer"),
    });
    const planner = new UserAssignedIdentity(this, "planner", {
      ...place,
      name: this.nameOf("identity", "planner"),
    });
    const repository = `repo:${this.deployment.repository}`;
    this.#trust("deployer", deployer, `${repository}:environment:${this.stage.name}`);
    const pullRequests = this.#trust("planner", planner, `${repository}:pull_request`);
    // Drift is looked for on a schedule. One identity's trusts are written one after another.
    this.#trust("planner-drift", planner, `${repository}:environment:${this.stage.name}-plan`, pullRequests);

    const { principalId } = deployer;
    const of = (role: "Contributor" | "Key Vault Secrets Officer" | "Key Vault Crypto Officer") =>
      new RoleEdge(this, `role-deployer-${role.toLowerCase().replaceAll(" ", "-")}`, {
        role,
        principalId,
        scope: group.id,
        edge: "deployer -> resource group",
      });
    of("Contributor");
    of("Key Vault Secrets Officer");
    of("Key Vault Crypto Officer");
    new RoleEdge(this, "role-deployer-grants", {
      role: "Role Based Access Control Administrator",
      principalId,
      scope: group.id,
      edge: "deployer -> role edges of the flow",
      condition: roleGrantCondition(),
    });
    new RoleEdge(this, "role-deployer-state", {
      role: "Storage Blob Data Contributor",
      principalId,
      scope: container.id,
      edge: "deployer -> state",
    });
    new RoleEdge(this, "role-planner-reader", {
      role: "Reader",
      principalId: planner.principalId,
      scope: group.id,
      edge: "planner -> resource group",
    });
    new RoleEdge(this, "role-planner-state", {
      role: "Storage Blob Data Reader",
      principalId: planner.principalId,
      scope: container.id,
      edge: "state -> planner",
    });
    this.outputs = {
      deployerPrincipalId: principalId,
      deployerClientId: deployer.clientId,
      stateAccountId: account.id,
    };
  }

  #state(place: Place): { readonly account: StorageAccount; readonly container: StorageContainer } {
    const account = new StorageAccount(this, "state", {
      ...place,
      name: this.nameOf("storage", "tf"),
      accountKind: "StorageV2",
      accountTier: "Standard",
      accountReplicationType: "ZRS",
      sharedAccessKeyEnabled: false,
      defaultToOauthAuthentication: true,
      minTlsVersion: "TLS1_2",
      httpsTrafficOnlyEnabled: true,
      allowNestedItemsToBePublic: false,
      crossTenantReplicationEnabled: false,
      localUserEnabled: false,
      infrastructureEncryptionEnabled: true,
      // Hosted runners write state from changing addresses; they still need an Entra token and a role.
      publicNetworkAccessEnabled: true,
      blobProperties: {
        versioningEnabled: true,
        changeFeedEnabled: true,
        deleteRetentionPolicy: { days: 90 },
        containerDeleteRetentionPolicy: { days: 90 },
      },
      sasPolicy: { expirationPeriod: "00.01:00:00", expirationAction: "Log" },
      lifecycle: { preventDestroy: true },
    });
    const container = new StorageContainer(this, "state-container", {
      name: "tfstate",
      storageAccountId: account.id,
      containerAccessType: "private",
      lifecycle: { preventDestroy: true },
    });
    new ManagementLock(this, "state-lock", {
      name: "state",
      scope: account.id,
      lockLevel: "CanNotDelete",
      notes: "The state of every stack of the stage.",
    });
    return { account, container };
  }

  #trust(
    name: string,
    identity: UserAssignedIdentity,
    subject: string,
    after?: FederatedIdentityCredential,
  ): FederatedIdentityCredential {
    const trust = new FederatedIdentityCredential(this, `${name}-github`, {
      name: `github-${name}`,
      resourceGroupName: identity.resourceGroupName,
      parentId: identity.id,
      issuer: "https://token.actions.githubusercontent.com",
      audience: ["api://AzureADTokenExchange"],
      subject,
      ...(after !== undefined && { dependsOn: [after] }),
    });
    renameArgument(trust, "parent_id", "user_assigned_identity_id", identity.id);
    trust.addOverride("resource_group_name", undefined);
    return trust;
  }
}
