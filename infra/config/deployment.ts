/** What a team changes before its first deploy: where the platform goes. Nothing here is secret. */
export interface Deployment {
  /** Short lower-case word in every resource name, 2 to 8 letters or digits. */
  readonly workload: string;
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** Azure region, in its short form. */
  readonly region: string;
  /** Region as Azure's announcements call it. */
  readonly regionName: string;
  /** Region's abbreviation in names. */
  readonly regionShort: string;
  /**
   * Five hexadecimal digits that make global names unique: the first of sha1(subscriptionId + resource group). Fixed in
   * configuration so that plans are repeatable.
   */
  readonly uniqueSuffix: string;
  /** Repository that deploys by OIDC, as `owner/name`. */
  readonly repository: string;
  readonly owner: string;
  readonly costCenter: string;
  readonly alertEmail: string;
  /** Entra group that administers data planes (SQL, Kusto, Grafana). */
  readonly adminGroupObjectId: string;
  readonly adminGroupName: string;
  /** Account-level Unity Catalog metastore of the region, made once by the Databricks account's administrator. */
  readonly databricksMetastoreId: string;
  /** User principal name of who administers capacities of Fabric and Power BI; these take no groups. */
  readonly capacityAdministrator: string;
  /** Workspace that a stage with streaming output to Power BI writes to. */
  readonly powerBi: { readonly workspaceId: string; readonly workspaceName: string };
  /** CIDR blocks that may reach the public endpoints of stage dev. */
  readonly developerCidrs: readonly string[];
  /** An existing network to join instead of making one; null makes one. */
  readonly existingNetwork: { readonly virtualNetworkId: string } | null;
}

export const deployment: Deployment = {
  workload: "lambda",
  subscriptionId: "00000000-0000-0000-0000-000000000000",
  tenantId: "11111111-1111-1111-1111-111111111111",
  region: "westeurope",
  regionName: "West Europe",
  regionShort: "weu",
  uniqueSuffix: "a1b2c",
  repository: "example/lambda-platform",
  owner: "data-platform",
  costCenter: "0000",
  alertEmail: "data-platform@example.com",
  adminGroupObjectId: "22222222-2222-2222-2222-222222222222",
  adminGroupName: "data-platform-admins",
  databricksMetastoreId: "33333333-3333-3333-3333-333333333333",
  capacityAdministrator: "data-platform@example.com",
  powerBi: { workspaceId: "44444444-4444-4444-4444-444444444444", workspaceName: "Lambda" },
  developerCidrs: ["203.0.113.0/24"],
  existingNetwork: null,
};
