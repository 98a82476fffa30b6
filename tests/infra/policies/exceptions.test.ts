import type { Finding } from "../../../infra/checks";
import {
  applyExceptions,
  checkPolicies,
  covers,
  exceptions,
  exceptionsPage,
  policies,
} from "../../../infra/policies";
import { stageWith } from "../support/stages";

const finding: Finding = {
  check: "CKV_AZURE_59",
  stack: "dev-lake",
  address: "azurerm_storage_account.a",
  path: "dev-lake/lake/account",
  message: "public",
};
const exception = { check: "CKV_AZURE_59", path: "lake/lake/account", stages: ["dev"], reason: "because" };

describe("applyExceptions", () => {
  it("takes away what the register allows", () => {
    const { left, waived } = applyExceptions(new Map([["dev", [finding]]]), [exception]);
    expect([left, waived]).toEqual([[], [finding]]);
  });

  it("reports an exception that nothing needs", () => {
    const { left } = applyExceptions(new Map([["dev", []]]), [exception]);
    expect(left.map(({ check }) => check)).toEqual(["exceptions.unused"]);
  });

  it("asks for each stage of an exception", () => {
    const both = { ...exception, stages: ["dev", "test"] };
    const { left } = applyExceptions(
      new Map([
        ["dev", [finding]],
        ["test", []],
      ]),
      [both],
    );
    expect(left.map(({ stack }) => stack)).toEqual(["test"]);
  });

  it("leaves stages alone that were not checked", () => {
    expect(applyExceptions(new Map([["prod", []]]), [exception]).left).toEqual([]);
  });

  it.each([
    ["another check", { ...exception, check: "CKV_AZURE_3" }, false],
    ["another path", { ...exception, path: "lake/other" }, false],
    ["another stage", { ...exception, stages: ["prod"] }, false],
    ["a pattern", { ...exception, path: "lake/*/account" }, true],
    ["a part of the path", { ...exception, path: "lake" }, false],
  ])("matches by check, path and stage: %s", (_, register, expected) => {
    expect(covers(register, finding, "dev")).toBe(expected);
  });
});

describe("the register", () => {
  it("gives a reason for each exception, and has each once", () => {
    expect(exceptions.filter(({ reason }) => reason.length < 15)).toEqual([]);
    const keys = exceptions.map(({ check, path }) => `${check}|${path}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("is on its page", () => {
    const page = exceptionsPage();
    for (const { check, path } of exceptions) expect(page).toContain(`| ${check} | \`${path}\` | `);
    expect(page).toContain(exceptions[0]!.reason);
  });
});

describe("policies", () => {
  it("have distinct rules, each with types and a title", () => {
    expect(new Set(policies.map(({ id, types }) => `${id}${types.join()}`)).size).toBe(policies.length);
    expect(policies.filter(({ types, title }) => types.length === 0 || title === "")).toEqual([]);
  });

  const mirrored =
    "CKV_AZURE_ 3 33 35 36 44 59 190 206 244 223 108 99 100 101 132 140 74 75 180 181 40 41 42 109 110 111 112 114 189 58 157 239 240 241 242 158 103 104 23 24 52 113 224 229 70 221 211 212 225 144 142 182 183";
  const mirrored2 = "CKV2_AZURE_ 1 33 38 40 41 47 11 32 19 46 51 52 53 54 48 15 2 25 27 45 49 31";

  it.each([mirrored, mirrored2])("mirror checkov's rules %s", (list) => {
    const [prefix, ...numbers] = list.split(" ");
    const known = new Set(policies.map(({ id }) => id));
    expect(numbers.map((number) => `${prefix}${number}`).filter((id) => !known.has(id))).toEqual([]);
  });

  it("break on a bare resource of each type, or say why they cannot", () => {
    // An absent argument keeps these rules: the provider's default is the safe value.
    const safeByDefault = [
      "CKV_AZURE_3",
      "CKV_AZURE_36",
      "TLS_COSMOS",
      "CKV_AZURE_180",
      "CKV_AZURE_111",
      "CKV_AZURE_239",
      "CKV2_AZURE_19",
      "CKV2_AZURE_25",
      "CKV_AZURE_211",
      "CKV2_AZURE_49",
      "KEYS_GRAFANA",
    ];
    const kept = policies.filter(({ id, types }) =>
      types.some((type) => !checkPolicies(stageWith([{ type }])).some(({ check }) => check === id)),
    );
    expect([...new Set(kept.map(({ id }) => id))].sort()).toEqual([...safeByDefault].sort());
  });

  it.each([
    ["CKV_AZURE_3", { https_traffic_only_enabled: false }, "azurerm_storage_account"],
    ["CKV_AZURE_36", { network_rules: { bypass: ["None"] } }, "azurerm_storage_account"],
    ["TLS_COSMOS", { minimal_tls_version: "Tls" }, "azurerm_cosmosdb_account"],
    ["CKV_AZURE_180", { sku: { name: "Dev(No SLA)_Standard_E2a_v4" } }, "azurerm_kusto_cluster"],
    ["CKV_AZURE_111", { soft_delete_retention_days: 1 }, "azurerm_key_vault"],
    ["CKV_AZURE_239", { sql_administrator_login_password: "literal" }, "azurerm_synapse_workspace"],
    ["CKV2_AZURE_25", { transparent_data_encryption_enabled: false }, "azurerm_mssql_database"],
    ["CKV_AZURE_211", { sku_name: "B1" }, "azurerm_service_plan"],
    ["CKV2_AZURE_49", { public_network_access_enabled: true }, "azurerm_machine_learning_workspace"],
    ["KEYS_GRAFANA", { api_key_enabled: true }, "azurerm_dashboard_grafana"],
  ])("%s breaks on an unsafe value", (id, args, type) => {
    expect(checkPolicies(stageWith([{ type, args }])).map(({ check }) => check)).toContain(id);
  });
});
