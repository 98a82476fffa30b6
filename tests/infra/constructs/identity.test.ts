import { CosmosRoleEdge } from "../../../infra/constructs/identity/cosmos-role-edge";
import { grantableRoles, roleGrantCondition } from "../../../infra/constructs/identity/grantable-roles";
import { KustoRoleEdge } from "../../../infra/constructs/identity/kusto-role-edge";
import { RoleEdge } from "../../../infra/constructs/identity/role-edge";
import { stableUuid } from "../../../infra/constructs/identity/uuid";
import { only, resources, stackOf } from "./support";

const account = { accountId: "/accounts/a", accountName: "a", databaseName: "lambda" };

describe("RoleEdge", () => {
  it("names the edge and the kind of principal", () => {
    const stack = stackOf();
    new RoleEdge(stack, "edge", {
      role: "Azure Event Hubs Data Sender",
      principalId: "p",
      scope: "/hub",
      edge: "iot hub -> hub",
    });
    expect(only(stack, "azurerm_role_assignment")).toMatchObject({
      role_definition_name: "Azure Event Hubs Data Sender",
      principal_type: "ServicePrincipal",
      description: "iot hub -> hub",
      scope: "/hub",
    });
  });
});

describe("CosmosRoleEdge", () => {
  const assigned = (
    container: string,
    role: "Cosmos DB Built-in Data Reader" | "Cosmos DB Built-in Data Contributor",
  ) => {
    const stack = stackOf();
    new CosmosRoleEdge(stack, "edge", {
      account,
      role,
      principalId: "p",
      principalName: "functions",
      container,
      edge: "x",
      after: [],
    });
    return only(stack, "azurerm_cosmosdb_sql_role_assignment");
  };

  it("is a built-in role on one container", () => {
    expect(assigned("alerts", "Cosmos DB Built-in Data Reader")).toMatchObject({
      role_definition_id: "/accounts/a/sqlRoleDefinitions/00000000-0000-0000-0000-000000000001",
      scope: "/accounts/a/dbs/lambda/colls/alerts",
    });
    expect(assigned("alerts", "Cosmos DB Built-in Data Contributor")["role_definition_id"]).toMatch(/0002$/);
  });

  it("has the same name in every synth and another for another container", () => {
    const name = assigned("alerts", "Cosmos DB Built-in Data Reader")["name"];
    expect(assigned("alerts", "Cosmos DB Built-in Data Reader")["name"]).toBe(name);
    expect(assigned("leases", "Cosmos DB Built-in Data Reader")["name"]).not.toBe(name);
    expect(assigned("alerts", "Cosmos DB Built-in Data Contributor")["name"]).not.toBe(name);
  });

  it("follows what it is told to follow", () => {
    const stack = stackOf();
    const first = new CosmosRoleEdge(stack, "first", {
      account,
      role: "Cosmos DB Built-in Data Reader",
      principalId: "p",
      principalName: "a",
      container: "x",
      edge: "x",
      after: [],
    });
    new CosmosRoleEdge(stack, "second", {
      account,
      role: "Cosmos DB Built-in Data Reader",
      principalId: "p",
      principalName: "b",
      container: "x",
      edge: "x",
      after: [first.assignment],
    });
    const [, second] = resources(stack, "azurerm_cosmosdb_sql_role_assignment");
    expect(second!["depends_on"]).toEqual([
      `azurerm_cosmosdb_sql_role_assignment.${first.assignment.friendlyUniqueId}`,
    ]);
  });
});

describe("KustoRoleEdge", () => {
  it("counts a managed identity as an application of the tenant", () => {
    const stack = stackOf();
    new KustoRoleEdge(stack, "edge", {
      database: { clusterName: "c", databaseName: "d" },
      role: "Ingestor",
      principalId: "p",
      principalName: "stream-analytics",
      edge: "stream analytics -> data explorer",
    });
    expect(only(stack, "azurerm_kusto_database_principal_assignment")).toMatchObject({
      name: "stream-analytics-ingestor",
      principal_type: "App",
      role: "Ingestor",
      tenant_id: stack.deployment.tenantId,
    });
  });
});

describe("stableUuid", () => {
  it("is a version 5 UUID of its parts", () => {
    expect(stableUuid("a", "b")).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(stableUuid("a", "b")).toBe(stableUuid("a", "b"));
    expect(stableUuid("a", "b")).not.toBe(stableUuid("ab", ""));
  });
});

describe("roleGrantCondition", () => {
  it("limits writing and deleting to the roles of the flow", () => {
    const condition = roleGrantCondition();
    for (const id of Object.values(grantableRoles)) expect(condition.split(id)).toHaveLength(3);
    expect(condition).toContain("roleAssignments/write");
    expect(condition).toContain("roleAssignments/delete");
  });

  it.each([
    ["Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"],
    ["User Access Administrator", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"],
    ["Role Based Access Control Administrator", "f58310d9-a9f6-439a-9e8d-f62e7b41a168"],
  ])("grants no %s", (_, id) => expect(roleGrantCondition()).not.toContain(id));
});
