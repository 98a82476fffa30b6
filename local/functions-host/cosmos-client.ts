import { CosmosClient } from "@azure/cosmos";

/** Opens a local database: one place, which the client must not shun for minutes after a restart of the server. */
export function localCosmosClient(connectionString: string): CosmosClient {
  return new CosmosClient({ connectionString, connectionPolicy: { enableEndpointDiscovery: false } });
}
