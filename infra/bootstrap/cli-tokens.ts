import { AzureCliCredential } from "@azure/identity";
import { deployment } from "../config/deployment";
import { BootstrapError } from "./errors";
import type { TokenSource } from "./service-client";

/** Signs in as the Azure CLI is, on a runner after azure/login and on a developer's machine alike. */
export function cliTokens(): TokenSource {
  const credential = new AzureCliCredential({ tenantId: deployment.tenantId });
  return async (scope) => {
    try {
      return (await credential.getToken(scope)).token;
    } catch (error) {
      throw new BootstrapError(
        "BOOTSTRAP_NOT_SIGNED_IN",
        `no token for ${scope}: ${error instanceof Error ? error.message : String(error)}`,
        `az login --tenant ${deployment.tenantId}`,
      );
    }
  };
}
