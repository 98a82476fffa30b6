import { CosmosClient, type Database } from "@azure/cosmos";
import { topology } from "../../../../contracts";
import { credentialFor } from "../config/credential";
import type { Connection } from "../config/settings";

/** Opens the platform's database. */
export function openDatabase(connection: Connection): Database {
  const client =
    connection.kind === "connectionString"
      ? new CosmosClient({
          connectionString: connection.connectionString,
          // A connection string is a local server: one place, which the client must not shun for minutes after a restart.
          connectionPolicy: { enableEndpointDiscovery: false },
        })
      : new CosmosClient({
          endpoint: connection.address,
          aadCredentials: credentialFor(connection.clientId),
        });
  return client.database(topology.cosmos.database);
}
