import { app, type InvocationContext } from "@azure/functions";
import { topology } from "../../../contracts";
import { type ChangedRow, fanOutViewChanges, type ViewChangeChannel } from "../domain/view-changes";
import { connections, functionNamed, required, untilItSucceeds } from "./registration";

const name = "fanOutViewChanges";

/** Handler: changed windows go to the hub `view-changes`. */
export function fanOutViewChangesHandler(channel: ViewChangeChannel) {
  const fanOut = fanOutViewChanges(channel);
  return async (rows: readonly ChangedRow[], _context: InvocationContext): Promise<void> => {
    await fanOut(rows);
  };
}

export function registerFanOutViewChanges(channel: ViewChangeChannel): void {
  const entry = functionNamed(name, "cosmosDB");
  const handler = fanOutViewChangesHandler(channel);
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
    handler: (documents: unknown[], context: InvocationContext) =>
      handler(documents as ChangedRow[], context),
  });
}
