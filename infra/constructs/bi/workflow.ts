import { AzapiResource } from "../../bindings/azapi";
import type { Construct } from "../../bindings/cdktf";
import { readRepositoryFile } from "../../config/repository";
import { Service, type Surroundings } from "../service";

/** Word in the name of the workflow that findings are told to; the speed stack names it before it stands. */
export const findingsWorkflow = "findings";

export interface WorkflowProps extends Surroundings {
  /** Word in the workflow's name. */
  readonly what: string;
  /** File of `data-plane/logic-apps`. */
  readonly definition: string;
  /** Object id of the only identity that may start it. */
  readonly callerPrincipalId: string;
}

/**
 * A Logic App (Consumption) with its whole definition in one body. It reaches into no network: whoever found something
 * inside calls it, with a token. What it is told ends its run as failed, with the finding as the error; the alert on failed
 * runs tells the team, of findings and of the workflow's own failures alike.
 */
export class Workflow extends Service {
  readonly resource: AzapiResource;

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id, props);
    const { deployment } = this.stack;
    const claim = (name: string, value: string) => ({ name, value });
    this.resource = new AzapiResource(this, "workflow", {
      type: "Microsoft.Logic/workflows@2019-05-01",
      name: this.stack.nameOf("logicApp", props.what),
      parentId: this.stack.group.id,
      location: this.place.location,
      body: {
        properties: {
          state: "Enabled",
          definition: JSON.parse(readRepositoryFile(`infra/data-plane/logic-apps/${props.definition}`)),
          accessControl: {
            // The trigger refuses signed addresses: a caller without a token is nobody.
            triggers: {
              openAuthenticationPolicies: {
                policies: {
                  caller: {
                    type: "AAD",
                    claims: [
                      claim("iss", `https://sts.windows.net/${deployment.tenantId}/`),
                      claim("aud", "https://management.azure.com"),
                      claim("oid", props.callerPrincipalId),
                    ],
                  },
                },
              },
            },
            // Nobody reads the runs' contents from outside.
            contents: { allowedCallerIpAddresses: [] },
          },
        },
      },
      tags: this.place.tags,
    });
    this.diagnose(`logic-${props.what}`, this.resource.id);
  }
}
