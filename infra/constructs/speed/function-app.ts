import { ServicePlan } from "@cdktf/provider-azurerm/lib/service-plan";
import { AzapiResource } from "../../bindings/azapi";
import type { Construct } from "../../bindings/cdktf";
import type { StageConfig } from "../../config/stages";
import type { IdentityReference } from "../../stacks/identity-stack";
import { RoleEdge } from "../identity/role-edge";
import { Service, type Surroundings } from "../service";
import type { KeylessStorageAccount } from "../storage/keyless-storage-account";

export interface FunctionAppProps extends Surroundings {
  readonly identity: IdentityReference;
  readonly storage: KeylessStorageAccount;
  /** Container of the account that the zip is deployed to. */
  readonly deploymentContainer: string;
  readonly sizes: StageConfig["functions"];
  readonly subnetId: string | null;
  /** Functions with their trigger: those that poll get instances that are always ready. */
  readonly alwaysReadyFunctions: readonly string[];
  /** App settings beside the host's own. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * The functions on Flex Consumption, with an identity for everything. As an ARM body, because azurerm writes a connection
 * string without a key into the host's settings. Code comes from the deploy workflow, never from Terraform.
 */
export class FunctionApp extends Service {
  readonly app: AzapiResource;
  readonly name: string;

  constructor(scope: Construct, id: string, props: FunctionAppProps) {
    super(scope, id, props);
    const { identity, storage, sizes } = props;
    const { nameOf, isPrivate, isProduction, deployment } = this.stack;
    this.name = nameOf("functionApp");
    const plan = new ServicePlan(this, "plan", {
      ...this.place,
      name: nameOf("servicePlan"),
      osType: "Linux",
      skuName: "FC1",
      ...(isProduction && { zoneBalancingEnabled: true }),
    });
    const owner = new RoleEdge(this, "role-host", {
      role: "Storage Blob Data Owner",
      principalId: identity.principalId,
      scope: storage.account.id,
      edge: "functions host -> its storage",
    });
    const queues = new RoleEdge(this, "role-host-queues", {
      role: "Storage Queue Data Contributor",
      principalId: identity.principalId,
      scope: storage.account.id,
      edge: "functions host -> its queues",
    });
    const tables = new RoleEdge(this, "role-host-tables", {
      role: "Storage Table Data Contributor",
      principalId: identity.principalId,
      scope: storage.account.id,
      edge: "functions host -> its tables",
    });
    const settings: Record<string, string> = {
      ...identitySettings("AzureWebJobsStorage", "accountName", storage.account.name, identity),
      ...props.settings,
    };
    this.app = new AzapiResource(this, "app", {
      type: "Microsoft.Web/sites@2024-04-01",
      name: this.name,
      parentId: this.stack.group.id,
      location: this.place.location,
      identity: { type: "UserAssigned", identityIds: [identity.id] },
      body: {
        kind: "functionapp,linux",
        properties: {
          serverFarmId: plan.id,
          httpsOnly: true,
          publicNetworkAccess: isPrivate ? "Disabled" : "Enabled",
          keyVaultReferenceIdentity: identity.id,
          ...(props.subnetId !== null && {
            virtualNetworkSubnetId: props.subnetId,
            vnetRouteAllEnabled: true,
          }),
          functionAppConfig: {
            deployment: {
              storage: {
                type: "blobContainer",
                value: `https://${storage.account.name}.blob.core.windows.net/${props.deploymentContainer}`,
                authentication: {
                  type: "UserAssignedIdentity",
                  userAssignedIdentityResourceId: identity.id,
                },
              },
            },
            runtime: { name: "node", version: "22" },
            scaleAndConcurrency: {
              instanceMemoryMB: 2048,
              maximumInstanceCount: sizes.maximumInstances,
              alwaysReady:
                sizes.alwaysReady === 0
                  ? []
                  : props.alwaysReadyFunctions.map((name) => ({
                      name: `function:${name}`,
                      instanceCount: sizes.alwaysReady,
                    })),
            },
          },
          siteConfig: {
            minTlsVersion: "1.2",
            http20Enabled: true,
            ftpsState: "Disabled",
            ...(!isPrivate && {
              ipSecurityRestrictionsDefaultAction: "Deny",
              ipSecurityRestrictions: deployment.developerCidrs.map((ipAddress, index) => ({
                name: `developer-${index}`,
                ipAddress,
                action: "Allow",
                priority: 100 + index,
              })),
            }),
            appSettings: Object.entries(settings)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([name, value]) => ({ name, value })),
          },
        },
      },
      tags: this.place.tags,
      dependsOn: [owner.assignment, queues.assignment, tables.assignment],
    });
    for (const policy of ["ftp", "scm"]) {
      new AzapiResource(this, `publishing-${policy}`, {
        type: "Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01",
        name: policy,
        parentId: this.app.id,
        body: { properties: { allow: false } },
      });
    }
    this.connectPrivately("functions", this.app.id, "sites");
    this.diagnose("functions", this.app.id);
  }
}

/** The settings by which a binding reaches a service with a user-assigned identity instead of a connection string. */
export function identitySettings(
  connection: string,
  addressSuffix: string,
  address: string,
  identity: IdentityReference,
): Record<string, string> {
  return {
    [`${connection}__${addressSuffix}`]: address,
    [`${connection}__credential`]: "managedidentity",
    [`${connection}__clientId`]: identity.clientId,
  };
}
