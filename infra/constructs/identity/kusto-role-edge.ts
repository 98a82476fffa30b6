import { KustoDatabasePrincipalAssignment } from "@cdktf/provider-azurerm/lib/kusto-database-principal-assignment";
import { Construct, type TerraformResource } from "../../bindings/cdktf";
import { PlatformStack } from "../../stacks/platform-stack";

export type KustoRole = "Admin" | "Ingestor" | "Monitor" | "User" | "Viewer" | "UnrestrictedViewer";

/** A Data Explorer database as role edges need it. */
export interface KustoDatabaseReference {
  readonly clusterName: string;
  readonly databaseName: string;
}

export interface KustoRoleEdgeProps {
  readonly database: KustoDatabaseReference;
  readonly role: KustoRole;
  /** Client id, or object id where only that is known, of a managed identity. */
  readonly principalId: string;
  /** The principal's name in the assignment's own name. */
  readonly principalName: string;
  /** The edge of the flow this role serves, as `from -> to`. */
  readonly edge: string;
  readonly after?: TerraformResource;
}

/** One edge of the flow into the Data Explorer database. */
export class KustoRoleEdge extends Construct {
  readonly assignment: KustoDatabasePrincipalAssignment;
  readonly edge: string;

  constructor(scope: Construct, id: string, props: KustoRoleEdgeProps) {
    super(scope, id);
    const stack = PlatformStack.of(this) as PlatformStack;
    this.edge = props.edge;
    this.assignment = new KustoDatabasePrincipalAssignment(this, "role", {
      name: `${props.principalName}-${props.role.toLowerCase()}`,
      resourceGroupName: stack.group.name,
      clusterName: props.database.clusterName,
      databaseName: props.database.databaseName,
      tenantId: stack.deployment.tenantId,
      principalId: props.principalId,
      // The service counts managed identities as applications.
      principalType: "App",
      role: props.role,
      ...(props.after !== undefined && { dependsOn: [props.after] }),
    });
  }
}
