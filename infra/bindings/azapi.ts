import { TerraformProvider, TerraformResource } from "cdktf";
import type { Construct } from "constructs";

const generator = { providerName: "azapi", providerVersionConstraint: "~> 2.10" };

export interface AzapiProviderConfig {
  readonly subscriptionId: string;
  readonly tenantId: string;
}

/** The azapi provider: what azurerm cannot say, as the ARM body itself. */
export class AzapiProvider extends TerraformProvider {
  readonly #config: AzapiProviderConfig;

  constructor(scope: Construct, id: string, config: AzapiProviderConfig) {
    super(scope, id, {
      terraformResourceType: "azapi",
      terraformGeneratorMetadata: generator,
      terraformProviderSource: "Azure/azapi",
    });
    this.#config = config;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { subscription_id: this.#config.subscriptionId, tenant_id: this.#config.tenantId };
  }
}

export interface AzapiResourceConfig {
  /** Resource type with its API version, as `Microsoft.Kusto/clusters/databases/scripts@2024-04-13`. */
  readonly type: string;
  readonly name: string;
  /** Id of the resource that this one stands under. */
  readonly parentId: string;
  readonly location?: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly identity?: {
    readonly type: "SystemAssigned" | "UserAssigned";
    readonly identityIds?: readonly string[];
  };
  readonly tags?: Readonly<Record<string, string>>;
  /** Paths of the response that other resources read. */
  readonly responseExportValues?: readonly string[];
  /** @default true */
  readonly schemaValidation?: boolean;
  readonly dependsOn?: readonly TerraformResource[];
}

/** One ARM resource with its body; azapi checks the body against the types it carries. */
export class AzapiResource extends TerraformResource {
  readonly #config: AzapiResourceConfig;

  constructor(scope: Construct, id: string, config: AzapiResourceConfig) {
    super(scope, id, {
      terraformResourceType: "azapi_resource",
      terraformGeneratorMetadata: generator,
      ...(config.dependsOn && { dependsOn: [...config.dependsOn] }),
    });
    this.#config = config;
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const { type, name, parentId, location, body, identity, tags, responseExportValues, schemaValidation } =
      this.#config;
    return {
      type,
      name,
      parent_id: parentId,
      body,
      ...(location !== undefined && { location }),
      ...(identity !== undefined && {
        identity: [
          { type: identity.type, ...(identity.identityIds && { identity_ids: identity.identityIds }) },
        ],
      }),
      ...(tags !== undefined && { tags }),
      ...(responseExportValues !== undefined && { response_export_values: responseExportValues }),
      ...(schemaValidation !== undefined && { schema_validation_enabled: schemaValidation }),
    };
  }
}

export interface AzapiUpdateResourceConfig {
  readonly type: string;
  readonly resourceId: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly dependsOn?: readonly TerraformResource[];
}

/** Sets properties of a resource that another provider made. */
export class AzapiUpdateResource extends TerraformResource {
  readonly #config: AzapiUpdateResourceConfig;

  constructor(scope: Construct, id: string, config: AzapiUpdateResourceConfig) {
    super(scope, id, {
      terraformResourceType: "azapi_update_resource",
      terraformGeneratorMetadata: generator,
      ...(config.dependsOn && { dependsOn: [...config.dependsOn] }),
    });
    this.#config = config;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const { type, resourceId, body } = this.#config;
    return { type, resource_id: resourceId, body };
  }
}
