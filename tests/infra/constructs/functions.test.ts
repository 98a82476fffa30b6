import { type StageName, stages } from "../../../infra/config/stages";
import { FunctionApp } from "../../../infra/constructs/speed/function-app";
import { KeylessStorageAccount } from "../../../infra/constructs/storage/keyless-storage-account";
import { identity, only, resources, stackOf, surroundings } from "./support";

interface SiteBody {
  readonly kind: string;
  readonly properties: {
    readonly httpsOnly: boolean;
    readonly publicNetworkAccess: string;
    readonly virtualNetworkSubnetId?: string;
    readonly functionAppConfig: {
      readonly runtime: { readonly name: string; readonly version: string };
      readonly deployment: { readonly storage: { readonly authentication: { readonly type: string } } };
      readonly scaleAndConcurrency: {
        readonly maximumInstanceCount: number;
        readonly alwaysReady: readonly { readonly name: string; readonly instanceCount: number }[];
      };
    };
    readonly siteConfig: {
      readonly minTlsVersion: string;
      readonly appSettings: readonly { readonly name: string; readonly value: string }[];
    };
  };
}

function appIn(stage: StageName) {
  const stack = stackOf(stage);
  const storage = new KeylessStorageAccount(stack, "storage", {
    ...surroundings,
    what: "func",
    replication: "ZRS",
    containers: ["app-package"],
    endpoints: [],
    encryption: null,
  });
  new FunctionApp(stack, "functions", {
    ...surroundings,
    identity,
    storage,
    deploymentContainer: "app-package",
    sizes: stages[stage].functions,
    subnetId: stage === "dev" ? null : "subnet-functions",
    alwaysReadyFunctions: ["routeAlerts"],
    settings: { Extra: "1" },
  });
  const site = resources(stack, "azapi_resource").find(({ type }) =>
    String(type).startsWith("Microsoft.Web/sites@"),
  )!;
  return { stack, body: site["body"] as SiteBody };
}

describe("FunctionApp", () => {
  it("runs Node 22 on Flex, by HTTPS with TLS 1.2", () => {
    const { stack, body } = appIn("prod");
    expect(only(stack, "azurerm_service_plan")).toMatchObject({ sku_name: "FC1", os_type: "Linux" });
    expect(body.kind).toBe("functionapp,linux");
    expect(body.properties).toMatchObject({ httpsOnly: true, siteConfig: { minTlsVersion: "1.2" } });
    expect(body.properties.functionAppConfig.runtime).toEqual({ name: "node", version: "22" });
  });

  it("reaches its own storage by identity and has no connection string", () => {
    const { appSettings } = appIn("prod").body.properties.siteConfig;
    expect(appSettings.map(({ name }) => name)).toEqual([
      "AzureWebJobsStorage__accountName",
      "AzureWebJobsStorage__clientId",
      "AzureWebJobsStorage__credential",
      "Extra",
    ]);
    expect(appSettings.filter(({ value }) => /AccountKey|SharedAccessKey/.test(value))).toEqual([]);
    expect(appIn("prod").body.properties.functionAppConfig.deployment.storage.authentication.type).toBe(
      "UserAssignedIdentity",
    );
  });

  it.each([
    ["blobs", "Storage Blob Data Owner"],
    ["queues", "Storage Queue Data Contributor"],
    ["tables", "Storage Table Data Contributor"],
  ])("may use its %s", (_, role) => {
    const roles = resources(appIn("prod").stack, "azurerm_role_assignment").map(
      ({ role_definition_name: name }) => name,
    );
    expect(roles.filter((name) => name === role)).toHaveLength(1);
  });

  it("keeps instances ready in prod and none in dev", () => {
    const ready = (stage: StageName) =>
      appIn(stage).body.properties.functionAppConfig.scaleAndConcurrency.alwaysReady;
    expect(ready("prod")).toEqual([{ name: "function:routeAlerts", instanceCount: 2 }]);
    expect(ready("dev")).toEqual([]);
  });

  it("is private where the stage is", () => {
    expect(appIn("prod").body.properties).toMatchObject({
      publicNetworkAccess: "Disabled",
      virtualNetworkSubnetId: "subnet-functions",
    });
    expect(appIn("dev").body.properties.publicNetworkAccess).toBe("Enabled");
    expect(resources(appIn("prod").stack, "azurerm_private_endpoint")).toHaveLength(1);
  });

  it("takes no passwords for publishing", () => {
    const policies = resources(appIn("prod").stack, "azapi_resource").filter(({ type }) =>
      String(type).includes("basicPublishingCredentialsPolicies"),
    );
    expect(policies.map(({ name, body }) => [name, body])).toEqual([
      ["ftp", { properties: { allow: false } }],
      ["scm", { properties: { allow: false } }],
    ]);
  });
});
