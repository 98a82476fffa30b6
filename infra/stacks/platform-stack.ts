import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { AzapiProvider } from "../bindings/azapi";
import { AzurermBackend, type Construct, LocalBackend, TerraformStack } from "../bindings/cdktf";
import { deployment as configured, type Deployment } from "../config/deployment";
import { type NameMaker, nameMaker } from "../config/names";
import type { StageConfig } from "../config/stages";

/** The last 4.x: newer than the bindings, which write an exact older version. */
export const azurermVersion = "~> 4.81";

/** Where a resource stands and what it is tagged with: the arguments that nearly all of them take. */
export interface Place {
  readonly location: string;
  readonly resourceGroupName: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface PlatformStackProps {
  readonly stage: StageConfig;
  /** @default the repository's deployment file */
  readonly deployment?: Deployment;
  /** `local` for the very first run of the bootstrap stack, before the state account exists. @default "azurerm" */
  readonly state?: "local" | "azurerm";
}

/**
 * A deployable unit: one state file, the providers, and the names and tags that everything in it carries. All stacks of
 * a stage share the resource group that its bootstrap stack makes. Stacks depend only on stacks before them in app.ts,
 * and pass on ids and names, never secrets.
 */
export class PlatformStack extends TerraformStack {
  readonly stage: StageConfig;
  readonly deployment: Deployment;
  readonly nameOf: NameMaker;
  readonly tags: Readonly<Record<string, string>>;
  readonly location: string;
  /** The stage's resource group, made by the bootstrap stack; its name is known, so nothing has to be read. */
  readonly group: { readonly name: string; readonly id: string };
  readonly place: Place;

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
    const groupName = this.nameOf("resourceGroup");
    this.group = {
      name: groupName,
      id: `/subscriptions/${this.deployment.subscriptionId}/resourceGroups/${groupName}`,
    };
    this.place = { location: this.location, resourceGroupName: groupName, tags: this.tags };
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
    this.#useBackend(stackName, props.state ?? "azurerm");
  }

  /** Public endpoints are shut and private ones made. */
  get isPrivate(): boolean {
    return this.stage.flags.privateNetworking;
  }

  get isProduction(): boolean {
    return this.stage.topologyStage === "prod";
  }

  #useBackend(stackName: string, state: "local" | "azurerm"): void {
    if (state === "local") {
      new LocalBackend(this, { path: `terraform.${this.stage.name}-${stackName}.tfstate` });
      return;
    }
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
