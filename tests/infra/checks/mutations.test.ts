import type { SynthesisedResource, SynthesisedStage } from "../../../infra/checks";
import { checkConsumerGroups } from "../../../infra/checks/consumer-groups";
import { checkDiagnostics, checkPrivateLinks } from "../../../infra/checks/coverage";
import type { Finding } from "../../../infra/checks/finding";
import { checkRoleEdges } from "../../../infra/checks/role-edges";
import { checkGuards } from "../../../infra/checks/stateful";
import { stageNames } from "../../../infra/config/stages";
import { mutated, synthesised } from "../support/stages";

const text = ({ check, path, address, message }: Finding) => `${check} ${path} ${address} ${message}`;

/** Every single deletion, the check that must notice it, and the name under which it reports. */
const deletions: readonly {
  readonly what: string;
  readonly types: readonly string[];
  readonly check: (stage: SynthesisedStage) => Finding[];
  readonly names: readonly string[];
}[] = [
  {
    what: "role assignment",
    types: [
      "azurerm_role_assignment",
      "azurerm_cosmosdb_sql_role_assignment",
      "azurerm_kusto_database_principal_assignment",
      "azurerm_kusto_cluster_principal_assignment",
    ],
    check: (stage) => checkRoleEdges(stage),
    names: ["graph.role-edge"],
  },
  {
    what: "private endpoint",
    types: ["azurerm_private_endpoint"],
    check: checkPrivateLinks,
    names: ["network.private-link"],
  },
  {
    what: "diagnostic setting",
    types: ["azurerm_monitor_diagnostic_setting"],
    check: checkDiagnostics,
    names: ["observability.diagnostics"],
  },
  {
    what: "consumer group",
    types: ["azurerm_eventhub_consumer_group"],
    check: (stage) => checkConsumerGroups(stage),
    names: ["graph.consumer-group", "graph.consumer-group-reader"],
  },
];

describe.each(stageNames)("mutations of stage %s", (name) => {
  let stage: SynthesisedStage;

  beforeAll(async () => {
    [stage] = (await synthesised(name)) as [SynthesisedStage];
  }, 60_000);

  for (const { what, types, check, names } of deletions) {
    it(`notices the deletion of any one ${what}`, () => {
      const targets = stage.resources.filter(({ type }) => types.includes(type));
      // Stage dev has no private endpoints.
      expect(targets.length > 5).toBe(name !== "dev" || what !== "private endpoint");
      const before = new Set(check(stage).map(text));
      const missed = targets.filter((target) => {
        const after = check(
          mutated(stage, (resource) => (resource.key === target.key ? undefined : resource)),
        );
        return !after.some((finding) => names.includes(finding.check) && !before.has(text(finding)));
      });
      expect(missed.map(({ path }) => path)).toEqual([]);
    });
  }

  it("notices the deletion of any one guard", () => {
    const guarded = stage.resources.filter(({ lifecycle }) => lifecycle["prevent_destroy"] === true);
    expect(guarded.length > 10).toBe(name === "prod" || name === "all-flags");
    expect(guarded.length).toBeGreaterThan(0);
    const unguarded = (target: SynthesisedResource) =>
      mutated(stage, (resource) => (resource.key === target.key ? { ...resource, lifecycle: {} } : resource));
    const missed = guarded.filter(
      (target) =>
        !checkGuards(unguarded(target)).some(
          ({ address, stack }) => address === target.address && stack === target.stack,
        ),
    );
    expect(missed.map(({ path }) => path)).toEqual([]);
  });
});
