// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are Terraform expressions
import { type JsonObject, readStack, stageOf } from "../../../infra/checks";
import { inventId, inventText } from "../../../infra/offline-plan/invented";
import { completed, outputsOf, type PlanJson } from "../../../infra/offline-plan/planned";
import { hasProblem, planReport } from "../../../infra/offline-plan/report";
import { stateOf, stateResources } from "../../../infra/offline-plan/state";
import { planDiagnostics, validateDiagnostics } from "../../../infra/offline-plan/terraform";
import { offlineConfiguration } from "../../../infra/offline-plan/workspace";

const json: JsonObject = {
  terraform: { backend: { azurerm: { key: "k" } }, required_providers: {} },
  provider: { databricks: [{ host: "${x}", azure_workspace_resource_id: "y" }] },
  data: {
    terraform_remote_state: {
      "cross-stack-reference-input-prod-network": { backend: "azurerm", config: {} },
    },
  },
  resource: {
    azurerm_storage_account: {
      a: {
        name: "acc",
        resource_group_name: "rg",
        lifecycle: { prevent_destroy: true },
        "//": { metadata: { path: "prod-lake/account" } },
      },
    },
    azurerm_storage_container: { c: { name: "con", storage_account_id: "${azurerm_storage_account.a.id}" } },
  },
  output: {
    id: { value: "${azurerm_storage_account.a.id}" },
    name: { value: "${azurerm_storage_account.a.name}" },
  },
};
const stack = readStack("prod-lake", json, ["prod"]);
const stage = stageOf("prod", [stack]);

const plan: PlanJson = {
  planned_values: {
    outputs: { name: { value: "acc" } },
    root_module: {
      resources: [
        {
          address: "azurerm_storage_container.c",
          mode: "managed",
          type: "azurerm_storage_container",
          name: "c",
          provider_name: "azurerm",
          schema_version: 1,
          values: { name: "con" },
        },
        {
          address: "azurerm_storage_account.a",
          mode: "managed",
          type: "azurerm_storage_account",
          name: "a",
          provider_name: "azurerm",
          schema_version: 4,
          values: { name: "acc", resource_group_name: "rg" },
        },
      ],
    },
  },
  resource_changes: [
    {
      address: "azurerm_storage_account.a",
      mode: "managed",
      type: "azurerm_storage_account",
      change: {
        actions: ["create"],
        before: null,
        after: {},
        after_unknown: { id: true, primary_location: true },
      },
    },
    {
      address: "azurerm_storage_container.c",
      mode: "managed",
      type: "azurerm_storage_container",
      change: {
        actions: ["create"],
        before: null,
        after: {},
        after_unknown: { id: true, storage_account_id: true },
      },
    },
  ],
};
const accountId =
  "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/acc";

describe("completed", () => {
  const resources = completed(plan, stack, {});

  it("makes ids from the templates", () => {
    expect(resources.get("azurerm_storage_account.a")?.values["id"]).toBe(accountId);
  });

  it("gives an argument the value that it takes from another resource", () => {
    const container = resources.get("azurerm_storage_container.c")?.values;
    expect(container?.["storage_account_id"]).toBe(accountId);
    expect(container?.["id"]).toBe(`${accountId}/blobServices/default/containers/con`);
  });

  it("is the same each time", () => {
    expect(completed(plan, stack, {})).toEqual(resources);
  });

  it("gives the outputs that later stacks read", () => {
    expect(outputsOf(stage, stack, plan, resources)).toEqual({ id: accountId, name: "acc" });
  });

  it("gives outputs of a stack that has no plan, too", () => {
    expect(outputsOf(stage, stack, {}, new Map())).toEqual({ id: accountId, name: "acc" });
  });

  it("becomes a state", () => {
    const state = stateOf({ id: accountId }, stateResources(resources, {}));
    expect(state).toMatchObject({ version: 4, outputs: { id: { value: accountId, type: "string" } } });
    expect(state.resources).toHaveLength(2);
  });

  it("marks what is secret, except in sets", () => {
    const provider = "registry.terraform.io/hashicorp/azurerm";
    const set = { nesting_mode: "set", block: {} };
    const schemas = {
      provider_schemas: {
        [provider]: { resource_schemas: { azurerm_x: { block: { block_types: { rule: set } } } } },
      },
    };
    const resource = {
      ...{ address: "azurerm_x.r", mode: "managed", type: "azurerm_x", name: "r" },
      ...{ provider_name: provider, schema_version: 0, values: {} },
      sensitive_values: { key: true, login: [{ password: true }], rule: [{ token: true }], tags: {} },
    };
    const [first] = stateResources(new Map([["azurerm_x.r", resource]]), schemas);
    const [instance] = (first?.["instances"] ?? []) as { sensitive_attributes: unknown }[];
    expect(instance?.sensitive_attributes).toEqual([
      [{ type: "get_attr", value: "key" }],
      [
        { type: "get_attr", value: "login" },
        { type: "index", value: { value: 0, type: "number" } },
        { type: "get_attr", value: "password" },
      ],
    ]);
  });

  it("writes a value of any type with its type beside it", () => {
    const provider = "registry.terraform.io/azure/azapi";
    const schemas = {
      provider_schemas: {
        [provider]: {
          resource_schemas: {
            azapi_resource: {
              block: { attributes: { body: { type: "dynamic" }, output: { type: "dynamic" } } },
            },
          },
        },
      },
    };
    const body = { properties: { sizes: [1, "a"], on: true } };
    const resource = {
      ...{ address: "azapi_resource.r", mode: "managed", type: "azapi_resource", name: "r" },
      ...{ provider_name: provider, schema_version: 2, values: { name: "n", body, output: null } },
    };
    const [first] = stateResources(new Map([["azapi_resource.r", resource]]), schemas);
    expect(first).toMatchObject({
      instances: [
        {
          attributes: {
            name: "n",
            output: null,
            body: {
              value: body,
              type: [
                "object",
                { properties: ["object", { sizes: ["tuple", ["number", "string"]], on: "bool" }] },
              ],
            },
          },
        },
      ],
    });
  });
});

describe("inventId of what stands under Synapse", () => {
  const workspace =
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Synapse/workspaces/w";

  it.each([
    ["azurerm_synapse_workspace_aad_admin", {}, "/administrators/activeDirectory"],
    ["azurerm_synapse_workspace_security_alert_policy", {}, "/securityAlertPolicies/Default"],
    ["azurerm_synapse_spark_pool", { name: "spark" }, "/bigDataPools/spark"],
  ])("puts %s under its workspace", (type, values, path) => {
    const resource = { type, key: "s:r", values: { ...values, synapse_workspace_id: workspace } };
    expect(inventText("id", resource)).toBe(`${workspace}${path}`);
  });
});

describe("inventText", () => {
  const resource = {
    type: "azurerm_key_vault",
    key: "s:azurerm_key_vault.v",
    values: { name: "kv", resource_group_name: "rg" },
  };

  it.each([
    ["principal_id", /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/],
    ["vault_uri", /^https:\/\/kv\.vault\.azure\.net\/$/],
    ["identity[0].principal_id", /^[0-9a-f-]{36}$/],
    ["id", /\/vaults\/kv$/],
  ])("makes a well-formed %s", (attribute, pattern) => {
    expect(inventText(attribute, resource)).toMatch(pattern);
  });

  it("makes another value for another resource", () => {
    expect(inventText("principal_id", resource)).not.toBe(
      inventText("principal_id", { ...resource, key: "other" }),
    );
  });
});

describe("inventId", () => {
  it("stands under the parent that is given", () => {
    const namespace = "/subscriptions/s/resourceGroups/g/providers/Microsoft.EventHub/namespaces/n";
    const hub = { type: "azurerm_eventhub", key: "k", values: { name: "h", namespace_id: namespace } };
    expect(inventId(hub)).toBe(`${namespace}/eventhubs/h`);
  });
});

describe("offlineConfiguration", () => {
  const offline = offlineConfiguration(stack, (name) => `/states/${name}`, "https://localhost:1", {
    withoutGuards: true,
  }) as {
    [key: string]: Record<string, unknown>;
  };

  it("keeps state locally and reads upstream stacks from files", () => {
    expect(offline["terraform"]).toEqual({ required_providers: {} });
    expect(offline["data"]).toEqual({
      terraform_remote_state: {
        "cross-stack-reference-input-prod-network": {
          backend: "local",
          config: { path: "/states/prod-network" },
        },
      },
    });
  });

  it("points Databricks at the stand-in", () => {
    expect(offline["provider"]).toEqual({
      databricks: [{ host: "https://localhost:1", token: "stand-in", auth_type: "pat" }],
    });
  });

  it("takes guards off only when asked, and leaves the stack alone", () => {
    expect(JSON.stringify(offline)).not.toContain("prevent_destroy");
    expect(JSON.stringify(offlineConfiguration(stack, String, "u"))).toContain("prevent_destroy");
    expect(JSON.stringify(stack.json)).toContain('"backend":{"azurerm"');
  });
});

describe("diagnostics", () => {
  const error = {
    severity: "error",
    summary: "wrong size",
    detail: "must be 3",
    snippet: { context: "resource.azurerm_storage_account.a" },
  };

  it("are read from validate and from plan", () => {
    const expected = {
      severity: "error",
      summary: "wrong size",
      detail: "must be 3",
      address: "azurerm_storage_account.a",
    };
    expect(validateDiagnostics(JSON.stringify({ diagnostics: [error] }))).toEqual([expected]);
    expect(
      planDiagnostics(
        `${JSON.stringify({ type: "version" })}\n${JSON.stringify({ type: "diagnostic", diagnostic: error })}\n`,
      ),
    ).toEqual([expected]);
  });

  it("are shown at the construct, and make the plan a problem", () => {
    const diagnostics = validateDiagnostics(JSON.stringify({ diagnostics: [error] }));
    const stackPlan = {
      stack: "prod-lake",
      toAdd: 0,
      toChange: 0,
      toReplace: 0,
      toDestroy: 0,
      diagnostics,
      replaced: [],
      destroyed: [],
      resources: new Map(),
    };
    expect(planReport(stage, [stackPlan])).toContain(
      "error: prod-lake/account (azurerm_storage_account.a): wrong size",
    );
    expect(hasProblem(stackPlan)).toBe(true);
    expect(hasProblem({ ...stackPlan, diagnostics: [] })).toBe(false);
    expect(hasProblem({ ...stackPlan, diagnostics: [{ ...diagnostics[0]!, severity: "warning" }] })).toBe(
      true,
    );
  });
});
