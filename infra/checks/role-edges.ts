import { grantableRoles } from "../constructs/identity/grantable-roles";
import declared from "../policies/role-edges.json";
import { about, type Finding } from "./finding";
import { ReferenceResolver, type Target } from "./references";
import type { JsonValue, SynthesisedResource, SynthesisedStage } from "./synthesis";

/** One permission: who may do what on what. */
export interface RoleEdge {
  readonly resource: SynthesisedResource;
  readonly principal: string;
  readonly role: string;
  readonly scope: string;
  /** `<principal> -> <scope> : <role>`, as the register writes it. */
  readonly text: string;
}

const cosmosRoles: Readonly<Record<string, string>> = {
  "00000000-0000-0000-0000-000000000001": "Cosmos DB Built-in Data Reader",
  "00000000-0000-0000-0000-000000000002": "Cosmos DB Built-in Data Contributor",
};

const withoutStage = (stage: string, path: string): string =>
  path.startsWith(`${stage}-`) ? path.slice(stage.length + 1) : path;

/** Every permission that the stage grants, over Resource Manager, Cosmos and Data Explorer alike. */
export function roleEdgesOf(stage: SynthesisedStage): RoleEdge[] {
  const resolver = new ReferenceResolver(stage);
  const label = (stack: string, value: JsonValue | undefined): string => {
    if (typeof value !== "string") return "?";
    const target: Target | undefined = resolver.target(stack, value);
    if (target === undefined) return value;
    const rest = value
      .replaceAll(/\$\{[^}]*\}/g, (whole) => {
        const found = resolver.target(stack, whole);
        return found === undefined || found.attribute === "id" || found.resource === target.resource
          ? ""
          : (resolver.literal(stack, whole) ?? withoutStage(stage.name, found.resource.path));
      })
      .trim();
    return withoutStage(stage.name, target.resource.path) + rest;
  };
  const edges: RoleEdge[] = [];
  for (const resource of stage.resources) {
    const { args, stack, type } = resource;
    let role: string;
    let scope: string;
    switch (type) {
      case "azurerm_role_assignment":
        role = String(args["role_definition_name"] ?? args["role_definition_id"] ?? "?");
        scope = label(stack, args["scope"]);
        break;
      case "azurerm_cosmosdb_sql_role_assignment": {
        const id = String(args["role_definition_id"] ?? "")
          .split("/")
          .at(-1)!;
        role = cosmosRoles[id] ?? id;
        scope = label(stack, args["scope"]);
        break;
      }
      case "azurerm_kusto_database_principal_assignment":
        role = `Kusto database ${String(args["role"])}`;
        scope = label(stack, args["database_name"]);
        break;
      case "azurerm_kusto_cluster_principal_assignment":
        role = `Kusto cluster ${String(args["role"])}`;
        scope = label(stack, args["cluster_name"]);
        break;
      case "azurerm_synapse_role_assignment":
        role = String(args["role_name"]);
        scope = label(stack, args["synapse_workspace_id"] ?? args["synapse_spark_pool_id"]);
        break;
      default:
        continue;
    }
    const principal = label(stack, args["principal_id"]);
    edges.push({ resource, principal, role, scope, text: `${principal} -> ${scope} : ${role}` });
  }
  return edges;
}

/** Permission to the stages that grant it. */
export type RoleRegister = Readonly<Record<string, readonly string[]>>;

/**
 * The stage's permissions are exactly those of the register, each granted once, as narrow as a resource, to a principal
 * whose type is named.
 */
export function checkRoleEdges(
  stage: SynthesisedStage,
  register: RoleRegister = declared as RoleRegister,
): Finding[] {
  const findings: Finding[] = [];
  const edges = roleEdgesOf(stage);
  const seen = new Map<string, RoleEdge>();
  for (const edge of edges) {
    const before = seen.get(edge.text);
    if (before !== undefined) {
      findings.push(about(edge.resource, "graph.role-edge", `repeats ${before.resource.path}: ${edge.text}`));
    }
    seen.set(edge.text, edge);
    if (!(register[edge.text] ?? []).includes(stage.name)) {
      const hint = "npm run check:infra -- --write-roles records a permission that belongs to the flow";
      findings.push(
        about(edge.resource, "graph.role-edge", `is not in the register of permissions: ${edge.text}`, hint),
      );
    }
    if (edge.resource.type === "azurerm_role_assignment") findings.push(...assignmentProblems(edge));
  }
  const stacks = new Set(stage.stacks.map(({ shortName }) => shortName));
  for (const [text, stages] of Object.entries(register)) {
    if (!stages.includes(stage.name) || seen.has(text)) continue;
    findings.push({
      check: "graph.role-edge",
      stack: stage.name,
      address: text,
      path: stage.name,
      message: `the flow needs a permission that no resource grants: ${text}`,
      ...(stacks.size === 0 && { hint: "the stage has no stacks" }),
    });
  }
  return findings;
}

const broadScope = /^(\/subscriptions\/[^/]+(\/resourceGroups\/[^/]+)?)$/i;

function assignmentProblems({ resource, scope, role, principal }: RoleEdge): Finding[] {
  const findings: Finding[] = [];
  const type = resource.args["principal_type"];
  if (type !== "ServicePrincipal" && type !== "Group" && type !== "User") {
    findings.push(
      about(
        resource,
        "graph.role-scope",
        "principal_type must be given: the directory may not know the identity yet",
      ),
    );
  }
  // Bootstrap is deployed by an owner of the subscription, everything else by the stage's deployer.
  if (!resource.stack.endsWith("-bootstrap") && !(role in grantableRoles)) {
    const text = `role "${role}" is none that the deployer may grant`;
    const hint = "infra/constructs/identity/grantable-roles.ts holds the condition of its right to grant";
    findings.push(about(resource, "graph.role-grantable", text, hint));
  }
  const isGroup =
    typeof resource.args["scope"] === "string" && /azurerm_resource_group/.test(resource.args["scope"]);
  if (
    (isGroup || broadScope.test(scope)) &&
    !principal.includes("bootstrap") &&
    resource.args["condition"] === undefined
  ) {
    findings.push(about(resource, "graph.role-scope", `role "${role}" is granted on more than one resource`));
  }
  return findings;
}
