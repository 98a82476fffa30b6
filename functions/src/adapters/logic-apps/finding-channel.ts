import type { FindingChannel } from "../../domain/findings";
import { type EntraService, sendToService } from "../entra/entra-client";

/** Address of Resource Manager; its tokens are those that the workflow accepts too. */
export const resourceManager = {
  address: "https://management.azure.com",
  scope: "https://management.azure.com/.default",
};

/**
 * Tells a Logic App, which decides what people hear. The workflow is named by its resource id; Resource Manager knows the
 * address that it got when it was made.
 */
export function logicAppChannel(
  manager: EntraService,
  workflowId: string,
  trigger = "finding",
): FindingChannel {
  let endpoint: string | undefined;
  const find = async (): Promise<string> => {
    const { body } = await sendToService(manager, {
      method: "GET",
      path: `${workflowId}?api-version=2019-05-01`,
      expected: [200],
    });
    const { accessEndpoint } = (body as { readonly properties: { readonly accessEndpoint: string } })
      .properties;
    return accessEndpoint.replace(/\/$/, "");
  };
  return {
    async tell(finding) {
      endpoint ??= await find();
      try {
        await sendToService(
          { ...manager, address: endpoint },
          {
            method: "POST",
            path: `/triggers/${trigger}/paths/invoke?api-version=2016-10-01`,
            // Runs of one finding are found by it.
            headers: { "x-ms-client-tracking-id": finding.id },
            body: finding,
            expected: [200, 202],
          },
        );
      } catch (error) {
        // A workflow that was made again has another address.
        endpoint = undefined;
        throw error;
      }
    },
  };
}
