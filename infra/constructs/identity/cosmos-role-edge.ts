import { CosmosdbSqlRoleAssignment } from "@cdktf/provider-azurerm/lib/cosmosdb-sql-role-assignment";
import { Construct, type TerraformResource } from "../../bindings/cdktf";
import { PlatformStack } from "../../stacks/platform-stack";
import { stableUuid } from "./uuid";

/** The built-in roles of the Cosmos data plane, by the last digits of their ids. */
const roleIds = {
  "Cosmos DB Built-in Data Reader": "00000000-0000-0000-0000-000000000001",
  "Cosmos DB Built-in Data Contributor": "00000000-0000-0000-0000-000000000002",
} as const;

export type CosmosRole = keyof typeof roleIds;

/** A Cosmos account as role edges need it. */
export interface CosmosAccountReference {
  readonly accountId: string;
  readonly accountName: string;
  readonly databaseName: string;
}

export interface CosmosRoleEdgeProps {
  readonly account: CosmosAccountReference;
  readonly role: CosmosRole;
  readonly principalId: string;
  /** The principal's name: with the scope it makes the assignment's own stable name. */
  readonly principalName: string;
  readonly container: string;
  /** The edge of the flow this role serves, as `from -> to`. */
  readonly edge: string;
  /** Assignments lock the account, so each follows the one before it. */
  readonly after: readonly TerraformResource[];
}

/** One edge of the flow into one Cosmos container. */
export class CosmosRoleEdge extends Construct {
  readonly assignment: CosmosdbSqlRoleAssignment;
  readonly edge: string;

  constructor(scope: Construct, id: string, props: CosmosRoleEdgeProps) {
    super(scope, id);
    const { account } = props;
    this.edge = props.edge;
    const place = (PlatformStack.of(this) as PlatformStack).place;
    const roleId = roleIds[props.role];
    this.assignment = new CosmosdbSqlRoleAssignment(this, "role", {
      // Scope and role force a replacement, and the service refuses a second assignment of the same kind.
      name: stableUuid(place.resourceGroupName, props.principalName, roleId, props.container),
      resourceGroupName: place.resourceGroupName,
      accountName: account.accountName,
      roleDefinitionId: `${account.accountId}/sqlRoleDefinitions/${roleId}`,
      principalId: props.principalId,
      scope: `${account.accountId}/dbs/${account.databaseName}/colls/${props.container}`,
      dependsOn: [...props.after],
    });
  }
}
