import { CosmosClient, type Database } from "@azure/cosmos";
import { topology } from "../../../../contracts";
import { credentialFor } from "../config/credential";
import type { Connection } from "../config/settings";

/** Opens the platform's database. */
export function openDatabase(connection: Connection): Database {
  const client =
    connection.kind === "connectionString"
      ? new CosmosClient(connection.connectionString)
      : new CosmosClient({
          endpoint: connection.address,
          aadCredentials: credentialFor(connection.clientId),
        });
  return client.database(topology.cosmos.database);
}
