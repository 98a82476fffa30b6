import { app, type InvocationContext } from "@azure/functions";
import { topology } from "../../../contracts";
import { connections, functionNamed, required, untilItSucceeds } from "./registration";

/**
 * Registers a function on the change feed of the container that the topology names, from its beginning. Each function has
 * leases of its own in the common container.
 */
export function registerChangeFeedFunction<Document>(
  name: string,
  handler: (documents: readonly Document[], context: InvocationContext) => Promise<void>,
): void {
  const entry = functionNamed(name, "cosmosDB");
  app.cosmosDB(name, {
    connection: connections.cosmos,
    databaseName: topology.cosmos.database,
    containerName: required(entry, "container"),
    leaseContainerName: required(entry, "leases"),
    leaseContainerPrefix: `${name}-`,
    createLeaseContainerIfNotExists: false,
    startFromBeginning: true,
    feedPollDelay: 500,
    maxItemsPerInvocation: 500,
    retry: untilItSucceeds,
    handler: (documents: unknown[], context: InvocationContext) => handler(documents as Document[], context),
  });
}
