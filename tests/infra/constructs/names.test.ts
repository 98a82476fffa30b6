import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { renameArgument } from "../../../infra/bindings/renamed";
import { deployment } from "../../../infra/config/deployment";
import { nameMaker } from "../../../infra/config/names";
import { guard } from "../../../infra/constructs/guard";
import { allPrivateLinkZones } from "../../../infra/constructs/network/private-link";
import { only, stackOf } from "./support";

describe("nameMaker", () => {
  const nameOf = nameMaker(deployment, "prod");

  it.each([
    ["resourceGroup", undefined, "rg-lambda-prod-weu"],
    ["storage", "lake", "stlambdaprodlakea1b2c"],
    ["keyVault", undefined, "kv-lambda-prod-a1b2c"],
    ["dataExplorer", undefined, "declambdaproda1b2c"],
    ["functionApp", undefined, "func-lambda-prod-a1b2c"],
  ] as const)("%s %s is %s", (kind, what, name) => expect(nameOf(kind, what)).toBe(name));

  it("refuses a name that Azure would refuse for its length", () => {
    expect(() => nameOf("storage", "a-very-long-word")).toThrow("longer than 24");
  });

  it("shortens the stage that is never deployed", () => {
    expect(nameMaker(deployment, "all-flags")("storage", "lake")).toBe("stlambdaalllakea1b2c");
  });
});

describe("allPrivateLinkZones", () => {
  it("has each zone once, with the region's own", () => {
    const zones = allPrivateLinkZones("westeurope");
    expect(new Set(zones).size).toBe(zones.length);
    expect(zones).toContain("privatelink.westeurope.kusto.windows.net");
    expect(zones.join()).not.toContain("REGION");
  });
});

describe("guard", () => {
  it.each([
    ["prod", { prevent_destroy: true }],
    ["all-flags", { prevent_destroy: true }],
    ["test", undefined],
  ] as const)("in %s gives %j", (stage, lifecycle) => {
    const stack = stackOf(stage);
    guard(new ResourceGroup(stack, "group", { name: "g", location: "x" }));
    expect(only(stack, "azurerm_resource_group")["lifecycle"]).toEqual(lifecycle);
  });
});

describe("renameArgument", () => {
  it("writes the new name and leaves the old one out", () => {
    const stack = stackOf();
    renameArgument(new ResourceGroup(stack, "group", { name: "g", location: "x" }), "location", "place", "y");
    expect(only(stack, "azurerm_resource_group")).toMatchObject({ place: "y" });
    expect(only(stack, "azurerm_resource_group")).not.toHaveProperty("location");
  });
});
