import { AzapiResource } from "../../bindings/azapi";
import type { Construct } from "../../bindings/cdktf";
import { readRepositoryFile } from "../../config/repository";
import type { IdentityReference } from "../../stacks/identity-stack";
import { fillPlaces } from "../analytics/kusto-script-text";
import { Service, type Surroundings } from "../service";

export interface WorkflowProps extends Surroundings {
  /** Word in the workflow's name. */
  readonly what: string;
  /** File of `data-plane/logic-apps`. */
  readonly definition: string;
  readonly places: Readonly<Record<string, string>>;
  readonly identity: IdentityReference;
  /** API connections by name, all authenticated by the workflow's identity. */
  readonly connections?: Readonly<Record<string, { readonly connectionId: string; readonly apiId: string }>>;
}

/**
 * A Logic App (Consumption) with its whole definition in one body. What it finds ends its run as failed, with the finding
 * as the error; the alert on failed runs tells the team, of findings and of the workflow's own failures alike.
 */
export class Workflow extends Service {
  readonly resource: AzapiResource;

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id, props);
    const { identity } = props;
    const text = fillPlaces(
      readRepositoryFile(`infra/data-plane/logic-apps/${props.definition}`),
      props.places,
    );
    const connections = Object.entries(props.connections ?? {}).map(([name, { connectionId, apiId }]) => [
      name,
      {
        connectionId,
        id: apiId,
        connectionName: name,
        connectionProperties: { authentication: { type: "ManagedServiceIdentity", identity: identity.id } },
      },
    ]);
    this.resource = new AzapiResource(this, "workflow", {
      type: "Microsoft.Logic/workflows@2019-05-01",
      name: this.stack.nameOf("logicApp", props.what),
      parentId: this.stack.group.id,
      location: this.place.location,
      identity: { type: "UserAssigned", identityIds: [identity.id] },
      body: {
        properties: {
          state: "Enabled",
          definition: JSON.parse(text),
          accessControl: {
            // Recurrences start the runs; nobody calls in, and nobody reads their contents from outside.
            triggers: { allowedCallerIpAddresses: [] },
            contents: { allowedCallerIpAddresses: [] },
          },
          ...(connections.length > 0 && {
            parameters: { $connections: { value: Object.fromEntries(connections) } },
          }),
        },
      },
      tags: this.place.tags,
    });
    this.diagnose(`logic-${props.what}`, this.resource.id);
  }
}
