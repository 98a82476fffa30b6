import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { Construct } from "../../bindings/cdktf";

/** Azure roles that edges of the flow use; by name, so that a reader needs no table of GUIDs. */
export type AzureRole =
  | "Azure Event Hubs Data Sender"
  | "Azure Event Hubs Data Receiver"
  | "Azure Event Hubs Data Owner"
  | "Storage Blob Data Contributor"
  | "Storage Blob Data Owner"
  | "Storage Blob Data Reader"
  | "Storage Queue Data Contributor"
  | "Storage Table Data Contributor"
  | "Storage Account Contributor"
  | "EventGrid EventSubscription Contributor"
  | "Azure Digital Twins Data Owner"
  | "Cosmos DB Account Reader Role"
  | "Key Vault Secrets User"
  | "Key Vault Secrets Officer"
  | "Key Vault Crypto Service Encryption User"
  | "Key Vault Crypto Officer"
  | "Monitoring Reader"
  | "Monitoring Metrics Publisher"
  | "Contributor"
  | "Reader"
  | "Role Based Access Control Administrator"
  | "IoT Hub Data Contributor"
  | "AzureML Data Scientist"
  | "Grafana Admin"
  | "Grafana Viewer";

export interface RoleEdgeProps {
  readonly role: AzureRole;
  /** Object id of a managed identity. */
  readonly principalId: string;
  /** Id of the one resource that the role is for; never a resource group or subscription, except for the deployer. */
  readonly scope: string;
  /** The edge of the flow this role serves, as `from -> to`; shown in the graph and matched by tests. */
  readonly edge: string;
  readonly condition?: string;
}

/** One edge of the flow, allowed: a role for one identity on one resource. */
export class RoleEdge extends Construct {
  readonly assignment: RoleAssignment;

  constructor(scope: Construct, id: string, props: RoleEdgeProps) {
    super(scope, id);
    this.assignment = new RoleAssignment(this, "role", {
      scope: props.scope,
      roleDefinitionName: props.role,
      principalId: props.principalId,
      principalType: "ServicePrincipal",
      description: props.edge,
      ...(props.condition !== undefined && { condition: props.condition, conditionVersion: "2.0" }),
    });
  }
}
