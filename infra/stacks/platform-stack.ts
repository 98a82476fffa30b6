import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { AzapiProvider } from "../bindings/azapi";
import { AzurermBackend, type Construct, TerraformStack } from "../bindings/cdktf";
import { deployment as configured, type Deployment } from "../config/deployment";
import { type NameMaker, nameMaker } from "../config/names";
import type { StageConfig } from "../config/stages";

/** Resource providers that the platform's resources need; registered once per subscription by the bootstrap stack. */
export const azurermVersion = "~> 4.81";

export interface PlatformStackProps {
  readonly stage: StageConfig;
  /** @default the repository's deployment file */
  readonly deployment?: Deployment;
}

/**
 * A deployable unit: one state file, one resource group, the providers, and the names and tags that everything in it
 * carries. Stacks depend only on stacks before them in stacks/index.ts, and pass on ids and names, never secrets.
 */
export class PlatformStack extends TerraformStack {
  readonly stage: StageConfig;
  readonly deployment: Deployment;
  readonly nameOf: NameMaker;
  readonly tags: Readonly<Record<string, string>>;
  readonly location: string;
  #group: ResourceGroup | undefined;

  constructor(scope: Construct, stackName: string, props: PlatformStackProps) {
    super(scope, `${props.stage.name}-${stackName}`);
    this.stage = props.stage;
    this.deployment = props.deployment ?? configured;
    this.location = this.deployment.region;
    this.nameOf = nameMaker(this.deployment, this.stage.name);
    this.tags = {
      project: this.deployment.workload,
      environment: this.stage.name,
      stack: stackName,
      owner: this.deployment.owner,
      costCenter: this.deployment.costCenter,
      dataClassification: "internal",
      managedBy: "cdktf",
      repo: this.deployment.repository,
    };
    this.addOverride("terraform.required_version", ">= 1.11");
    new AzurermProvider(this, "azurerm", {
      subscriptionId: this.deployment.subscriptionId,
      tenantId: this.deployment.tenantId,
      storageUseAzuread: true,
      resourceProviderRegistrations: "none",
      features: [this.#features()],
    });
    this.addOverride("terraform.required_providers.azurerm.version", azurermVersion);
    new AzapiProvider(this, "azapi", {
      subscriptionId: this.deployment.subscriptionId,
      tenantId: this.deployment.tenantId,
    });
    this.useBackend(stackName);
  }

  /** The stack's resource group, made at first use. */
  get group(): ResourceGroup {
    this.#group ??= new ResourceGroup(this, "group", {
      name: this.nameOf("resourceGroup", this.tags["stack"]),
      location: this.location,
      tags: this.tags,
    });
    return this.#group;
  }

  get isProduction(): boolean {
    return this.stage.topologyStage === "prod";
  }

  /** State in the bootstrap account; the bootstrap stack itself starts with local state. */
  protected useBackend(stackName: string): void {
    new AzurermBackend(this, {
      resourceGroupName: this.nameOf("resourceGroup", "state"),
      storageAccountName: this.nameOf("storage", "tf"),
      containerName: "tfstate",
      key: `${this.deployment.workload}/${this.stage.name}/${stackName}.tfstate`,
      useOidc: true,
      useAzureadAuth: true,
      subscriptionId: this.deployment.subscriptionId,
      tenantId: this.deployment.tenantId,
    });
  }

  #features() {
    const disposable = this.stage.name === "dev";
    return {
      resourceGroup: [{ preventDeletionIfContainsResources: !disposable }],
      keyVault: [{ purgeSoftDeleteOnDestroy: disposable, recoverSoftDeletedKeyVaults: true }],
      logAnalyticsWorkspace: [{ permanentlyDeleteOnDestroy: disposable }],
      machineLearning: [{ purgeSoftDeletedWorkspaceOnDestroy: disposable }],
      applicationInsights: [{ disableGeneratedRule: true }],
      databricksWorkspace: [{ forceDelete: disposable }],
      // The runner has no private line to the accounts, so the provider must not try their data plane.
      storage: [{ dataPlaneAvailable: false }],
    };
  }
}
